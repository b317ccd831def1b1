"""Each shop's clicks, claims and orders in columns on disk, for questions that roll-ups cannot answer.

A cache that can be thrown away at any time: clicks never change, so each visit adds a file with those counted since the
last; claims and orders do, and are few, so their file is written anew. What a file holds is named in `contents.json`,
which is replaced last: whoever dies in between leaves the contents as they were.
"""

import asyncio
import contextlib
import shutil
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct
from psycopg import sql

from adapters.shared.background import every
from adapters.shared.postgres.unit import Units
from adapters.tracking.reports import column_rows, step_funnel, sums
from adapters.tracking.reports.engine import EVERYTHING, Engine, quoted
from adapters.tracking.reports.reads import ReportReads
from adapters.tracking.reports.rows import copied, last_keys
from adapters.tracking.reports.step_funnel import Funnel
from kernel.errors import DomainError
from kernel.ids import ShopId

FRESH: Final = timedelta(seconds=60)
MOST_FILES: Final = 24
KEPT: Final = timedelta(days=1)
"""How long files are added to before all are made anew: what was deleted meanwhile, or forgotten, is gone then."""
TIDY_S: Final = 600.0
SHAPE: Final = 3
_log = structlog.get_logger()
_EPOCH: Final = datetime.fromtimestamp(0, UTC)


class NoRoomForColumns(DomainError):
    code = "no_room_for_columns"
    kind = "unavailable"
    title = "The rows could not be put into columns: the data folder cannot be written, or is full"


class Contents(Struct, frozen=True, kw_only=True):
    """Files of what was committed below transaction `below`, and those of facts and visitors as of `as_of`."""

    begun: datetime = _EPOCH
    looked: datetime = _EPOCH
    """When it was last brought up to date."""
    below: int = 0
    as_of: datetime = _EPOCH
    clicks: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    summed: tuple[str, ...] = ()
    """Sums of the clicks."""
    facts: str = ""
    visitors: str = ""
    counted: str = ""
    """Sums of the facts."""
    shape: int = 0
    """Files of another version hold other columns."""

    @property
    def relations(self) -> dict[str, tuple[str, ...]]:
        """The files of each relation that can be asked for."""
        return {
            "clicks": self.clicks, "facts": (self.facts,), "seen": self.seen, "visitors": (self.visitors,),
            "sums": (*self.summed, self.counted),
        }  # fmt: skip

    @property
    def files(self) -> set[str]:
        return {name for names in self.relations.values() for name in names}


