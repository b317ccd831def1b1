"""DuckDB in a process of its own: a line of settings as JSON, then a line a job, each answered by a line of JSON.

Started by its path, so it imports nothing of ours. Were the columnar engine to crash, it would take nobody along; and
it ends when whoever started it does, because nothing more comes then.
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


def answer(database: Any, statements: list[tuple[str, list[Any]]]) -> dict[str, Any]:
    """The last statement's rows, or what was wrong."""
    rows: list[tuple[object, ...]] = []
    try:
        with database.cursor() as cursor:
            for statement, parameters in statements:
                rows = cursor.execute(statement, parameters).fetchall()
    except Exception as error:  # whatever it is, it is told
        return {"error": f"{type(error).__name__}: {error}"[:2000]}
    return {"rows": rows}


def main() -> None:
    jobs = sys.stdin.buffer  # JSON is UTF-8, whatever the system's locale says of texts
    database = engine().connect(":memory:", config=json.loads(jobs.readline()))
    for job in jobs:
        sys.stdout.write(json.dumps(answer(database, json.loads(job))) + "\n")
        sys.stdout.flush()
    database.close()
    os._exit(0)  # the binding would complain about what Python has not collected yet


if __name__ == "__main__":
    main()
