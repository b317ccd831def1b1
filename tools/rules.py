"""House rules that a linter does not know, checked on the source's syntax.

Each rule is a function from a tree's root to lines that say where it is broken and what to do instead.
`tests/architecture/test_rules.py` plants a violation of each.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeGuard

ROOT: Final = Path(__file__).resolve().parents[1]
CONTEXTS: Final = ("shops", "referral", "acquisition", "engagement", "tracking")
PURE: Final = frozenset({
    "__future__", "abc", "base64", "bisect", "collections", "contextlib", "dataclasses", "datetime", "decimal", "enum",
    "fractions", "functools", "hashlib", "heapq", "hmac", "itertools", "json", "math", "operator", "re", "string",
    "types", "typing", "unicodedata", "urllib.parse", "uuid", "zlib", "zoneinfo",
})  # fmt: skip
"""Modules of the standard library that neither see nor touch anything outside."""
IMPURE_CALLS: Final = frozenset({"now", "utcnow", "today", "uuid1", "uuid3", "uuid4", "uuid7", "getnode"})
IMPURE_OWNERS: Final = frozenset({"datetime", "date", "uuid"})
IMPURE_BUILTINS: Final = frozenset({"open", "print", "input", "eval", "exec", "compile", "__import__", "breakpoint"})
HTTP_WORDS: Final = re.compile(r"^(status_code|HTTPStatus|HTTP_\d{3}.*|http_status)$")
KERNEL_LINES: Final = 300
FILE_LINES: Final = 300
FUNCTION_LINES: Final = 40
LONGER: Final[dict[str, str]] = {
    "adapters/shared/postgres/ddl.py:toolkit_tables": "one list of statements, in the order in which they run",
    "tests/faults/test_bad_input.py:_bodies": "one table with a valid body for every route",
}
"""Files or functions ("path" or "path:name") that may be longer, each with its reason."""
CODE: Final = ("src", "adapters", "tests", "benchmarks", "tools")

Rule = Callable[[Path], Iterator[str]]


def _sources(root: Path, *folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            yield path.relative_to(root).as_posix(), ast.parse(path.read_text("utf-8"))


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")


def _calls(tree: ast.AST) -> Iterator[tuple[int, ast.expr, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            yield node.lineno, function, getattr(function, "attr", getattr(function, "id", ""))


def imports_under_src(root: Path) -> Iterator[str]:
    """src/ imports its own context, the kernel, msgspec and pure standard modules."""
    for file, tree in _sources(root, "src"):
        own = file.split("/")[1]
        for line, name in _imports(tree):
            head = name.partition(".")[0]
            if head not in {own, "kernel", "msgspec"} and head not in PURE and name not in PURE:
                yield f"{file}:{line}: imports {name}; src/ imports its own context, kernel, msgspec and pure modules"


def purity_of_src(root: Path) -> Iterator[str]:
    """Clock, randomness, ids and settings arrive in src/ as arguments; src/ does no input or output."""
    for file, tree in _sources(root, "src"):
        names = [a for n in ast.walk(tree) if _is_from_uuid(n) for a in n.names]
        asked = {a.asname or a.name for a in names if a.name in IMPURE_CALLS}
        for line, function, name in _calls(tree):
            owner = getattr(
                getattr(function, "value", None), "id", getattr(getattr(function, "value", None), "attr", "")
            )
            if name in asked or (name in IMPURE_CALLS and owner in IMPURE_OWNERS):
                yield f"{file}:{line}: calls {name}(); the clock and ids are arguments"
            if name in IMPURE_BUILTINS and isinstance(function, ast.Name):
                yield f"{file}:{line}: calls {name}(); src/ does no input or output"
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}:
                yield f"{file}:{node.lineno}: reads the environment; settings are arguments"


def _is_from_uuid(node: ast.AST) -> TypeGuard[ast.ImportFrom]:
    return isinstance(node, ast.ImportFrom) and node.module == "uuid"


def no_http_in_src(root: Path) -> Iterator[str]:
    """A refusal has a code and a kind; only adapters/shared knows HTTP statuses."""
    for file, tree in _sources(root, "src"):
        for node in ast.walk(tree):
            name = getattr(node, "attr", getattr(node, "id", getattr(node, "arg", "")))
            if isinstance(name, str) and HTTP_WORDS.match(name):
                yield f"{file}:{getattr(node, 'lineno', 0)}: says {name}; HTTP statuses live in adapters/shared/http"


def small_kernel(root: Path) -> Iterator[str]:
    """The kernel stays a leaf of at most 300 lines in all."""
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in (root / "src" / "kernel").rglob("*.py"))
    if lines > KERNEL_LINES:
        yield f"src/kernel: {lines} lines; what {KERNEL_LINES} do not hold belongs to a context"


def sizes(root: Path) -> Iterator[str]:
    """About 300 lines a file and 40 a function; past that, split by concept."""
    for folder in CODE:
        for path in sorted((root / folder).rglob("*.py")):
            file = path.relative_to(root).as_posix()
            text = path.read_text("utf-8")
            lines = len(text.splitlines())
            history = "/migrations/versions/" in file  # what has run is not rewritten for its length
            if lines > FILE_LINES and not history and file not in LONGER:
                yield f"{file}: {lines} lines; split by concept"
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    long = (node.end_lineno or node.lineno) - node.lineno + 1
                    if long > FUNCTION_LINES and f"{file}:{node.name}" not in LONGER:
                        yield f"{file}:{node.lineno}: {node.name} has {long} lines; split by concept"


def no_injection(root: Path) -> Iterator[str]:
    """dependency-injector lives in container.py files; nothing is injected by decorator or wiring."""
    for file, tree in _sources(root, "src", "adapters"):
        for line, name in _imports(tree):
            injector = name.partition(".")[0] == "dependency_injector"
            if injector and not file.endswith("/container.py"):
                yield f"{file}:{line}: imports {name}; dependency-injector lives in container.py files"
            if injector and "wiring" in name:
                yield f"{file}:{line}: imports {name}; nothing is wired, objects are given what they need"
        for node in ast.walk(tree):
            for decorator in getattr(node, "decorator_list", []):
                bare = decorator.func if isinstance(decorator, ast.Call) else decorator
                if getattr(bare, "attr", getattr(bare, "id", "")) == "inject":
                    yield f"{file}:{decorator.lineno}: uses @inject; objects are given what they need"


def whole_packages(root: Path) -> Iterator[str]:
    """Every package has an __init__.py, or import-linter does not see what is in it."""
    for folder in ("src", "adapters"):
        for path in sorted((root / folder).rglob("*.py")):
            home = path.parent
            migration = home.name in {"versions", "alembic"}
            if not migration and home != root / "src" and not (home / "__init__.py").exists():
                yield f"{path.relative_to(root).as_posix()}: stands in a folder without __init__.py"


def frozen_structs(root: Path) -> Iterator[str]:
    """Values, entities, commands and events are frozen."""
    for file, tree in _sources(root, "src"):
        for node in ast.walk(tree):
            if not isinstance(node, ast.ClassDef):
                continue
            bases = {getattr(base, "attr", getattr(base, "id", "")) for base in node.bases}
            if "Struct" in bases and not _says(node.keywords, "frozen"):
                yield f"{file}:{node.lineno}: {node.name} is not frozen"


def _says(keywords: list[ast.keyword], name: str) -> bool:
    return any(k.arg == name and isinstance(k.value, ast.Constant) and k.value.value is True for k in keywords)


def one_use_case_a_file(root: Path) -> Iterator[str]:
    """A file of application/ holds at most one handler, a frozen dataclass with slots and an async __call__.

    Reads of the same thing may share a file under queries/.
    """
    for file, tree in _sources(root, *(f"src/{context}/application" for context in CONTEXTS)):
        handlers = [node for node in tree.body if isinstance(node, ast.ClassDef) and _call_of(node) is not None]
        if len(handlers) > 1 and "/queries/" not in file:
            yield f"{file}: holds {', '.join(node.name for node in handlers)}; one use case a file"
        for node in handlers:
            if not any(_is_frozen_dataclass(decorator) for decorator in node.decorator_list):
                yield f"{file}:{node.lineno}: {node.name} is not a @dataclass(frozen=True, slots=True)"
            if isinstance(_call_of(node), ast.FunctionDef):
                yield f"{file}:{node.lineno}: {node.name}.__call__ is not async"


def _call_of(node: ast.ClassDef) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    named = (n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.name == "__call__")
    return next(named, None)


def _is_frozen_dataclass(decorator: ast.expr) -> bool:
    named = isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "dataclass"
    return named and isinstance(decorator, ast.Call) and all(_says(decorator.keywords, n) for n in ("frozen", "slots"))


def no_handler_calls_a_handler(root: Path) -> Iterator[str]:
    """A use case that another needs is domain code, or a function beside the use cases, never their handler."""
    for context in CONTEXTS:
        trees = dict(_sources(root, f"src/{context}/application"))
        handlers = {n.name for t in trees.values() for n in t.body if isinstance(n, ast.ClassDef) and _call_of(n)}
        for file, tree in trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom):
                    for name in sorted({alias.name for alias in node.names} & handlers):
                        yield f"{file}:{node.lineno}: uses the handler {name}; a handler never calls a handler"


def documented_contracts(root: Path) -> Iterator[str]:
    """Ports and events say what they promise."""
    for context in CONTEXTS:
        if not (root / "src" / context).exists():
            continue
        for file, tree in _sources(root, f"src/{context}"):
            if not file.endswith(("ports.py", "events.py", "__init__.py")):
                continue
            if file == f"src/{context}/__init__.py" and not ast.get_docstring(tree):
                yield f"{file}: does not say what the context is for and what it owns"
            for node in tree.body:
                if isinstance(node, ast.ClassDef) and not _is_documented(node):
                    yield f"{file}:{node.lineno}: {node.name} does not say what it promises; it is a contract"


def _is_documented(node: ast.ClassDef) -> bool:
    """The class says it, or each of its methods says its own part."""
    methods = [n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    return bool(ast.get_docstring(node)) or (bool(methods) and all(ast.get_docstring(n) for n in methods))


def codes_of_refusals(root: Path) -> Iterator[str]:
    """A refusal's public code is stable and means one thing within a context."""
    seen: dict[tuple[str, str], str] = {}
    for file, tree in _sources(root, "src", "adapters"):
        for node, code in _codes(tree):
            if not re.fullmatch(r"[a-z][a-z0-9_]{2,59}", code):
                yield f"{file}:{node.lineno}: the code {code!r} is not snake_case"
            place = f"{file}:{node.lineno}"
            before = seen.setdefault((file.split("/")[1], code), place)
            if before != place:
                yield f"{place}: the code {code!r} stands in {before} already"


def _codes(tree: ast.Module) -> Iterator[tuple[ast.ClassDef, str]]:
    for node in ast.walk(tree):
        for item in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(node, ast.ClassDef) and isinstance(item, ast.Assign) and isinstance(item.value, ast.Constant):
                names = [target.id for target in item.targets if isinstance(target, ast.Name)]
                if names == ["code"] and isinstance(item.value.value, str):
                    yield node, item.value.value


RULES: Final[tuple[Rule, ...]] = (
    imports_under_src, purity_of_src, no_http_in_src, small_kernel, sizes, no_injection, whole_packages, frozen_structs,
    one_use_case_a_file, no_handler_calls_a_handler, documented_contracts, codes_of_refusals,
)  # fmt: skip


def main() -> int:
    from tools.database_rules import RULES as DATABASE_RULES

    broken = [f"{line}  [{rule.__name__}]" for rule in (*RULES, *DATABASE_RULES) for line in rule(ROOT)]
    sys.stdout.write("".join(f"{line}\n" for line in broken))
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
