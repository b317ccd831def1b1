"""Checks the boundaries that `.importlinter` draws, on the tree in the current folder."""

import sys
from pathlib import Path


def main() -> int:
    """Print every contract and whether it is kept; 1 when one is broken."""
    sys.path[:0] = [str(Path.cwd() / "src"), str(Path.cwd())]
    from importlinter.cli import lint_imports

    return lint_imports(config_filename=".importlinter", no_logo=True)


if __name__ == "__main__":
    sys.exit(main())
