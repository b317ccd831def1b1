"""Tag events that something follows from: claimed by the worker, settled with their outcome; and visitors' ties."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.sweep import shops_from
from adapters.shared.postgres.unit import Unit, Units
from kernel.ids import CustomerId, ShopId
from tracking.domain.tag_event import Consent, without_name
from tracking.domain.tag_work import DueEvent, Tie

SHOPS = "SELECT DISTINCT shop_id FROM tag_event WHERE due_at <= now()"
CLAIM = """
WITH due AS (
    SELECT event_id, at FROM tag_event WHERE shop_id = %s AND due_at <= now()
    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE tag_event e SET due_at = now() + make_interval(secs => %s)
FROM due WHERE e.shop_id = %s AND e.event_id = due.event_id AND e.at = due.at
RETURNING e.event_id, e.at, e.name, e.happened_at, e.received_at, e.visitor, e.click_id, e.claim_id, e.page,
    e.address_hash, e.consent::text, e.data::text, e.tries
"""
# The identify token names a person, so it goes; so does the visitor's id of somebody who withdrew.
SETTLE = """
UPDATE tag_event e SET
    due_at = NULL, outcome = o.outcome, data = CASE WHEN e.name <> 'identify' THEN e.data END,
    visitor = CASE WHEN o.outcome <> 'consent_withdrawn' THEN e.visitor END
FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[]) AS o (event_id, at, outcome)
WHERE e.shop_id = %s AND e.event_id = o.event_id AND e.at = o.at
"""
STRIP = """
UPDATE tag_event e SET data = n.data::json
FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[]) AS n (event_id, at, data)
WHERE e.shop_id = %s AND e.event_id = n.event_id AND e.at = n.at
"""
RETRY_LATER = """
UPDATE tag_event SET due_at = now() + make_interval(secs => %s), tries = %s
WHERE shop_id = %s AND event_id = %s AND at = %s
"""
TIE = """
INSERT INTO tag_visitor AS known (shop_id, visitor, customer_id, person_id, identified_at)
SELECT %s, * FROM unnest(%s::text[], %s::uuid[], %s::uuid[], %s::timestamptz[])
ON CONFLICT (shop_id, visitor) DO UPDATE SET
    customer_id = excluded.customer_id, person_id = excluded.person_id, identified_at = excluded.identified_at
WHERE known.identified_at < excluded.identified_at
"""
FORGET = "DELETE FROM tag_visitor WHERE shop_id = %s AND visitor = ANY(%s)"
FORGET_CUSTOMERS = "DELETE FROM tag_visitor WHERE shop_id = %s AND customer_id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class PostgresVisitors:
    """`Visitors` of the unit's shop."""

    unit: Unit

    async def tie(self, ties: Sequence[Tie]) -> None:
        latest = {tie.visitor: tie for tie in sorted(ties, key=lambda tie: (tie.visitor, tie.identified_at))}
        if latest:
            rows = [(t.visitor, t.customer_id, t.person_id, t.identified_at) for t in latest.values()]
            await self.unit.raw.execute(TIE, (self.unit.shop_id, *[list(c) for c in zip(*rows, strict=True)]))

    async def forget(self, visitors: Sequence[str]) -> None:
        if visitors:
            await self.unit.raw.execute(FORGET, (self.unit.shop_id, list(visitors)))

    async def forget_customers(self, customers: Sequence[CustomerId]) -> None:
        await self.unit.raw.execute(FORGET_CUSTOMERS, (self.unit.shop_id, list(customers)))


@dataclass(frozen=True, slots=True)
class WaitingTagEvents:
    """For the worker: whose events are due, and those of one shop within its own tenancy."""

    relay: Database
    units: Units

    async def shops(self) -> list[ShopId]:
        return await shops_from(self.relay, SHOPS)

    async def claim(self, shop_id: ShopId, most: int, lease_s: int) -> list[DueEvent]:
        """Events that are due, held for `lease_s` seconds: whoever dies with them loses them to the next."""
        async with self.units(shop_id) as unit:
            cursor = await unit.raw.execute(CLAIM, (shop_id, most, lease_s, shop_id))
            return [_due(row) for row in await cursor.fetchall()]

    async def settle(self, shop_id: ShopId, outcomes: Sequence[tuple[DueEvent, str]]) -> None:
        """Write down what became of the events. Whom a buyer named goes with that."""
        purchases = [event for event, _ in outcomes if event.name == "purchase" and event.data]
        cut = [(event, without_name(event.data or "{}").decode()) for event in purchases]
        named = [(event, text) for event, text in cut if text != event.data]
        async with self.units(shop_id) as unit:
            if named:
                keys = _keys([event for event, _ in named])
                await unit.raw.execute(STRIP, (*keys, [text for _, text in named], shop_id))
            events = [event for event, _ in outcomes]
            await unit.raw.execute(SETTLE, (*_keys(events), [outcome for _, outcome in outcomes], shop_id))

    async def retry_later(self, shop_id: ShopId, event: DueEvent, *, tries: int, pause_s: float) -> None:
        async with self.units(shop_id) as unit:
            await unit.raw.execute(RETRY_LATER, (pause_s, tries, shop_id, event.event_id, event.at))


def _keys(events: Sequence[DueEvent]) -> tuple[list[UUID], list[datetime]]:
    return [event.event_id for event in events], [event.at for event in events]


def _due(row: tuple[Any, ...]) -> DueEvent:
    consent = msgspec.json.decode(row[10], type=Consent) if row[10] else None
    return DueEvent(
        event_id=row[0], at=row[1], name=row[2], happened_at=row[3], received_at=row[4], visitor=row[5],
        click_id=row[6], claim_id=row[7], page=row[8], address_hash=row[9], consent=consent, data=row[11],
        tries=row[12],
    )  # fmt: skip