class Columns:
    """One process's columns of all shops, below `folder`."""

    def __init__(self, units: Units, reads: ReportReads, engine: Engine, folder: Path) -> None:
        self._units = units
        self._reads = reads
        self._engine = engine
        self._folder = folder
        self._locks: dict[ShopId, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def count(self, shop_id: ShopId, funnel: Funnel) -> tuple[list[int], datetime]:
        """How many did each step, and as of when that is complete: at most a minute ago."""
        [counts], as_of = await self.ask(shop_id, step_funnel.RELATIONS, *step_funnel.statement(funnel))
        return counts, as_of

    async def ask(
        self, shop_id: ShopId, relations: Sequence[str], select: str, parameters: list[Any]
    ) -> tuple[list[list[Any]], datetime]:
        """The rows of a select over relations, and as of when they are.

        The select follows a WITH clause of theirs: more terms of it stand before, begun by a comma.
        """
        async with self._locks[shop_id]:
            try:
                contents = await self.refreshed(shop_id)
            except OSError as error:
                _log.warning("reports.no_room_for_columns", folder=str(self._folder), error=str(error))
                raise NoRoomForColumns from error
            home = self._home(shop_id)
            files = contents.relations
            named = ", ".join(f"{name} AS (SELECT * FROM {_rows(home, files[name])})" for name in relations)
            rows = await self._engine.run([(f"WITH {named} {select}", parameters)])
        return rows, contents.as_of

    async def refreshed(self, shop_id: ShopId) -> Contents:
        """The shop's files, brought up to date when they are older than a minute."""
        home = self._home(shop_id)
        contents, now = _read(home), datetime.now(UTC)
        if now - contents.looked < FRESH:
            return contents
        home.mkdir(parents=True, exist_ok=True)
        below, as_of = await self._reads.progress()
        if below < contents.below or now - contents.begun > KEPT:
            contents = Contents(begun=now)  # or the figures come from another server now
        fresh = await self._added(shop_id, home, contents, below, as_of)
        await asyncio.to_thread(_keep, home, fresh)
        return fresh

    @asynccontextmanager
    async def tidied(self) -> AsyncIterator[None]:
        """Throw away what is too old while the block lasts: shops that ask no more have people who were forgotten."""
        async with every(TIDY_S, self.drop_old, "reports.columns"):
            yield

    async def drop_old(self) -> None:
        for home in await asyncio.to_thread(_homes, self._folder):
            async with self._locks[ShopId(UUID(home.name))]:
                if datetime.now(UTC) - _read(home).begun > KEPT:
                    await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)

    async def _added(self, shop_id: ShopId, home: Path, old: Contents, below: int, as_of: datetime) -> Contents:
        clicks, seen, summed = old.clicks, old.seen, old.summed
        if not clicks or below > old.below:
            span = f"{old.below}-{below}-{int(old.begun.timestamp())}.parquet"
            await self._write(home, f"clicks-{span}", column_rows.CLICK_TYPES, self._clicks(shop_id, old.below, below))
            await self._write(home, f"seen-{span}", column_rows.SEEN_TYPES, self._seen(shop_id, old, below))
            await self._engine.write(home / f"summed-{span}", _rows(home, (f"clicks-{span}",)), sums.OF_CLICKS)
            clicks, seen, summed = (*clicks, f"clicks-{span}"), (*seen, f"seen-{span}"), (*summed, f"summed-{span}")
        stamp = f"{int(as_of.timestamp() * 1000)}.parquet"
        await self._write(home, f"facts-{stamp}", column_rows.FACT_TYPES, self._all(shop_id, column_rows.FACTS))
        await self._write(
            home, f"visitors-{stamp}", column_rows.VISITOR_TYPES, self._all(shop_id, column_rows.VISITORS)
        )
        counted = self._all(shop_id, column_rows.COUNTED)
        await self._write(home, f"counted-{stamp}", column_rows.COUNTED_TYPES, counted, sums.OF_COUNTED)
        if len(clicks) > MOST_FILES:
            clicks = (await self._joined(home, clicks, f"clicks-0-{below}.parquet"),)
            seen = (await self._joined(home, seen, f"seen-0-{below}.parquet"),)
            summed = (await self._joined(home, summed, f"summed-0-{below}.parquet"),)
        return Contents(
            begun=old.begun, looked=datetime.now(UTC), below=below, as_of=as_of, clicks=clicks, seen=seen,
            summed=summed, facts=f"facts-{stamp}", visitors=f"visitors-{stamp}", counted=f"counted-{stamp}",
            shape=SHAPE,
        )  # fmt: skip

    def _home(self, shop_id: ShopId) -> Path:
        return self._folder / str(shop_id)

    async def _clicks(self, shop_id: ShopId, since: int, below: int) -> AsyncIterator[bytes]:
        after = "00000000-0000-0000-0000-000000000000"
        while True:
            values = {"shop": str(shop_id), "since": str(since), "below": str(below), "after": after}
            async with self._units(shop_id) as unit:
                page = await copied(unit.raw, _filled(column_rows.CLICK_PAGE, values))
            if not page:
                return
            yield page
            [after] = last_keys(page, 1)

    async def _seen(self, shop_id: ShopId, old: Contents, below: int) -> AsyncIterator[bytes]:
        received = max(old.as_of, _EPOCH + timedelta(days=2))
        us, after = 0, "00000000-0000-0000-0000-000000000000"
        while True:
            values = {
                "shop": str(shop_id), "since": str(old.below), "below": str(below), "received": received, "us": us,
                "after": after,
            }  # fmt: skip
            async with self._units(shop_id) as unit:
                page = await copied(unit.raw, _filled(column_rows.SEEN_PAGE, values))
            if not page:
                return
            yield page
            arrived, after = last_keys(page, 2)
            us = int(arrived)

    async def _all(self, shop_id: ShopId, statement: str) -> AsyncIterator[bytes]:
        async with self._units(shop_id) as unit:
            yield await copied(unit.raw, _filled(f"COPY ({statement}) TO STDOUT (FORMAT csv)", {"shop": str(shop_id)}))

    async def _write(
        self,
        home: Path,
        name: str,
        types: list[tuple[str, str]],
        pages: AsyncIterator[bytes],
        select: str = EVERYTHING,
    ) -> None:
        csv = home / f"{name}.csv"
        try:
            with csv.open("wb") as file:
                file.write((",".join(column for column, _ in types) + "\n").encode())
                async for page in pages:
                    await asyncio.to_thread(file.write, page)
            await self._engine.to_parquet(csv, home / name, types, select)
        finally:
            csv.unlink(missing_ok=True)

    async def _joined(self, home: Path, names: tuple[str, ...], name: str) -> str:
        await self._engine.write(home / name, _rows(home, names))
        return name


def _homes(folder: Path) -> list[Path]:
    """Of shops; what the engine spills is beside them."""
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(ValueError):
            UUID(path.name)
            found.append(path)
    return found


def _rows(home: Path, names: tuple[str, ...]) -> str:
    """The relation that these files hold."""
    listed = ", ".join(f"'{quoted(home / name)}'" for name in names)
    return f"read_parquet([{listed}])"


def _filled(statement: str, values: dict[str, Any]) -> sql.Composed:
    return sql.SQL(statement).format(**{name: sql.Literal(value) for name, value in values.items()})


def _read(home: Path) -> Contents:
    with contextlib.suppress(FileNotFoundError, msgspec.MsgspecError):
        contents = msgspec.json.decode((home / "contents.json").read_bytes(), type=Contents)
        if contents.shape == SHAPE and all((home / name).exists() for name in contents.files):
            return contents
    return Contents()


def _keep(home: Path, contents: Contents) -> None:
    unfinished = home / "contents.json.part"
    unfinished.write_bytes(msgspec.json.encode(contents))
    unfinished.replace(home / "contents.json")
    for path in home.iterdir():
        if path.is_file() and path.name not in {"contents.json", *contents.files}:
            path.unlink(missing_ok=True)
