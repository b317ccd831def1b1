"""The columnar engine: DuckDB, bounded in memory, threads and time, away from the event loop and from this process."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog

from adapters.tracking.reports.rows import DUCKDB_TYPES, Sheet
from kernel.errors import DomainError

MEMORY: Final = "256MB"
THREADS: Final = 2
WITHIN_S: Final = 120
AT_ONCE: Final = 2
_CHUNK: Final = 1 << 20
_CHILD: Final = Path(__file__).with_name("duck.py")
_log = structlog.get_logger()

Statement = tuple[str, list[Any]]


class TooMuchAsked(DomainError):
    code = "too_much_asked"
    kind = "unavailable"
    title = "The figures could not be worked out in time; ask for a shorter period"


class Engine:
    """Runs statements, at most a few jobs at once. `folder` takes what does not fit into memory."""

    def __init__(self) -> None:
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def run(self, statements: Sequence[Statement], folder: Path) -> list[list[Any]]:
        """The rows of the last statement. Raises TooMuchAsked when it fails or takes too long."""
        settings = {
            "memory_limit": MEMORY,
            "threads": THREADS,
            "temp_directory": str(folder / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        job = msgspec.json.encode({"settings": settings, "statements": statements})
        async with self._gate:
            child = await asyncio.create_subprocess_exec(
                sys.executable, str(_CHILD), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE, env=_environment(),
            )  # fmt: skip
            try:
                said, complained = await asyncio.wait_for(child.communicate(job), WITHIN_S)
            except TimeoutError:
                raise TooMuchAsked from None
            finally:
                if child.returncode is None:
                    with contextlib.suppress(ProcessLookupError):
                        child.kill()
                    await child.wait()
        if child.returncode:
            _log.error(
                "reports.engine_failed", status=child.returncode, said=complained.decode(errors="replace")[-2000:]
            )
            raise TooMuchAsked
        rows: list[list[Any]] = msgspec.json.decode(said)
        return rows

    async def to_parquet(self, csv: Path, parquet: Path, columns: Sequence[tuple[str, str]]) -> None:
        """Turn a CSV file with a header into a Parquet file, all at once or not at all."""
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns)
        unfinished = parquet.with_name(f"{parquet.name}.part")
        copy = (
            f"COPY (SELECT * FROM read_csv(?, header = true, columns = {{{types}}}, auto_detect = false, delim = ',',"
            " quote = '\"', escape = '\"', allow_quoted_nulls = false, new_line = '\\n', parallel = false))"
            f" TO '{quoted(unfinished)}' (FORMAT parquet, COMPRESSION zstd)"
        )
        await self.run([(copy, [str(csv)])], parquet.parent)
        unfinished.replace(parquet)


def quoted(path: Path) -> str:
    """A path inside an SQL literal."""
    return str(path).replace("'", "''")


def columns_of(sheet: Sheet) -> list[tuple[str, str]]:
    return [(name, DUCKDB_TYPES[kind]) for name, kind, _ in sheet.columns]


async def chunks(path: Path) -> AsyncIterator[bytes]:
    """A file's bytes, read beside the event loop."""
    with path.open("rb") as file:
        while block := await asyncio.to_thread(file.read, _CHUNK):
            yield block


def _environment() -> dict[str, str]:
    """What the child may know of ours: no secrets."""
    return {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
