"""Prints every sentence that a feature may use, by the folder and file whose steps understand it."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("given", "when", "then", "step")
_GROUP = re.compile(r"\(\?P<(\w+)>[^()]*\)")


class Sentence(Struct, frozen=True, kw_only=True, order=True):
    """One way to say something: `text` has placeholders in braces."""

    kind: str
    text: str
    file: str
    line: int


def sentences(root: Path = ROOT) -> list[Sentence]:
    """Every step under tests/features."""
    found = []
    for path in sorted((root / "tests" / "features").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                file = path.relative_to(root).as_posix()
                found += [Sentence(kind=k, text=t, file=file, line=n) for k, t, n in _steps_of(node)]
    return found


def _steps_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, str, int]]:
    for decorator in function.decorator_list:
        if not isinstance(decorator, ast.Call) or not decorator.args:
            continue
        kind = getattr(decorator.func, "id", getattr(decorator.func, "attr", ""))
        said = decorator.args[0]
        if isinstance(said, ast.Call) and said.args:
            said = said.args[0]
        if kind in KINDS and isinstance(said, ast.Constant) and isinstance(said.value, str):
            yield kind, _GROUP.sub(r"{\1}", said.value), decorator.lineno


def main() -> int:
    by_folder: dict[str, list[Sentence]] = {}
    for sentence in sentences():
        by_folder.setdefault(sentence.file.split("/")[2], []).append(sentence)
    for folder, said in by_folder.items():
        sys.stdout.write(f"\n{folder.removesuffix('.py')}\n")
        for sentence in sorted(said, key=lambda s: (KINDS.index(s.kind), s.text)):
            sys.stdout.write(f"  {sentence.kind.capitalize():<6}{sentence.text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
