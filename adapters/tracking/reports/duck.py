"""DuckDB in a process of its own: reads one job as JSON, runs it, writes the last statement's rows as JSON.

Started by its path, so it imports nothing of ours. The columnar engine's memory ends with the process, and were it to
crash it would take nobody along.
"""

import contextlib
import importlib
import json
import os
import sys
from typing import Any


def engine() -> Any:
    """The engine without what its package imports for work with tables of other libraries: half of the start."""
    with contextlib.suppress(ImportError):
        return importlib.import_module("_duckdb")
    return importlib.import_module("duckdb")


def main() -> None:
    job = json.load(sys.stdin)
    database = engine().connect(":memory:", config=job["settings"])
    rows: list[tuple[object, ...]] = []
    for statement, parameters in job["statements"]:
        rows = database.execute(statement, parameters).fetchall()
    json.dump(rows, sys.stdout)
    sys.stdout.flush()
    database.close()
    os._exit(0)  # the binding would complain about what Python has not collected yet


if __name__ == "__main__":
    main()
