"""Visits in PostgreSQL: who serves clicks and what was clicked within the hour."""

from typing import Final

import psycopg
from msgspec import Struct

WITHIN_S: Final = 3600.0
SETTLE_AFTER_S: Final = 5.0
"""Longer than a process takes to notice that another one serves clicks too (a second), with room."""
_LOCK: Final = (4716, 1)
"""Held, shared, by each process that serves clicks, for as long as its connection lives."""
ANNOUNCE = f"SELECT pg_advisory_lock_shared({_LOCK[0]}, {_LOCK[1]})".encode()
SERVERS = f"""
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid = {_LOCK[0]} AND objid = {_LOCK[1]} AND objsubid = 2
""".encode()
MOST_READ: Final = 1_000_000
"""Clicks that are read at a start: half a second's work. An hour on which more comes is not remembered in full."""
# A UUIDv7 starts with its milliseconds, so that the primary key finds what each shop had since a moment.
_RECENT = """
SELECT link_id, address_hash, agent_hash, extract(epoch FROM max(recorded_at))::float8, count(*)
FROM (
    SELECT c.* FROM known_shop k CROSS JOIN LATERAL (
        SELECT link_id, address_hash, agent_hash, recorded_at FROM click
        WHERE shop_id = k.shop_id AND recorded_at > to_timestamp(%(since)s) AND visitor = 'person'{}
          AND click_id >= (lpad(to_hex((%(since)s * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
    ) c LIMIT %(rows)s
) read
GROUP BY 1, 2, 3 LIMIT %(most)s
"""
RECENT = _RECENT.format("").encode()
DECIDED = _RECENT.format(" AND visit IS NOT NULL AND recorded_at < to_timestamp(%(before)s)").encode()


def visitor_key(link_id: bytes, address_hash: bytes, agent_hash: int) -> bytes:
    """One visitor of one link, for a memory."""
    return link_id + address_hash + agent_hash.to_bytes(8, "big", signed=True)


async def servers_of_clicks(connection: psycopg.AsyncConnection) -> int:
    """How many processes serve clicks, this one included."""
    row = await (await connection.execute(SERVERS)).fetchone()
    return int(row[0]) if row else 0


class Seen(Struct, frozen=True):
    """When visitors were last seen, in seconds since 1970; `complete` when that is all of them."""

    at: dict[bytes, float]
    complete: bool


async def seen_since(
    connection: psycopg.AsyncConnection, since: float, *, most: int, rows: int = MOST_READ, before: float | None = None
) -> Seen:
    """The visitors of all links since a moment (seconds since 1970): at most `most` of them, from `rows` clicks.

    With `before`, only those of decided clicks before that moment.
    """
    values = {"since": since, "most": most + 1, "rows": rows, "before": before}
    cursor = await connection.execute(RECENT if before is None else DECIDED, values)
    found = await cursor.fetchall()
    return Seen(
        {
            visitor_key(link_id.bytes, bytes(address_hash), agent_hash): seen
            for link_id, address_hash, agent_hash, seen, _ in found[:most]
        },
        complete=len(found) <= most and sum(clicks for *_, clicks in found) < rows,
    )
