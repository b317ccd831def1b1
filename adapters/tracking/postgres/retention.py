"""Retention in PostgreSQL: set by set, in bounded batches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from adapters.shared.postgres.unit import Unit, Units
from adapters.tracking.postgres.orders import LOCK
from kernel.ids import PersonId, ShopId
from tracking.domain.retention import Forgotten, Kept, Retention

GET = "SELECT orders_months, clicks_months, events_months FROM retention WHERE shop_id = %s"
SAVE = """
INSERT INTO retention (shop_id, orders_months, clicks_months, events_months) VALUES (%s, %s, %s, %s)
ON CONFLICT (shop_id) DO UPDATE SET orders_months = excluded.orders_months, clicks_months = excluded.clicks_months,
    events_months = excluded.events_months
"""
NOTE = """
INSERT INTO retention_run (shop_id, ran_at, orders, clicks, events) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
LAST = "SELECT ran_at, orders, clicks, events FROM retention_run WHERE shop_id = %s ORDER BY ran_at DESC LIMIT 1"

# An order without a buyer is its own: customer and person are the order's id. Reported again, it has its buyer again
# and is found again.
PEOPLE = """
SELECT o.person_id FROM orders o
WHERE o.shop_id = %(shop)s AND o.person_id IS NOT NULL AND (%(after)s::uuid IS NULL OR o.person_id > %(after)s)
GROUP BY o.person_id
HAVING max(o.placed_at) < %(before)s AND bool_or(o.person_id <> o.order_id) AND NOT EXISTS (
    SELECT FROM orders u JOIN known_reward r ON r.shop_id = u.shop_id AND r.order_id = u.order_id
    WHERE u.shop_id = %(shop)s AND u.person_id = o.person_id AND r.state IN ('pending', 'approved'))
ORDER BY o.person_id LIMIT %(most)s
"""
FORGET = """
WITH theirs AS (
    SELECT order_id, external_id, number FROM orders WHERE shop_id = %(shop)s AND person_id = ANY(%(people)s)
), refs AS MATERIALIZED (
    SELECT external_id AS order_ref FROM theirs UNION SELECT regexp_replace(number, '^#', '') FROM theirs
), codes AS (
    DELETE FROM order_code c USING theirs t WHERE c.shop_id = %(shop)s AND c.order_id = t.order_id
), uses AS (
    DELETE FROM code_use c USING theirs t WHERE c.shop_id = %(shop)s AND c.order_id = t.order_id
), hints AS (
    DELETE FROM order_hint h USING refs r WHERE h.shop_id = %(shop)s AND h.order_ref = r.order_ref
), credits AS (
    UPDATE order_credit c SET reason = 'No longer kept.',
        withdrawn_reason = CASE WHEN withdrawn_at IS NOT NULL THEN 'No longer kept.' END
    FROM theirs t WHERE c.shop_id = %(shop)s AND c.order_id = t.order_id
), differences AS (
    DELETE FROM replay_difference d USING theirs t WHERE d.shop_id = %(shop)s AND d.order_id = t.order_id
)
UPDATE orders o SET person_id = o.order_id, customer_id = o.order_id, claim_id = NULL, phone_id = NULL, name_key = NULL,
    review = NULL,
    facts = jsonb_set(o.facts::jsonb #- '{snapshot,claim_id}' #- '{snapshot,codes}' #- '{snapshot,signs}'
        #- '{snapshot,attributes}', '{snapshot}', (o.facts::jsonb -> 'snapshot')
        - '{claim_id,codes,signs,attributes}'::text[]
        || jsonb_build_object('customer_id', o.order_id, 'person_id', o.order_id))::json,
    decided = CASE WHEN jsonb_typeof(o.decided::jsonb -> 'winner') = 'object' THEN
        jsonb_set(o.decided::jsonb, '{winner}', (o.decided::jsonb -> 'winner') - 'claim_id'
            || '{"evidence": "", "reason": "What it was decided by is no longer kept."}'::jsonb)
        || '{"losers": []}'::jsonb
        ELSE o.decided::jsonb || '{"losers": []}'::jsonb END::json
FROM theirs t WHERE o.shop_id = %(shop)s AND o.order_id = t.order_id
"""
# A name is written as its key, which stands in no other text.
FORGET_NAMES = """
WITH hinted AS (
    UPDATE order_hint SET name_key = NULL WHERE shop_id = %(shop)s AND name_key = ANY(%(names)s)
    RETURNING order_ref, '#' || order_ref AS with_hash
), named AS (
    SELECT order_id FROM orders WHERE shop_id = %(shop)s AND name_key = ANY(%(names)s)
    UNION SELECT o.order_id FROM hinted h JOIN orders o ON o.shop_id = %(shop)s AND o.external_id = h.order_ref
    UNION SELECT o.order_id FROM hinted h JOIN orders o ON o.shop_id = %(shop)s AND o.number = h.order_ref
    UNION SELECT o.order_id FROM hinted h JOIN orders o ON o.shop_id = %(shop)s AND o.number = h.with_hash
)
UPDATE orders o SET
    facts = CASE WHEN o.name_key = ANY(%(names)s) THEN (o.facts::jsonb #- '{snapshot,signs,name_key}')::json
        ELSE o.facts END,
    name_key = CASE WHEN o.name_key = ANY(%(names)s) THEN NULL ELSE o.name_key END,
    decided = regexp_replace(o.decided::text, %(texts)s, '', 'g')::json,
    review = CASE WHEN o.review ~ %(texts)s THEN NULL ELSE o.review END
WHERE o.shop_id = %(shop)s AND o.order_id = ANY(ARRAY(SELECT order_id FROM named))
"""
_NOTED = """
, noted AS (
    INSERT INTO no_longer_kept AS n (shop_id, what, until)
    SELECT %(shop)s, '{what}', max(at) FROM gone HAVING count(*) > 0
    ON CONFLICT (shop_id, what) DO UPDATE SET until = greatest(n.until, excluded.until)
)
SELECT count(*) FROM gone
"""
DELETE_CLICKS = """
WITH gone AS (
    DELETE FROM click WHERE shop_id = %(shop)s AND (click_id, recorded_at) IN (
        SELECT click_id, recorded_at FROM click WHERE shop_id = %(shop)s AND recorded_at < %(before)s LIMIT %(most)s)
    AND recorded_at < %(before)s RETURNING clicked_at AS at
)""" + _NOTED.format(what="clicks")
# What was said of an order that never came goes with the clicks of its time. An OR of the ways to name an order would
# compare each hint with each order.
DELETE_LOST_HINTS = """
DELETE FROM order_hint h WHERE h.shop_id = %(shop)s AND h.at < %(before)s
    AND NOT EXISTS (SELECT FROM orders o WHERE o.shop_id = %(shop)s AND o.external_id = h.order_ref)
    AND NOT EXISTS (SELECT FROM orders o WHERE o.shop_id = %(shop)s AND o.number = h.order_ref)
    AND NOT EXISTS (SELECT FROM orders o WHERE o.shop_id = %(shop)s AND o.number = '#' || h.order_ref)
"""
# By when they arrived: a browser's own time may be a day ahead of ours.
DELETE_EVENTS = """
WITH ties AS (DELETE FROM tag_visitor WHERE shop_id = %(shop)s AND identified_at < %(before)s), gone AS (
    DELETE FROM tag_event WHERE shop_id = %(shop)s AND (event_id, at) IN (
        SELECT event_id, at FROM tag_event WHERE shop_id = %(shop)s AND received_at < %(before)s
        ORDER BY received_at LIMIT %(most)s)
    AND at < %(before)s + interval '2 days' RETURNING happened_at AS at
)""" + _NOTED.format(what="events")
_POLICIES: Final = Path(__file__).parents[1] / "retention.json"


