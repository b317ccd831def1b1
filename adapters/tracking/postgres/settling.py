"""Settling visits in PostgreSQL: what waits, what was decided since the last look, and what memory cannot judge."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

import psycopg

from adapters.tracking.postgres.visits import visitor_key

MOST_NEWS: Final = 200_000
"""Decided clicks that are read one by one. When more came since the last look, the hour is read anew."""
_HOUR: Final = timedelta(hours=1)
# One settles at a time, for as long as its transaction lives. The snapshot may be older than the lock: what another
# worker committed in between is then heard of twice, which changes nothing.
TURN = b"""
SELECT pg_try_advisory_xact_lock(4716, 2), pg_current_snapshot()::text,
    extract(epoch FROM now() - make_interval(secs => %(after)s))::float8
"""
WAITING = b"""
SELECT shop_id, click_id, recorded_at, extract(epoch FROM recorded_at)::float8, link_id, address_hash, agent_hash,
    visitor = 'person'
FROM click WHERE visit IS NULL AND recorded_at < now() - make_interval(secs => %(after)s)
ORDER BY recorded_at, click_id LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""
# `tx` is the transaction that decided a click: whoever did, and however late it was committed, it is heard of.
NEWS = b"""
SELECT link_id, address_hash, agent_hash, extract(epoch FROM recorded_at)::float8, click_id, visit FROM click
WHERE visit IS NOT NULL AND tx >= pg_snapshot_xmin(%(since)s::pg_snapshot)
    AND NOT pg_visible_in_snapshot(tx, %(since)s::pg_snapshot)
    AND visitor = 'person' AND recorded_at > to_timestamp(%(floor)s)
LIMIT %(rows)s
"""
LATER = b"""
SELECT c.* FROM known_shop k CROSS JOIN LATERAL (
    SELECT link_id, address_hash, agent_hash, extract(epoch FROM recorded_at)::float8, click_id, visit FROM click
    WHERE shop_id = k.shop_id AND recorded_at >= to_timestamp(%(since)s) AND visitor = 'person' AND visit IS NOT NULL
      AND click_id >= (lpad(to_hex((%(since)s * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
) c LIMIT %(rows)s
"""
# A click begins a visit unless the same visitor was there within the hour before; or within the hour after, and that
# was counted already. Ids begin with the process's own time, as `recorded_at` is: the minute is room for rounding.
REPEATS = b"""
WITH waiting AS MATERIALIZED (
    SELECT * FROM unnest(%(shops)s::uuid[], %(clicks)s::uuid[], %(moments)s::timestamptz[], %(links)s::uuid[],
        %(addresses)s::bytea[], %(agents)s::bigint[])
        AS w (shop_id, click_id, recorded_at, link_id, address_hash, agent_hash)
)
SELECT DISTINCT w.click_id FROM (SELECT DISTINCT shop_id AS shop FROM waiting) s CROSS JOIN LATERAL (
    SELECT shop_id, click_id, recorded_at, link_id, address_hash, agent_hash, visit FROM click
    WHERE shop_id = s.shop AND visitor = 'person'
      AND recorded_at > %(since)s::timestamptz AND recorded_at < %(until)s::timestamptz
      AND click_id >= (lpad(to_hex((extract(epoch FROM %(since)s::timestamptz - interval '1 minute') * 1000)::bigint),
        12, '0') || '00000000000000000000')::uuid
      AND click_id <= (lpad(to_hex((extract(epoch FROM %(until)s::timestamptz + interval '1 minute') * 1000)::bigint),
        12, '0') || 'ffffffffffffffffffff')::uuid
) o JOIN waiting w USING (shop_id, link_id, address_hash, agent_hash)
WHERE o.recorded_at > w.recorded_at - interval '1 hour' AND o.recorded_at < w.recorded_at + interval '1 hour'
    AND ((o.recorded_at, o.click_id) < (w.recorded_at, w.click_id) OR o.visit) AND o.click_id <> w.click_id
"""
# The bounds lead to the few that wait, by their own index; an array alone might have the table read.
DECIDE = b"""
UPDATE click c SET visit = d.visit, tx = pg_current_xact_id()
FROM unnest(%(shops)s::uuid[], %(clicks)s::uuid[], %(moments)s::timestamptz[], %(visits)s::boolean[])
    AS d (shop_id, click_id, recorded_at, visit)
WHERE c.visit IS NULL AND c.recorded_at BETWEEN %(first)s AND %(last)s
    AND c.shop_id = d.shop_id AND c.click_id = d.click_id AND c.recorded_at = d.recorded_at
"""


