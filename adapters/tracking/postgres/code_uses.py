"""How advocates' codes are used, counted in the database, and the alerts about those that a coupon site shows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec import Struct

from adapters.shared.postgres.unit import Unit
from kernel.ids import OrderId
from tracking.domain.attribution.coupon_site import (
    AlertNotFound,
    CodeNotExempt,
    Exemption,
    Settled,
    UnknownCode,
    Use,
    Watched,
)
from tracking.domain.attribution.known import Alert, KnownAdvocate

DECIDE_CODE_JOB: Final = "tracking.decide_code"

NOTE = b"""
WITH used (code, order_id, placed_at, touched) AS (
    SELECT * FROM unnest(%(codes)b::text[], %(of)b::uuid[], %(placed)b::timestamptz[], %(touched)b::bool[])
), moved AS (
    SELECT k.code, k.order_id, k.placed_at, k.touched FROM used u
    JOIN code_use k ON k.shop_id = %(shop)b AND k.code = u.code AND k.order_id = u.order_id
    WHERE k.placed_at <> u.placed_at
), gone AS (
    DELETE FROM code_use k WHERE k.shop_id = %(shop)b AND k.order_id = ANY(%(orders)b::uuid[])
        AND NOT EXISTS (SELECT FROM used u WHERE u.code = k.code AND u.order_id = k.order_id)
    RETURNING k.code, k.order_id, k.placed_at, k.touched
), noted AS (
    INSERT INTO code_use AS k (shop_id, code, order_id, placed_at, touched) SELECT %(shop)b, u.* FROM used u
    ON CONFLICT (shop_id, code, order_id) DO UPDATE SET placed_at = excluded.placed_at, touched = excluded.touched
    WHERE (k.placed_at, k.touched) IS DISTINCT FROM (excluded.placed_at, excluded.touched)
    RETURNING k.code, k.order_id, k.placed_at, k.touched
)
SELECT * FROM gone UNION ALL SELECT * FROM noted UNION ALL SELECT * FROM moved
"""

# The width of a frame cannot differ from row to row: codes watched for as many hours are counted together.
TRIPPED = b"""
SELECT code, min(placed_at) FROM (
    SELECT w.code, u.placed_at, w.since, w.orders, w.share, count(*) OVER recent AS uses,
        count(*) FILTER (WHERE NOT u.touched) OVER recent AS untouched
    FROM unnest(
        %(codes)s::text[], %(since)s::timestamptz[], %(until)s::timestamptz[], %(scan)s::timestamptz[],
        %(orders)s::bigint[], %(share)s::bigint[]
    ) AS w (code, since, until, scan_from, orders, share)
    JOIN code_use u ON u.shop_id = %(shop)s AND u.code = w.code AND u.placed_at >= w.scan_from
        AND (w.until IS NULL OR u.placed_at < w.until)
    WINDOW recent AS (
        PARTITION BY w.code, w.since ORDER BY u.placed_at RANGE BETWEEN %(width)s::interval PRECEDING AND CURRENT ROW
    )
) counted
WHERE placed_at >= since AND uses >= orders AND 100 * untouched >= share * uses
GROUP BY code
"""

PUT = b"""
INSERT INTO coupon_alert (shop_id, code, programme_id, advocate_id, tripped_at, state, raised_at)
SELECT %s, a.*, 'open', %s FROM unnest(%s::text[], %s::uuid[], %s::uuid[], %s::timestamptz[]) AS a
ON CONFLICT (shop_id, code) DO UPDATE SET tripped_at = excluded.tripped_at
"""
DROP = b"DELETE FROM coupon_alert WHERE shop_id = %s AND code = ANY(%s)"
GET = b"""
SELECT code, programme_id, advocate_id, tripped_at, state FROM coupon_alert WHERE shop_id = %s AND code = %s FOR UPDATE
"""
SETTLE = b"""
UPDATE coupon_alert SET state = %s, settled_reason = %s, settled_by = %s, settled_at = %s
WHERE shop_id = %s AND code = %s
"""
OWNER = b"SELECT advocate_id, programme_id FROM known_advocate WHERE shop_id = %s AND code = %s ORDER BY 1 LIMIT 1"
EXEMPT = b"""
INSERT INTO exempt_code (shop_id, code, reason, exempted_by, exempted_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (shop_id, code) DO UPDATE SET reason = excluded.reason, exempted_by = excluded.exempted_by,
    exempted_at = excluded.exempted_at, watched_by = NULL, watched_at = NULL
"""
WATCH_AGAIN = b"""
UPDATE exempt_code SET watched_by = %s, watched_at = %s WHERE shop_id = %s AND code = %s AND watched_at IS NULL
RETURNING code
"""
DROP_RELEASED = b"DELETE FROM coupon_alert WHERE shop_id = %s AND code = %s AND state = 'released'"
ORDERS = b"""
SELECT order_id FROM code_use
WHERE shop_id = %s AND code = %s AND placed_at >= %s AND (%s::uuid IS NULL OR order_id > %s) ORDER BY order_id LIMIT %s
"""


class DecideCode(Struct, frozen=True, kw_only=True):
    """The payload of the job that decides a code's orders again."""

    code: str
    since: datetime


@dataclass(frozen=True, slots=True)
class PostgresCodeUses:
    """`CodeUses` of the unit's shop."""

    unit: Unit

    async def note(self, orders: Sequence[OrderId], uses: Sequence[Use]) -> list[Use]:
        parameters = {
            "shop": self.unit.shop_id,
            "orders": list(orders),
            "codes": [use.code for use in uses],
            "of": [use.order_id for use in uses],
            "placed": [use.placed_at for use in uses],
            "touched": [use.touched for use in uses],
        }
        rows = await self.unit.read(NOTE, parameters)
        return [Use(code=row[0], order_id=row[1], placed_at=row[2], touched=row[3]) for row in rows]

    async def tripped(self, watched: Sequence[Watched]) -> dict[str, datetime]:
        by_hours: dict[int, list[Watched]] = defaultdict(list)
        for each in watched:
            by_hours[each.rule.hours].append(each)
        found: dict[str, datetime] = {}
        for hours, group in sorted(by_hours.items()):
            rows = await self.unit.read(TRIPPED, self._frame(hours, group))
            for code, moment in rows:
                found[code] = min(moment, found.get(code, moment))
        return found

    def _frame(self, hours: int, group: Sequence[Watched]) -> dict[str, Any]:
        return {
            "shop": self.unit.shop_id,
            "codes": [each.code for each in group],
            "since": [each.since for each in group],
            "until": [each.until for each in group],
            "scan": [each.scan_from for each in group],
            "orders": [each.rule.orders for each in group],
            "share": [each.rule.share_percent for each in group],
            "width": timedelta(hours=hours),
        }

    async def put(self, alerts: Sequence[Alert], gone: Sequence[str]) -> None:
        if alerts:
            rows = [(alert.code, alert.programme_id, alert.advocate_id, alert.tripped_at) for alert in alerts]
            columns = [list(column) for column in zip(*rows, strict=True)]
            self.unit.later(PUT, (self.unit.shop_id, self.unit.now(), *columns))
        if gone:
            self.unit.later(DROP, (self.unit.shop_id, list(gone)))

    async def alert(self, code: str) -> Alert:
        rows = await self.unit.read(GET, (self.unit.shop_id, code))
        row = rows[0] if rows else None
        if row is None:
            raise AlertNotFound
        return Alert(code=row[0], programme_id=row[1], advocate_id=row[2], tripped_at=row[3], state=row[4])

    async def settle(self, settled: Settled) -> None:
        values = (settled.state, settled.reason, settled.by, settled.at, self.unit.shop_id, settled.code)
        self.unit.later(SETTLE, values)

    async def owner(self, code: str) -> KnownAdvocate:
        rows = await self.unit.read(OWNER, (self.unit.shop_id, code))
        if not rows:
            raise UnknownCode
        return KnownAdvocate(advocate_id=rows[0][0], programme_id=rows[0][1], code=code)

    async def exempt(self, exemption: Exemption) -> None:
        values = (self.unit.shop_id, exemption.code, exemption.reason, exemption.by, exemption.at)
        self.unit.later(EXEMPT, values)

    async def watch_again(self, code: str, by: str, at: datetime) -> None:
        if not await self.unit.read(WATCH_AGAIN, (by, at, self.unit.shop_id, code)):
            raise CodeNotExempt
        self.unit.later(DROP_RELEASED, (self.unit.shop_id, code))

    async def orders(self, code: str, since: datetime, after: OrderId | None, most: int) -> list[OrderId]:
        rows = await self.unit.read(ORDERS, (self.unit.shop_id, code, since, after, after, most))
        return [row[0] for row in rows]

    def decide_later(self, code: str, since: datetime) -> None:
        self.unit.enqueue(DECIDE_CODE_JOB, msgspec.json.encode(DecideCode(code=code, since=since)))
