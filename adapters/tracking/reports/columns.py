"""Each shop's clicks, claims and orders in columns on disk, for questions that roll-ups cannot answer.

A cache that can be thrown away at any time: clicks never change, so each visit adds a file with those counted since the
last; claims and orders do, and are few, so their file is written anew. What a file holds is named in `contents.json`,
which is replaced last: whoever dies in between leaves the contents as they were.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
from msgspec import Struct
from psycopg import sql

from adapters.shared.postgres.unit import Units
from adapters.tracking.reports import step_funnel
from adapters.tracking.reports.engine import Engine, quoted
from adapters.tracking.reports.reads import ReportReads
from adapters.tracking.reports.rollups import CLICK_WAYS
from adapters.tracking.reports.rows import copied, last_key
from adapters.tracking.reports.step_funnel import Funnel
from kernel.errors import DomainError
from kernel.ids import ShopId

FRESH: Final = timedelta(seconds=60)
MOST_FILES: Final = 24
PAGE: Final = 50_000
_MS: Final = "floor(extract(epoch FROM {}) * 1000)::bigint"
_BITS: Final = "('x' || right(replace({}::text, '-', ''), 15))::bit(60)::bigint"
# Sixty bits of the address's hash, told apart by browser.
_ACTOR: Final = "('x' || rpad(left(encode(c.address_hash, 'hex'), 15), 15, '0'))::bit(60)::bigint # c.agent_hash"
CLICKS: Final = f"""
SELECT c.click_id, {_ACTOR} AS actor, {_MS.format("c.clicked_at")} AS at_ms, c.visit AS begins,
    l.programme_id, {CLICK_WAYS}
FROM click c LEFT JOIN link l ON l.shop_id = c.shop_id AND l.link_id = c.link_id
WHERE c.shop_id = {{shop}} AND c.visitor = 'person' AND c.visit IS NOT NULL
"""
FACTS: Final = f"""
SELECT 'claim' AS kind, {_MS.format("claimed_at")} AS at_ms, {_BITS.format("person_id")} AS person, click_id,
    true AS credited, programme_id
FROM known_claim WHERE shop_id = {{shop}}
UNION ALL
SELECT 'order', {_MS.format("placed_at")}, {_BITS.format("person_id")},
    coalesce((decided->'winner'->>'click_id')::uuid, click_id), method IS NOT NULL,
    (decided->'winner'->>'programme_id')::uuid
