"""Parquet files, written by DuckDB from CSV: typed, compressed, in bounded memory, beside the event loop."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

from adapters.tracking.reports.rows import DUCKDB_TYPES, Sheet

MEMORY: Final = "256MB"
_CHUNK: Final = 1 << 20


def connect(spill: Path) -> Any:
    """A DuckDB of its own: bounded in memory and threads, with nothing from the network. Imported on first use."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "threads": 2,
        "temp_directory": str(spill),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return duckdb.connect(":memory:", config=settings)


async def write(csv: Path, parquet: Path, columns: Sequence[tuple[str, str]]) -> None:
    """Turn a CSV file with a header into a Parquet file; `columns` are names and DuckDB's types."""
    await asyncio.to_thread(_write, csv, parquet, columns)


def _write(csv: Path, parquet: Path, columns: Sequence[tuple[str, str]]) -> None:
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns)
    unfinished = parquet.with_name(f"{parquet.name}.part")
    with connect(parquet.parent) as database:
        database.execute(
            f"COPY (SELECT * FROM read_csv(?, header = true, columns = {{{types}}}, auto_detect = false, delim = ',',"
            " quote = '\"', escape = '\"', allow_quoted_nulls = false, new_line = '\\n', parallel = false))"
            f" TO '{_quoted(unfinished)}' (FORMAT parquet, COMPRESSION zstd)",
            [str(csv)],
        )
    unfinished.replace(parquet)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def columns_of(sheet: Sheet) -> list[tuple[str, str]]:
    return [(name, DUCKDB_TYPES[kind]) for name, kind, _ in sheet.columns]


async def chunks(path: Path) -> AsyncIterator[bytes]:
    """A file's bytes, read beside the event loop."""
    with path.open("rb") as file:
        while block := await asyncio.to_thread(file.read, _CHUNK):
            yield block
