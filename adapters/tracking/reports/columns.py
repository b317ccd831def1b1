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
from adapters.tracking.reports.rows import copied, last_keys
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
# What the tag saw. A visitor is 60 bits of a hash of the random id; without one it is the address, for a day.
_HASH: Final = "('x' || left(md5({}), 15))::bit(60)::bigint"
SEEN: Final = f"""
SELECT floor(extract(epoch FROM e.received_at) * 1000000)::bigint AS received_us, e.event_id, e.name,
    CASE WHEN e.name = 'track' THEN translate(left(e.data->>'event', 100), E'\\r\\n', '  ') END AS called,
    {_MS.format("e.happened_at")} AS at_ms, e.click_id,
    {_HASH.format("e.visitor")} AS visitor, {_HASH.format("encode(e.address_hash, 'hex') || e.device")} AS address
FROM tag_event e
WHERE e.shop_id = {{shop}} AND e.by = 'person'
"""
VISITORS: Final = f"""
SELECT {_HASH.format("visitor")} AS visitor, {_BITS.format("person_id")} AS person
FROM tag_visitor WHERE shop_id = {{shop}}
"""
# An event is committed within moments of its arrival; a day is far more than that.
_SEEN_PAGE: Final = (
    f"COPY ({SEEN} AND e.tx >= {{since}}::text::xid8 AND e.tx < {{below}}::text::xid8"
    " AND e.received_at >= {received}::timestamptz - interval '1 day'"
    " AND (e.received_at, e.event_id) > (timestamptz 'epoch' + {us} * interval '1 microsecond', {after}::uuid)"
    f" ORDER BY e.received_at, e.event_id LIMIT {PAGE}) TO STDOUT (FORMAT csv)"
)
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
_SEEN_TYPES: Final = [
    ("received_us", "BIGINT"), ("event_id", "UUID"), ("name", "VARCHAR"), ("called", "VARCHAR"), ("at_ms", "BIGINT"),
    ("click_id", "UUID"), ("visitor", "BIGINT"), ("address", "BIGINT"),
]  # fmt: skip
_VISITOR_TYPES: Final = [("visitor", "BIGINT"), ("person", "BIGINT")]
KEPT: Final = timedelta(days=1)
"""How long files are added to before all are made anew: what was deleted meanwhile, or forgotten, is gone then."""
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
    facts: str = ""
    visitors: str = ""

    @property
    def files(self) -> set[str]:
        return {*self.clicks, *self.seen, self.facts, self.visitors}


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
            select, parameters = step_funnel.statement(funnel)
            relations = ", ".join(
                f"{name} AS (SELECT * FROM read_parquet([{_listed(home, files)}]))"
                for name, files in (
                    ("clicks", contents.clicks),
                    ("facts", (contents.facts,)),
                    ("seen", contents.seen),
                    ("visitors", (contents.visitors,)),
                )
            )
            rows = await self._engine.run([(f"WITH {relations}, {select}", parameters)])
        return list(rows[0]), contents.as_of

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

    async def _added(self, shop_id: ShopId, home: Path, old: Contents, below: int, as_of: datetime) -> Contents:
        clicks, seen = old.clicks, old.seen
        if not clicks or below > old.below:
            span = f"{old.below}-{below}-{int(old.begun.timestamp())}.parquet"
            await self._write(home, f"clicks-{span}", _CLICK_TYPES, self._clicks(shop_id, old.below, below))
            await self._write(home, f"seen-{span}", _SEEN_TYPES, self._seen(shop_id, old, below))
            clicks, seen = (*clicks, f"clicks-{span}"), (*seen, f"seen-{span}")
        stamp = f"{int(as_of.timestamp() * 1000)}.parquet"
        await self._write(home, f"facts-{stamp}", _FACT_TYPES, self._all(shop_id, FACTS))
        await self._write(home, f"visitors-{stamp}", _VISITOR_TYPES, self._all(shop_id, VISITORS))
        if len(clicks) > MOST_FILES:
            clicks = (await self._joined(home, clicks, f"clicks-0-{below}.parquet"),)
            seen = (await self._joined(home, seen, f"seen-0-{below}.parquet"),)
        return Contents(
            begun=old.begun, looked=datetime.now(UTC), below=below, as_of=as_of, clicks=clicks, seen=seen,
            facts=f"facts-{stamp}", visitors=f"visitors-{stamp}",
        )  # fmt: skip

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
                page = await copied(unit.raw, _filled(_SEEN_PAGE, values))
            if not page:
                return
            yield page
            arrived, after = last_keys(page, 2)
            us = int(arrived)

    async def _all(self, shop_id: ShopId, statement: str) -> AsyncIterator[bytes]:
        async with self._units(shop_id) as unit:
            yield await copied(unit.raw, _filled(f"COPY ({statement}) TO STDOUT (FORMAT csv)", {"shop": str(shop_id)}))

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

    async def _joined(self, home: Path, names: tuple[str, ...], name: str) -> str:
        into = f"'{quoted(home / name)}.part' (FORMAT parquet, COMPRESSION zstd)"
        copy = f"COPY (SELECT * FROM read_parquet([{_listed(home, names)}])) TO {into}"
        await self._engine.run([(copy, [])])
        (home / f"{name}.part").replace(home / name)
        return name


def _listed(home: Path, names: tuple[str, ...]) -> str:
    return ", ".join(f"'{quoted(home / name)}'" for name in names)


def _filled(statement: str, values: dict[str, Any]) -> sql.Composed:
    return sql.SQL(statement).format(**{name: sql.Literal(value) for name, value in values.items()})


def _read(home: Path) -> Contents:
    with contextlib.suppress(FileNotFoundError, msgspec.MsgspecError):
        contents = msgspec.json.decode((home / "contents.json").read_bytes(), type=Contents)
        if contents.visitors and all((home / name).exists() for name in contents.files):
            return contents
    return Contents()


def _keep(home: Path, contents: Contents) -> None:
    unfinished = home / "contents.json.part"
    unfinished.write_bytes(msgspec.json.encode(contents))
    unfinished.replace(home / "contents.json")
    for path in home.iterdir():
        if path.is_file() and path.name not in {"contents.json", *contents.files}:
            path.unlink(missing_ok=True)