FROM orders WHERE shop_id = {{shop}} AND revision > 0 AND NOT test AND cancelled_at IS NULL AND payment <> 'voided'
"""
_PAGE: Final = (
    f"COPY ({CLICKS} AND c.tx >= {{since}}::text::xid8 AND c.tx < {{below}}::text::xid8 AND c.click_id > {{after}}"
    f" ORDER BY c.click_id LIMIT {PAGE}) TO STDOUT (FORMAT csv)"
)
_CLICK_TYPES: Final = [
    ("click_id", "UUID"), ("actor", "BIGINT"), ("at_ms", "BIGINT"), ("begins", "BOOLEAN"), ("programme_id", "UUID"),
    *((way, "VARCHAR") for way in step_funnel.WAYS),
]  # fmt: skip
_FACT_TYPES: Final = [
    ("kind", "VARCHAR"), ("at_ms", "BIGINT"), ("person", "BIGINT"), ("click_id", "UUID"), ("credited", "BOOLEAN"),
    ("programme_id", "UUID"),
]  # fmt: skip
_log = structlog.get_logger()
_EPOCH: Final = datetime.fromtimestamp(0, UTC)


class NoRoomForColumns(DomainError):
    code = "no_room_for_columns"
    kind = "unavailable"
    title = "The rows could not be put into columns: the data folder cannot be written, or is full"


class Contents(Struct, frozen=True, kw_only=True):
    """Files of clicks that were counted below transaction `below`, and the file of facts as of `as_of`."""

    below: int = 0
    as_of: datetime = _EPOCH
    clicks: tuple[str, ...] = ()
    facts: str = ""


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
        async with self._locks[shop_id]:
            try:
                contents = await self.refreshed(shop_id)
            except OSError as error:
                _log.warning("reports.no_room_for_columns", folder=str(self._folder), error=str(error))
                raise NoRoomForColumns from error
            home = self._home(shop_id)
            select, parameters = step_funnel.statement(funnel, "?")
            clicks = ", ".join(f"'{quoted(home / name)}'" for name in contents.clicks)
            relations = (
                f"clicks AS (SELECT * FROM read_parquet([{clicks}])),"
                f" facts AS (SELECT * FROM read_parquet('{quoted(home / contents.facts)}'))"
            )
            rows = await self._engine.run([(f"WITH {relations}, {select}", parameters)], home)
        return list(rows[0]), contents.as_of

    async def refreshed(self, shop_id: ShopId) -> Contents:
        """The shop's files, brought up to date when they are older than a minute."""
        home = self._home(shop_id)
        contents = _read(home)
        if datetime.now(UTC) - contents.as_of < FRESH:
            return contents
        home.mkdir(parents=True, exist_ok=True)
        below, as_of = await self._reads.progress()
        if below < contents.below:
            contents = Contents()  # the figures come from another server now
        clicks = contents.clicks
        if not clicks or below > contents.below:
            name = f"clicks-{contents.below}-{below}.parquet"
            await self._write(home, name, _CLICK_TYPES, self._clicks(shop_id, contents.below, below))
            clicks = (*clicks, name)
        facts = f"facts-{int(as_of.timestamp() * 1000)}.parquet"
        await self._write(home, facts, _FACT_TYPES, self._facts(shop_id))
        if len(clicks) > MOST_FILES:
            clicks = (await self._joined(home, clicks, below),)
        fresh = Contents(below=below, as_of=as_of, clicks=clicks, facts=facts)
        await asyncio.to_thread(_keep, home, fresh)
        return fresh

    def _home(self, shop_id: ShopId) -> Path:
        return self._folder / str(shop_id)

    async def _clicks(self, shop_id: ShopId, since: int, below: int) -> AsyncIterator[bytes]:
        after = "00000000-0000-0000-0000-000000000000"
        while True:
            values = {"shop": str(shop_id), "since": str(since), "below": str(below), "after": after}
            async with self._units(shop_id) as unit:
                page = await copied(unit.raw, _filled(_PAGE, values))
            if not page:
                return
            yield page
            after = last_key(page)

    async def _facts(self, shop_id: ShopId) -> AsyncIterator[bytes]:
        async with self._units(shop_id) as unit:
            yield await copied(unit.raw, _filled(f"COPY ({FACTS}) TO STDOUT (FORMAT csv)", {"shop": str(shop_id)}))

    async def _write(self, home: Path, name: str, types: list[tuple[str, str]], pages: AsyncIterator[bytes]) -> None:
        csv = home / f"{name}.csv"
        try:
            with csv.open("wb") as file:
                file.write((",".join(column for column, _ in types) + "\n").encode())
                async for page in pages:
                    await asyncio.to_thread(file.write, page)
            await self._engine.to_parquet(csv, home / name, types)
        finally:
            csv.unlink(missing_ok=True)

    async def _joined(self, home: Path, names: tuple[str, ...], below: int) -> str:
        files = ", ".join(f"'{quoted(home / name)}'" for name in names)
        name = f"clicks-0-{below}.parquet"
        into = f"'{quoted(home / name)}.part' (FORMAT parquet, COMPRESSION zstd)"
        copy = f"COPY (SELECT * FROM read_parquet([{files}])) TO {into}"
        await self._engine.run([(copy, [])], home)
        (home / f"{name}.part").replace(home / name)
        return name


def _filled(statement: str, values: dict[str, Any]) -> sql.Composed:
    return sql.SQL(statement).format(**{name: sql.Literal(value) for name, value in values.items()})


def _read(home: Path) -> Contents:
    with contextlib.suppress(FileNotFoundError, msgspec.MsgspecError):
        contents = msgspec.json.decode((home / "contents.json").read_bytes(), type=Contents)
        if all((home / name).exists() for name in (*contents.clicks, contents.facts)):
            return contents
    return Contents()


def _keep(home: Path, contents: Contents) -> None:
    unfinished = home / "contents.json.part"
    unfinished.write_bytes(msgspec.json.encode(contents))
    unfinished.replace(home / "contents.json")
    for path in home.iterdir():
        if path.is_file() and path.name not in {"contents.json", contents.facts, *contents.clicks}:
            path.unlink(missing_ok=True)