class _Policies(msgspec.Struct, frozen=True):
    strictest: Retention
    countries: Mapping[str, Retention]


@cache
def policies() -> _Policies:
    return msgspec.json.decode(_POLICIES.read_bytes(), type=_Policies)


@dataclass(frozen=True, slots=True)
class PostgresRetentions:
    """`Retentions` of the unit's shop."""

    unit: Unit

    async def get(self) -> Kept:
        row = await (await self.unit.raw.execute(GET, (self.unit.shop_id,))).fetchone()
        if row is not None:
            retention = Retention(orders_months=row[0], clicks_months=row[1], events_months=row[2])
            return Kept(retention=retention, chosen=True)
        known = policies()
        return Kept(retention=known.countries.get(self.unit.shop.country, known.strictest), chosen=False)

    async def save(self, retention: Retention) -> None:
        months = (retention.orders_months, retention.clicks_months, retention.events_months)
        await self.unit.raw.execute(SAVE, (self.unit.shop_id, *months))

    async def forget_buyers(self, before: datetime, after: PersonId | None, most: int) -> tuple[int, PersonId | None]:
        await self.unit.raw.execute(LOCK, (f"tracking.orders:{self.unit.shop_id}",))
        parameters = {"shop": self.unit.shop_id, "before": before, "after": after, "most": most}
        people = [row[0] for row in await (await self.unit.raw.execute(PEOPLE, parameters)).fetchall()]
        if not people:
            return 0, None
        changed = await self.unit.raw.execute(FORGET, {"shop": self.unit.shop_id, "people": people})
        return changed.rowcount, people[-1] if len(people) == most else None

    async def forget_names(self, names: Sequence[UUID]) -> None:
        texts = "|".join(map(str, names))
        await self.unit.raw.execute(FORGET_NAMES, {"shop": self.unit.shop_id, "names": list(names), "texts": texts})

    async def delete_clicks(self, before: datetime, most: int) -> int:
        parameters = {"shop": self.unit.shop_id, "before": before, "most": most}
        deleted = await self._count(DELETE_CLICKS, parameters)
        if deleted < most:  # once a night, and not with each batch: it looks at all hints
            await self.unit.raw.execute(DELETE_LOST_HINTS, parameters)
        return deleted

    async def delete_events(self, before: datetime, most: int) -> int:
        parameters = {"shop": self.unit.shop_id, "before": before, "most": most}
        return await self._count(DELETE_EVENTS, parameters)

    async def _count(self, statement: str, parameters: Mapping[str, object]) -> int:
        row = await (await self.unit.raw.execute(statement, parameters)).fetchone()
        return int(row[0]) if row else 0

    async def note(self, forgotten: Forgotten) -> None:
        counts = (forgotten.orders, forgotten.clicks, forgotten.events)
        await self.unit.raw.execute(NOTE, (self.unit.shop_id, forgotten.at, *counts))

    async def last(self) -> Forgotten | None:
        row = await (await self.unit.raw.execute(LAST, (self.unit.shop_id,))).fetchone()
        return Forgotten(at=row[0], orders=row[1], clicks=row[2], events=row[3]) if row else None


@dataclass(frozen=True, slots=True)
class RetentionReads:
    """Reads for the API."""

    units: Units

    async def one(self, shop_id: ShopId) -> tuple[Kept, Forgotten | None]:
        """The shop's retention, and what its last run came to."""
        async with self.units(shop_id) as unit:
            retentions = PostgresRetentions(unit)
            return await retentions.get(), await retentions.last()
