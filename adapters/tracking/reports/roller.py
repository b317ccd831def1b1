"""The worker's loop that keeps the roll-ups, less than a second behind what is committed, exactly.

Clicks are read by the transaction that wrote them: all below the oldest one that still runs, from where the last round
ended. A transaction below that has ended, so none can turn up late and none is read twice. Orders, claims, shares
and advocates leave a note when they change; what they added before is kept and is taken out again. One round is one
transaction: what is counted and how far stand or fall together, so no crash parts them.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog
from msgspec import Struct

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY
from adapters.shared.postgres.outage import Outage
from adapters.tracking.reports import again, rollups
from adapters.tracking.reports.late import COUNT_LATE

EVERY_S: Final = 0.75
MOST_CLICKS: Final = 50_000
MOST_CHANGES: Final = 5_000
_LOCK: Final = 4718
_log = structlog.get_logger()

BEGIN = """
SELECT pg_try_advisory_xact_lock(%s), set_config('synchronous_commit', 'off', true),
    set_config('statement_timeout', '10min', true), set_config('jit', 'off', true), set_config('work_mem', '32MB', true)
"""
WAIT = """
SELECT pg_advisory_xact_lock(%s), set_config('statement_timeout', '0', true), set_config('jit', 'off', true),
    set_config('work_mem', '128MB', true)
"""
# The moment is when the transaction began, before it looked: a clock that is read after may run on while it waits for
# its turn, past commits that the look did not see.
SNAPSHOT = """
SELECT p.counted_below::text, pg_snapshot_xmin(s)::text, pg_snapshot_xmax(s)::text, now(),
    p.counted_below > pg_snapshot_xmax(s), EXISTS (SELECT FROM report_change)
FROM report_progress p, pg_current_snapshot() s
"""
MOVED_SHOPS = """
SELECT k.shop_id, k.facts->>'time_zone' FROM known_shop k LEFT JOIN report_shop r ON r.shop_id = k.shop_id
WHERE r.wanted_zone IS DISTINCT FROM k.facts->>'time_zone'
"""
SOME_CLICKS = """
SELECT (SELECT tx FROM click WHERE visit IS NOT NULL AND tx >= %(since)s::xid8 AND tx < %(below)s::xid8
    ORDER BY tx OFFSET %(skip)s LIMIT 1)::text
"""
ADVANCE = """
UPDATE report_progress SET counted_below = %(below)s::xid8,
    as_of = CASE WHEN %(below)s::xid8 >= %(xmax)s::xid8 THEN %(now)s
        WHEN %(below)s::xid8 >= next_below THEN next_as_of ELSE as_of END,
    next_as_of = CASE WHEN %(below)s::xid8 >= next_below THEN %(now)s ELSE next_as_of END,
    next_below = CASE WHEN %(below)s::xid8 >= next_below THEN %(xmax)s::xid8 ELSE next_below END
"""
ADVANCE_ONLY = "UPDATE report_progress SET counted_below = %(below)s::xid8"
KNOWN_ZONE = "SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = %s)"
KEEP_ZONE = """
INSERT INTO report_shop (shop_id, wanted_zone, time_zone, clicks_from) VALUES (%s, %s, %s, %s::timestamptz)
ON CONFLICT (shop_id) DO UPDATE SET wanted_zone = excluded.wanted_zone, time_zone = excluded.time_zone,
    clicks_from = excluded.clicks_from
