"""How connections are doing, in PostgreSQL: counted in groups, read for a whole page by one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.unit import Unit, Units
from adapters.tracking.postgres import connections as connection_sql
from adapters.tracking.postgres.connections import closed_connection
from adapters.tracking.postgres.lookup import all_rows
from kernel.ids import ShopId
from tracking.domain.connection import Connection, ConnectionNotFound
from tracking.domain.health import MOST_FAILURES, WINDOW, Failure, Pulse

COUNT = f"""
WITH told AS (
    SELECT * FROM json_to_recordset(%s) AS t (shop_id uuid, connection_id uuid, good int, unhandled int, failed int,
        good_at timestamptz, failed_at timestamptz, failures jsonb)
    ORDER BY shop_id, connection_id
), days AS (
    INSERT INTO connection_day AS d (shop_id, connection_id, day, good, unhandled, failed)
    SELECT shop_id, connection_id, (now() AT TIME ZONE 'UTC')::date, good, unhandled, failed FROM told
    ON CONFLICT (shop_id, connection_id, day) DO UPDATE SET good = d.good + excluded.good,
        unhandled = d.unhandled + excluded.unhandled, failed = d.failed + excluded.failed
)
INSERT INTO connection_health AS h (shop_id, connection_id, first_good_at, last_good_at, last_failed_at, failures)
SELECT shop_id, connection_id, good_at, good_at, failed_at, failures FROM told
ON CONFLICT (shop_id, connection_id) DO UPDATE SET
    first_good_at = least(h.first_good_at, excluded.first_good_at),
    last_good_at = greatest(h.last_good_at, excluded.last_good_at),
    last_failed_at = greatest(h.last_failed_at, excluded.last_failed_at),
    failures = (
        SELECT coalesce(jsonb_agg(f ORDER BY n), '[]') FROM (
            SELECT f, n FROM jsonb_array_elements(excluded.failures || h.failures) WITH ORDINALITY AS e (f, n)
            ORDER BY n LIMIT {MOST_FAILURES}
        ) AS latest
    )
RETURNING connection_id
"""

HEALTH = f"""
WITH wanted AS (SELECT unnest(%(connections)s::uuid[]) AS connection_id), waiting AS (
    SELECT connection_id, count(*) AS waiting, count(*) FILTER (WHERE tries > 0) AS retried, min(received_at) AS oldest
    FROM webhook_delivery WHERE shop_id = %(shop)s AND state = 'waiting' GROUP BY connection_id
), parked AS (
    SELECT connection_id, count(*) AS parked FROM webhook_delivery
    WHERE shop_id = %(shop)s AND state = 'parked' GROUP BY connection_id
), days AS (
    SELECT connection_id, sum(good) AS in_window,
        sum(good) FILTER (WHERE day > now()::date - 7) AS good,
        sum(failed) FILTER (WHERE day > now()::date - 7) AS failed,
        sum(unhandled) FILTER (WHERE day > now()::date - 7) AS unhandled
    FROM connection_day WHERE shop_id = %(shop)s AND day > now()::date - {WINDOW.days} GROUP BY connection_id
)
SELECT w.connection_id, h.first_good_at, h.last_good_at, h.last_failed_at, coalesce(h.failures, '[]')::text,
    coalesce(d.in_window, 0)::bigint, coalesce(d.good, 0)::bigint, coalesce(d.failed, 0)::bigint,
    coalesce(d.unhandled, 0)::bigint, coalesce(a.waiting, 0), coalesce(a.retried, 0), a.oldest, coalesce(p.parked, 0),
    l.usual, l.longest, now()
FROM wanted w
LEFT JOIN connection_health h ON h.shop_id = %(shop)s AND h.connection_id = w.connection_id
LEFT JOIN days d ON d.connection_id = w.connection_id
LEFT JOIN waiting a ON a.connection_id = w.connection_id
LEFT JOIN parked p ON p.connection_id = w.connection_id
LEFT JOIN LATERAL (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY lag) AS usual, max(lag) AS longest FROM (
        SELECT extract(epoch FROM settled_at - received_at)::float8 AS lag FROM webhook_delivery v
        WHERE v.shop_id = %(shop)s AND v.connection_id = w.connection_id AND v.state = 'done'
        ORDER BY v.received_at DESC LIMIT 100
    ) AS latest
) AS l ON true
"""

PURGE = (
    "DELETE FROM connection_day WHERE day < now()::date - 90 RETURNING connection_id",
    "DELETE FROM connection_health h WHERE NOT EXISTS"
    " (SELECT FROM connection_address a WHERE a.connection_id = h.connection_id) RETURNING connection_id",
)

_failures = msgspec.json.Decoder(list[Failure])


class Health(Struct, frozen=True, kw_only=True):
    """How one connection is doing. Counts are of the last seven days, lags of the last hundred deliveries, seconds."""

    pulse: Pulse
    failures: list[Failure]
    good: int
    failed: int
    unhandled: int
    waiting: int
    retried: int
    usual_lag_s: float | None
    longest_lag_s: float | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class ConnectionReads:
    """Connections and how they are doing; the secrets stay sealed."""

    units: Units

    async def one(self, shop_id: ShopId, connection_id: UUID) -> tuple[Connection, Health]:
        async with self.units(shop_id) as unit:
            parameters = {"shop": shop_id, "connection": connection_id}
            row = (await unit.sql.execute(connection_sql.GET, parameters)).one_or_none()
            if row is None:
                raise ConnectionNotFound
            found = closed_connection(row._mapping)
            return found, (await _health(unit, [connection_id]))[connection_id]

    async def page(self, shop_id: ShopId, before: UUID | None, most: int) -> list[tuple[Connection, Health]]:
        async with self.units(shop_id) as unit:
            parameters = {"shop": shop_id, "before": before or UUID(int=2**128 - 1), "most": most}
            rows = (await unit.sql.execute(connection_sql.PAGE, parameters)).all()
            found = [closed_connection(row._mapping) for row in rows]
            health = await _health(unit, [one.connection_id for one in found]) if found else {}
            return [(one, health[one.connection_id]) for one in found]


async def _health(unit: Unit, connections: Sequence[UUID]) -> dict[UUID, Health]:
    cursor = await unit.raw.execute(HEALTH.encode(), {"shop": unit.shop_id, "connections": list(connections)})
    return {row[0]: _read(row) for row in await cursor.fetchall()}


def _read(row: Sequence[Any]) -> Health:
    pulse = Pulse(
        first_good_at=row[1],
        last_good_at=row[2],
        last_failed_at=row[3],
        good_in_window=row[5],
        oldest_waiting_at=row[11],
        parked=row[12],
    )
    return Health(
        pulse=pulse,
        failures=_failures.decode(row[4]),
        good=row[6],
        failed=row[7],
        unhandled=row[8],
        waiting=row[9],
        retried=row[10],
        usual_lag_s=row[13],
        longest_lag_s=row[14],
        asked_at=row[15],
    )


async def purge_health(relay: Database) -> None:
    """Drop counts after 90 days, and what is left of connections that are gone."""
    for statement in PURGE:
        await all_rows(relay, statement, ())
