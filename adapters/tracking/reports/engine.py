"""The columnar engine: DuckDB, bounded in memory, threads and time, away from the event loop and from this process.

Starting it takes longer than most of its work, so while the web serves, a process that has finished a job is kept for a
minute in case another comes.
"""

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import msgspec
import structlog
from msgspec import Struct

from adapters.shared.background import every
from adapters.tracking.reports.rows import DUCKDB_TYPES, Sheet
from kernel.errors import DomainError

MEMORY: Final = "256MB"
THREADS: Final = 2
WITHIN_S: Final = 120
AT_ONCE: Final = 2
KEPT_S: Final = 60.0
LARGEST_ANSWER: Final = 1 << 24
EVERYTHING: Final = "SELECT * FROM rows"
_CHUNK: Final = 1 << 20
_CHILD: Final = Path(__file__).with_name("duck.py")
_log = structlog.get_logger()

Statement = tuple[str, list[Any]]


class TooMuchAsked(DomainError):
    code = "too_much_asked"
    kind = "unavailable"
    title = "The figures could not be worked out in time; ask for a shorter period"


class Said(Struct, frozen=True):
    """What a process answers a job with."""

    rows: list[list[Any]] = []
    error: str | None = None


class Child:
    """A process of the engine. It takes one job at a time."""

    def __init__(self, process: asyncio.subprocess.Process, spill: Path) -> None:
        self._process = process
        self._jobs: Any = process.stdin
        self._answers: Any = process.stdout
        self._spill = spill
        self.since = time.monotonic()
        """Since when it waits for a job."""

    @classmethod
    async def start(cls, folder: Path) -> "Child":
        """What does not fit into memory goes below `folder`."""
        spill = folder / f"spill-{uuid4().hex}"
        settings = {
            "memory_limit": MEMORY,
            "threads": THREADS,
            "temp_directory": str(spill),
            "enable_external_file_cache": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(_CHILD), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL, env=_environment(), limit=LARGEST_ANSWER,
        )  # fmt: skip
        child = cls(process, spill)
        child._send(settings)
        return child

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def run(self, statements: Sequence[Statement]) -> Said:
        """Raises ConnectionError when the process is gone."""
        self._send(statements)
        await self._jobs.drain()
        line = await self._answers.readline()
        if not line:
            raise ConnectionResetError(f"the engine ended with {await self._process.wait()}")
        return msgspec.json.decode(line, type=Said)

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await asyncio.to_thread(shutil.rmtree, self._spill, ignore_errors=True)

    def _send(self, what: Any) -> None:
        self._jobs.write(msgspec.json.encode(what) + b"\n")


class Engine:
    """Runs statements, at most a few jobs at once. `folder` takes what does not fit into memory."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(tempfile.gettempdir())
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._waiting: list[Child] = []
        self._keeps = False

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Keep processes for the next job while the block lasts."""
        self._keeps = True
        try:
            async with every(KEPT_S / 4, self._let_go, "reports.engine"):
                yield
        finally:
            self._keeps = False
            await self._let_go()

    async def run(self, statements: Sequence[Statement]) -> list[list[Any]]:
        """The rows of the last statement. Raises TooMuchAsked when it fails or takes too long."""
        async with self._gate:
            child = await self._child()
            try:
                said = await asyncio.wait_for(child.run(statements), WITHIN_S)
            except (TimeoutError, ConnectionError, ValueError) as error:
                await child.end()
                _log.error("reports.engine_failed", error=type(error).__name__, said=str(error))
                raise TooMuchAsked from None
            except BaseException:
                await child.end()
                raise
            await self._put_back(child)
        if said.error is not None:
            _log.error("reports.engine_failed", said=said.error)
            raise TooMuchAsked
        return said.rows

    async def to_parquet(
        self, csv: Path, parquet: Path, columns: Sequence[tuple[str, str]], select: str = EVERYTHING
    ) -> None:
        """Turn a CSV file with a header, or what `select` makes of its `rows`, into a Parquet file."""
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns)
        rows = (
            f"read_csv(?, header = true, columns = {{{types}}}, auto_detect = false, delim = ',',"
            " quote = '\"', escape = '\"', allow_quoted_nulls = false, new_line = '\\n', parallel = false)"
        )
        await self.write(parquet, rows, select, [str(csv)])

    async def write(self, parquet: Path, rows: str, select: str = EVERYTHING, parameters: Sequence[Any] = ()) -> None:
        """Make a Parquet file of the relation `rows`, all at once or not at all."""
        unfinished = parquet.with_name(f"{parquet.name}.part")
        select = f"WITH rows AS (SELECT * FROM {rows}) {select}"
        copy = f"COPY ({select}) TO '{quoted(unfinished)}' (FORMAT parquet, COMPRESSION zstd)"
        await self.run([(copy, list(parameters))])
        unfinished.replace(parquet)

    async def _child(self) -> Child:
        while self._waiting:
            child = self._waiting.pop()
            if child.alive:
                return child
            await child.end()
        return await Child.start(self._folder)

    async def _put_back(self, child: Child) -> None:
        if not self._keeps:
            await child.end()
            return
        child.since = time.monotonic()
        self._waiting.append(child)

    async def _let_go(self) -> None:
        """End those that waited for long; all of them once they are not kept any more."""
        since = time.monotonic() - KEPT_S if self._keeps else float("inf")
        gone = [child for child in self._waiting if child.since <= since]
        self._waiting = [child for child in self._waiting if child.since > since]
        for child in gone:
            await child.end()


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