"""
# After a restore into another server its transactions start anew: what was written before is older than all of them.
OF_ANOTHER_SERVER = """
WITH p AS (UPDATE report_progress SET counted_below = pg_snapshot_xmin(pg_current_snapshot()), next_below = '0')
UPDATE click SET tx = '0' WHERE visit IS NOT NULL AND tx >= pg_snapshot_xmin(pg_current_snapshot())
"""
SHOPS = "SELECT k.shop_id, k.facts->>'time_zone' FROM known_shop k WHERE %(slug)s::text IS NULL OR k.slug = %(slug)s"


class Snapshot(Struct, frozen=True):
    """How far was counted, and how far can be counted now; transactions by number.

    Whatever was committed before `now` can be seen.
    """

    counted_below: int
    xmin: int
    xmax: int
    now: datetime
    of_another_server: bool
    noted: bool


class Roller:
    """Several processes may run one: each round is held by one of them."""

    def __init__(self, relay: Database) -> None:
        self._relay = relay
        self._connection: psycopg.AsyncConnection | None = None
        self._outage = Outage()

    async def __call__(self, stop: asyncio.Event) -> None:
        try:
            while not stop.is_set():
                started = time.monotonic()
                busy = await self._round_or_pause()
                rest = 0.0 if busy else max(0.05, EVERY_S - (time.monotonic() - started))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), rest)
        finally:
            if self._connection is not None:
                await self._connection.close()
                self._connection = None

    async def _round_or_pause(self) -> bool:
        try:
            busy = await self.round()
        except AWAY as error:
            self._outage.begins(error)
            return False
        self._outage.ends()
        return busy

    async def round(self) -> bool:
        """Count what is new; True when there is more to count at once."""
        async with self._transaction() as connection:
            held = await _one(connection, BEGIN, (_LOCK,))
            if not held[0]:
                return False
            seen = _snapshot(await _one(connection, SNAPSHOT))
            moved = await (await connection.execute(MOVED_SHOPS)).fetchall()
            if not moved and not seen.of_another_server:
                return await _count(connection, seen)
        if seen.of_another_server:
            await self.rebuild()
        for shop_id, zone in moved:
            await self.count_again(shop_id, zone)
        return True

    async def rebuild(self, slug: str | None = None, said: Callable[[str], None] = lambda _: None) -> int:
        """Count everything again from the rows themselves, of one shop or of all; gives how many shops."""
        async with self._transaction() as connection:
            await connection.execute(WAIT, (_LOCK,))
            if _snapshot(await _one(connection, SNAPSHOT)).of_another_server:
                _log.warning("reports.other_server")
                await connection.execute(OF_ANOTHER_SERVER)
            shops = await (await connection.execute(SHOPS, {"slug": slug})).fetchall()
        for number, (shop_id, zone) in enumerate(shops):
            said(f"counting shop {number + 1} of {len(shops)}")
            await self.count_again(shop_id, zone)
        return len(shops)

    async def count_again(self, shop_id: UUID, zone: str) -> None:
        """Make one shop's roll-ups anew, by this time zone, up to where clicks are counted. One transaction.

        Months of which clicks are no longer kept stay as they were counted, but for what came of them since.
        """
        async with self._transaction() as connection:
            await connection.execute(WAIT, (_LOCK,))
            below = (await _one(connection, SNAPSHOT))[0]
            known = await _one(connection, KNOWN_ZONE, (zone,))
            month, moment = await _one(connection, again.KEPT_FROM, {"shop": shop_id})
            await connection.execute(KEEP_ZONE, (shop_id, zone, zone if known[0] else "UTC", moment))
            shop = {"shop": shop_id, "below": below, "month": month, "moment": moment}
            for statement in (*again.CLEAR, rollups.COUNT_AGAIN, again.NOTE_ADVOCATES, again.NOTE_EVERYTHING):
                await connection.execute(statement.encode(), shop)
            await connection.execute(rollups.COUNT_CLICKS_AGAIN.encode(), shop)
            while await _changes(connection, 100_000):
                pass

    async def close(self) -> None:
        """Let go of the connection, for those who only rebuild."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[psycopg.AsyncConnection]:
        if self._connection is None or self._connection.closed:
            self._connection = await self._relay.raw()
            await self._connection.execute("SET application_name = 'grapevine reports'")
        async with self._connection.transaction():
            yield self._connection


async def _count(connection: psycopg.AsyncConnection, seen: Snapshot) -> bool:
    below = seen.xmin
    span: dict[str, Any] = {"since": str(seen.counted_below), "below": str(seen.xmin)}
    first = (await _one(connection, SOME_CLICKS, span | {"skip": 0}))[0]
    if first is not None:
        # A long absence is made up for in rounds of bearable size; one transaction's clicks are never split.
        beyond = (await _one(connection, SOME_CLICKS, span | {"skip": MOST_CLICKS}))[0]
        below = max(int(beyond), int(first) + 1) if beyond is not None else seen.xmin
        await connection.execute(rollups.COUNT_CLICKS.encode(), span | {"below": str(below)})
    taken = await _changes(connection, MOST_CHANGES) if seen.noted or first is not None else 0
    behind = taken == MOST_CHANGES
    # As of when the figures are complete is only known while no change waits.
    progress = {"below": str(below), "xmax": str(seen.xmax), "now": seen.now}
    await connection.execute(ADVANCE_ONLY if behind else ADVANCE, progress)
    return behind or below < seen.xmin


async def _changes(connection: psycopg.AsyncConnection, most: int) -> int:
    taken, shops, advocates = await _one(connection, rollups.COUNT_CHANGES, {"most": most})
    if advocates:
        late = {"shops": shops, "advocates": advocates}
        await connection.execute(COUNT_LATE.encode(), late)
    return int(taken)


async def _one(connection: psycopg.AsyncConnection, statement: str, parameters: Any = None) -> tuple[Any, ...]:
    row = await (await connection.execute(statement.encode(), parameters)).fetchone()
    if row is None:
        raise RuntimeError("the roll-up's progress is gone")
    return row


def _snapshot(row: tuple[Any, ...]) -> Snapshot:
    return Snapshot(int(row[0]), int(row[1]), int(row[2]), row[3], row[4], row[5])
