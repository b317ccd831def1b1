"""Reads for the people who steer attribution: chains, alerts, what needs a look, who said what about an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from adapters.shared.postgres.unit import Units
from adapters.tracking.postgres.steering import PostgresChains
from kernel.ids import ProgrammeId, ShopId
from tracking.domain.attribution import Chain, Plan, Policy
from tracking.domain.attribution.coupon_site import AlertNotFound
from tracking.domain.attribution.rules import SiteRule

_ALERT = """
SELECT a.code, a.programme_id, a.advocate_id, a.tripped_at, a.state, a.raised_at, a.settled_at, a.settled_by,
    a.settled_reason, u.uses, u.untouched
FROM coupon_alert a CROSS JOIN LATERAL (
    SELECT count(*) AS uses, count(*) FILTER (WHERE NOT touched) AS untouched FROM code_use k
    WHERE k.shop_id = a.shop_id AND k.code = a.code
) u
WHERE a.shop_id = :shop
"""
ALERTS = text(
    _ALERT
    + """
    AND (CAST(:state AS text) IS NULL OR a.state = :state) AND (CAST(:after AS text) IS NULL OR a.code > :after)
ORDER BY a.code LIMIT :most"""
)
ALERT = text(_ALERT + " AND a.code = :code")
REVIEWS = text("""
SELECT order_id, number, placed_at, review, decided::text AS decided_text FROM orders
WHERE shop_id = :shop AND review IS NOT NULL AND order_id < :before ORDER BY order_id DESC LIMIT :most
""")
_EXEMPT = """
SELECT code, reason, exempted_by, exempted_at, watched_by, watched_at FROM exempt_code WHERE shop_id = :shop
"""
EXEMPT = text(_EXEMPT + " AND code = :code")
EXEMPT_CODES = text(_EXEMPT + " AND (CAST(:after AS text) IS NULL OR code > :after) ORDER BY code LIMIT :most")
CREDITS = text("""
SELECT credit_id, programme_id, advocate_id, reason, credited_by, credited_at, withdrawn_at, withdrawn_by,
    withdrawn_reason
FROM order_credit WHERE shop_id = :shop AND order_id = :order ORDER BY credit_id DESC LIMIT 200
""")
_LATEST = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class SteeringReads:
    """Each read is one transaction, of one statement whatever the number of rows, or of a few for one thing."""

    units: Units

    async def chain(self, shop_id: ShopId, programme_id: ProgrammeId) -> tuple[list[Chain], Plan | None, datetime]:
        """All versions but the default, by number; the draft; the shop's present moment."""
        async with self.units(shop_id) as unit:
            chains = PostgresChains(unit)
            await chains.expect(programme_id)
            return await chains.of(programme_id), await chains.draft(programme_id), unit.now()

    async def policies(self, shop_id: ShopId) -> tuple[list[Policy], datetime]:
        """All versions but the default, by number; the shop's present moment."""
        async with self.units(shop_id) as unit:
            return await PostgresChains(unit).policies(), unit.now()

    async def alerts(self, shop_id: ShopId, state: str | None, after: str | None, most: int) -> Sequence[Any]:
        async with self.units(shop_id) as unit:
            parameters = {"shop": shop_id, "state": state, "after": after, "most": most}
            return (await unit.sql.execute(ALERTS, parameters)).all()

    async def alert(self, shop_id: ShopId, code: str) -> Any:
        async with self.units(shop_id) as unit:
            row = (await unit.sql.execute(ALERT, {"shop": shop_id, "code": code})).one_or_none()
        if row is None:
            raise AlertNotFound
        return row

    async def site_rules(self, shop_id: ShopId) -> tuple[list[SiteRule], datetime]:
        """All versions but the default, by number; the shop's present moment."""
        async with self.units(shop_id) as unit:
            return await PostgresChains(unit).site_rules(), unit.now()

    async def exempt_code(self, shop_id: ShopId, code: str) -> Any:
        async with self.units(shop_id) as unit:
            return (await unit.sql.execute(EXEMPT, {"shop": shop_id, "code": code})).one()

    async def exempt_codes(self, shop_id: ShopId, after: str | None, most: int) -> Sequence[Any]:
        async with self.units(shop_id) as unit:
            return (await unit.sql.execute(EXEMPT_CODES, {"shop": shop_id, "after": after, "most": most})).all()

    async def reviews(self, shop_id: ShopId, before: UUID | None, most: int) -> Sequence[Any]:
        async with self.units(shop_id) as unit:
            parameters = {"shop": shop_id, "before": before or _LATEST, "most": most}
            return (await unit.sql.execute(REVIEWS, parameters)).all()

    async def credits(self, shop_id: ShopId, order_id: UUID) -> Sequence[Any]:
        """What people said about one order, newest first."""
        async with self.units(shop_id) as unit:
            return (await unit.sql.execute(CREDITS, {"shop": shop_id, "order": order_id})).all()