class Waiting(NamedTuple):
    """A click that nobody decided yet; `at` is its moment in seconds since 1970."""

    shop_id: UUID
    click_id: UUID
    recorded_at: datetime
    at: float
    link_id: UUID
    address_hash: bytes
    agent_hash: int
    person: bool

    @property
    def key(self) -> bytes:
        return visitor_key(self.link_id.bytes, self.address_hash, self.agent_hash)


class Decided(NamedTuple):
    """A click of a person whose visit is decided."""

    at: float
    click_id: UUID
    key: bytes
    visit: bool


class Turn(NamedTuple):
    """Whose turn it is, what can be seen now, and until when clicks are due, in seconds since 1970."""

    ours: bool
    snapshot: str
    due: float


async def take_turn(connection: psycopg.AsyncConnection, after_s: float) -> Turn:
    """Be the only one who settles until the transaction ends, unless another is."""
    [row] = await (await connection.execute(TURN, {"after": after_s})).fetchall()
    return Turn(*row)


async def waiting(connection: psycopg.AsyncConnection, after_s: float, most: int) -> list[Waiting]:
    """The oldest that are due, in their order, locked."""
    rows = await (await connection.execute(WAITING, {"after": after_s, "most": most})).fetchall()
    return [Waiting(*row) for row in rows]


async def decided_after(connection: psycopg.AsyncConnection, since: float) -> list[Decided] | None:
    """The decided clicks from a moment on; None when they are too many."""
    return await _decided(connection, LATER, {"since": since, "rows": MOST_NEWS})


async def decided_meanwhile(connection: psycopg.AsyncConnection, snapshot: str, floor: float) -> list[Decided] | None:
    """What was decided since the snapshot, of clicks younger than `floor`; None when that is too much."""
    return await _decided(connection, NEWS, {"since": snapshot, "floor": floor, "rows": MOST_NEWS})


async def _decided(
    connection: psycopg.AsyncConnection, query: bytes, values: dict[str, object]
) -> list[Decided] | None:
    rows = await (await connection.execute(query, values)).fetchall()
    if len(rows) >= MOST_NEWS:
        return None
    return [
        Decided(at, click_id, visitor_key(link_id.bytes, bytes(address_hash), agent_hash), visit)
        for link_id, address_hash, agent_hash, at, click_id, visit in rows
    ]


async def repeats(connection: psycopg.AsyncConnection, clicks: Sequence[Waiting]) -> set[UUID]:
    """Which of the clicks (of people, in the order of time) repeat a visit by what the table holds around them."""
    found: set[UUID] = set()
    begin = 0
    while begin < len(clicks):
        end = begin + 1
        while end < len(clicks) and clicks[end].recorded_at - clicks[begin].recorded_at < _HOUR:
            end += 1
        near, begin = clicks[begin:end], end
        values = {
            **_columns(near),
            "links": [click.link_id for click in near],
            "addresses": [click.address_hash for click in near],
            "agents": [click.agent_hash for click in near],
            "since": near[0].recorded_at - _HOUR,
            "until": near[-1].recorded_at + _HOUR,
        }
        found.update(row[0] for row in await (await connection.execute(REPEATS, values)).fetchall())
    return found


async def decide(connection: psycopg.AsyncConnection, clicks: Sequence[Waiting], visits: Sequence[bool]) -> None:
    """Store the verdicts on clicks, which are in the order of time."""
    bounds = {"first": clicks[0].recorded_at, "last": clicks[-1].recorded_at}
    await connection.execute(DECIDE, {**_columns(clicks), **bounds, "visits": list(visits)})


def _columns(clicks: Sequence[Waiting]) -> dict[str, object]:
    return {
        "shops": [click.shop_id for click in clicks],
        "clicks": [click.click_id for click in clicks],
        "moments": [click.recorded_at for click in clicks],
    }
