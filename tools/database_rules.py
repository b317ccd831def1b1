"""House rules about how code meets the database and the outside, and how tests are written."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

SET_CONFIG: Final = re.compile(r"set_config\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)", re.IGNORECASE)
SET_SESSION: Final = re.compile(r"\bSET\s+(SESSION\s+)?\"?app\.", re.IGNORECASE)
COMMITS: Final = re.compile(r"^\s*(COMMIT|ROLLBACK|END)\s*(;|$)")
TRANSACTIONS: Final = {
    "adapters/shared/postgres/unit.py": "the one place where a unit of work begins and ends",
    "adapters/shared/postgres/request_scope.py": "ends the unit that a request with an idempotency key holds open",
    "adapters/shared/http/idempotency.py": "tells the scope that the answer is stored",
    "adapters/shared/postgres/group_commit.py": "one statement is one transaction",
    "adapters/shared/postgres/alembic/env.py": "migrations, as the owner",
}
"""Files that may end a transaction, each with its reason."""
MACHINE: Final = re.compile(r"(?<![\w.~$}/])/(work|root|home|Users|tmp/\w)[/\w-]*")
SKIPS: Final = frozenset({"skip", "skipif", "importorskip", "xfail"})
FOLDERS: Final = ("src", "adapters", "tests", "benchmarks", "tools")

Rule = Callable[[Path], Iterator[str]]


def _texts(root: Path, *folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            yield path.relative_to(root).as_posix(), ast.parse(path.read_text("utf-8"))


def _strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every string literal; of an f-string its text with the values as {}."""
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values]
            inside.update(id(part) for part in node.values)
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.lineno, node.value


def tenancy_ends_with_the_transaction(root: Path) -> Iterator[str]:
    """A shop that is set for a session leaks into the next transaction of a pooled connection."""
    for file, tree in _texts(root, "src", "adapters", "benchmarks"):
        for line, text in _strings(tree):
            for call in SET_CONFIG.finditer(text):
                if not call[1].rstrip().lower().endswith("true"):
                    yield f"{file}:{line}: set_config without `true`; tenancy ends with the transaction"
            if SET_SESSION.search(text):
                yield f"{file}:{line}: SET app.…; tenancy is set by set_config(…, true) in the transaction"


def only_units_commit(root: Path) -> Iterator[str]:
    """One use case, one transaction, opened by `begin(shop)`; nothing else commits."""
    for file, tree in _texts(root, "src", "adapters"):
        if file in TRANSACTIONS or file.startswith("adapters/host/demo/"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"commit", "rollback"}:
                yield f"{file}:{node.lineno}: ends a transaction; units of work do that"
        for line, text in _strings(tree):
            if COMMITS.match(text):
                yield f"{file}:{line}: ends a transaction; units of work do that"


def no_machine_paths(root: Path) -> Iterator[str]:
    """The tree may stand anywhere; nothing names a folder of somebody's machine."""
    for file, tree in _texts(root, *FOLDERS):
        if file in {"tools/database_rules.py", "tests/architecture/test_rules.py"}:
            continue
        for line, text in _strings(tree):
            found = MACHINE.search(text)
            if found and "\n" not in text:
                yield f"{file}:{line}: names {found[0]}; folders come from settings or from the file's own place"


def nothing_is_skipped(root: Path) -> Iterator[str]:
    """A test that does not run says nothing: what it needs is installed, or the run fails."""
    for file, tree in _texts(root, "tests"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in SKIPS and _is_pytest(node.value):
                yield f"{file}:{node.lineno}: skips a test; install what it needs, or let it fail"


def _is_pytest(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name in {"pytest", "mark"}


RULES: Final[tuple[Rule, ...]] = (
    tenancy_ends_with_the_transaction, only_units_commit, no_machine_paths, nothing_is_skipped,
)  # fmt: skip
