"""DuckDB in a process of its own: reads one job as JSON, runs it, writes the last statement's rows as JSON.

Started by its path, so it imports nothing of ours. The columnar engine's memory ends with the process, and were it to
crash it would take nobody along.
"""

import json
import os
import sys


def main() -> None:
    import duckdb

    job = json.load(sys.stdin)
    database = duckdb.connect(":memory:", config=job["settings"])
    rows: list[tuple[object, ...]] = []
    for statement, parameters in job["statements"]:
        rows = database.execute(statement, parameters).fetchall()
    json.dump(rows, sys.stdout)
    sys.stdout.flush()
    database.close()
    os._exit(0)  # the binding would complain about what Python has not collected yet


if __name__ == "__main__":
    main()
