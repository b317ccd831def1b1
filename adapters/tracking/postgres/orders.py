"""Orders in PostgreSQL, by psycopg: the measured hot path. A batch is a handful of statements, none per row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.shared.postgres.arrays import Array, texts, uuids
from adapters.shared.postgres.unit import Unit
from kernel.ids import ClickId, CustomerId, OrderId, PersonId, ProgrammeId
from tracking.domain.attribution import KnownClaim, invites_of
from tracking.domain.attribution.steering import UnknownOrder
from tracking.domain.decision import Decided
from tracking.domain.first_orders import Placed
from tracking.domain.order import Order, OrderFacts, OrderKey, amounts, cancelled_at
from tracking.events import OrderChanged

LOCK = b"SELECT pg_advisory_xact_lock(hashtextextended(%s, 41))"

_COLUMNS = "o.order_id, o.platform, o.external_id, o.revision, o.facts::text, o.decided::text, o.first_order"

OF = f"""
SELECT {_COLUMNS} FROM orders o
JOIN unnest(%b::text[], %b::text[]) AS wanted (platform, external_id) USING (platform, external_id)
WHERE o.shop_id = %s
""".encode()

BY_IDS = f"SELECT {_COLUMNS} FROM orders o WHERE o.shop_id = %s AND o.order_id = ANY(%b)".encode()

_PLACED = """
SELECT order_id, person_id, customer_id, placed_at, platform || ':' || external_id,
    cancelled_at IS NOT NULL OR payment = 'voided', test, first_order
FROM orders WHERE shop_id = %(shop)s AND"""
TIMELINE = f"""{_PLACED} person_id = ANY(%(persons)b)
UNION {_PLACED} customer_id = ANY(%(customers)b) AND person_id IS NOT NULL
""".encode()

# Which orders a CTE `hinting` of `order_ref` names. One way to name them at a time: an OR of all would compare each
# hint with each of the shop's orders, and under row-level security no index answers to `'#' || …`.
_NAMED = """
    SELECT o.order_id, h.* FROM hinting h JOIN orders o ON o.shop_id = %(shop)s AND o.external_id = h.order_ref
    UNION SELECT o.order_id, h.* FROM hinting h JOIN orders o ON o.shop_id = %(shop)s AND o.number = h.order_ref
    UNION SELECT o.order_id, h.* FROM hinting h JOIN orders o ON o.shop_id = %(shop)s AND o.number = h.with_hash
"""
_REF = "order_ref, '#' || order_ref AS with_hash"

# By what an order says itself, and by what the hints that name it say. They are few, whatever the planner expects: as
# an array they are found by their ids, and not by a look at all orders.
POINTING_AT = f"""
WITH hinting AS MATERIALIZED (
    SELECT {_REF} FROM order_hint WHERE shop_id = %(shop)s AND claim_id = ANY(%(claims)s)
    UNION SELECT {_REF} FROM order_hint WHERE shop_id = %(shop)s AND click_id = ANY(%(clicks)s)
    UNION SELECT {_REF} FROM hint_code WHERE shop_id = %(shop)s AND code = ANY(%(codes)s)
    UNION SELECT {_REF} FROM order_hint WHERE shop_id = %(shop)s AND name_key = ANY(%(names)s)
), named AS ({_NAMED}), pointing AS (
    SELECT order_id FROM order_code WHERE shop_id = %(shop)s AND code = ANY(%(codes)s)
    UNION SELECT order_id FROM orders WHERE shop_id = %(shop)s AND claim_id = ANY(%(claims)s)
    UNION SELECT order_id FROM orders WHERE shop_id = %(shop)s AND person_id = ANY(%(persons)s)
    UNION SELECT order_id FROM orders WHERE shop_id = %(shop)s AND click_id = ANY(%(clicks)s)
    UNION SELECT order_id FROM orders WHERE shop_id = %(shop)s AND phone_id = ANY(%(phones)s)
    UNION SELECT order_id FROM orders WHERE shop_id = %(shop)s AND name_key = ANY(%(names)s)
    UNION SELECT order_id FROM named
)
SELECT {_COLUMNS} FROM orders o
WHERE o.shop_id = %(shop)s AND o.order_id = ANY(ARRAY(SELECT order_id FROM pointing)) AND o.revision > 0
""".encode()

CLICKED_FOR = f"""
WITH hinting AS MATERIALIZED (
    SELECT {_REF}, click_id FROM order_hint WHERE shop_id = %(shop)s AND click_id IS NOT NULL
), named AS ({_NAMED}), clicking AS (
    SELECT order_id, click_id FROM orders WHERE shop_id = %(shop)s AND click_id IS NOT NULL
    UNION SELECT order_id, click_id FROM named
)
SELECT {_COLUMNS} FROM orders o WHERE o.shop_id = %(shop)s AND o.order_id IN (
    SELECT w.order_id FROM clicking w
    JOIN click c ON c.shop_id = %(shop)s AND c.click_id = w.click_id
    JOIN link l ON l.shop_id = c.shop_id AND l.link_id = c.link_id
    JOIN unnest(%(programmes)b::uuid[], %(moments)b::timestamptz[]) AS news (programme_id, since)
        ON l.programme_id = news.programme_id AND c.clicked_at >= news.since
)
""".encode()

# Rows travel as one JSON array, which msgspec writes at once; to dump a list per column took longer than to store it.
SAVE = b"""
WITH saved AS (
INSERT INTO orders (
    shop_id, order_id, platform, external_id, revision, facts, decided, number, placed_at, payment, cancelled_at, test,
    currency, total_minor, base_minor, final_base_minor, customer_id, person_id, first_order, claim_id, click_id,
    method, advocate_id, programme_id, campaign, review, phone_id, name_key
)
SELECT %s, order_id, platform, external_id, revision, facts, decided, number, placed_at, payment, cancelled_at, test,
    currency, total_minor, base_minor, final_base_minor, customer_id, person_id, first_order, claim_id, click_id,
    method, advocate_id, programme_id, campaign, review, phone_id, name_key
FROM json_populate_recordset(null::tracking.orders, %s::json)
ON CONFLICT (shop_id, order_id) DO UPDATE SET
    revision = excluded.revision, facts = excluded.facts, decided = excluded.decided, number = excluded.number,
    placed_at = excluded.placed_at, payment = excluded.payment, cancelled_at = excluded.cancelled_at,
    test = excluded.test, currency = excluded.currency, total_minor = excluded.total_minor,
    base_minor = excluded.base_minor, final_base_minor = excluded.final_base_minor,
    customer_id = excluded.customer_id, person_id = excluded.person_id, first_order = excluded.first_order,
    claim_id = excluded.claim_id, click_id = excluded.click_id, method = excluded.method,
    advocate_id = excluded.advocate_id, programme_id = excluded.programme_id, campaign = excluded.campaign,
    review = excluded.review, phone_id = excluded.phone_id, name_key = excluded.name_key
)
INSERT INTO order_code (shop_id, order_id, code) SELECT %s, * FROM unnest(%s::uuid[], %s::text[]) ON CONFLICT DO NOTHING
"""

_facts = msgspec.json.Decoder(OrderFacts)
_decided = msgspec.json.Decoder(Decided)
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class PostgresOrders:
    """`Orders` of the unit's shop."""

    unit: Unit

    async def lock(self) -> None:
        self.unit.later(LOCK, (f"tracking.orders:{self.unit.shop_id}",))

    async def of(self, keys: Iterable[OrderKey]) -> dict[OrderKey, Order]:
        wanted = list(keys)
        parameters = ([key.platform for key in wanted], [key.external_id for key in wanted], self.unit.shop_id)
        return {order.key: order for order in await self._orders(OF, parameters)}

    async def by_ids(self, order_ids: Iterable[OrderId]) -> list[Order]:
        return await self._orders(BY_IDS, (self.unit.shop_id, list(order_ids)))

    async def one(self, order_id: OrderId) -> Order:
        await self.lock()
        found = [order for order in await self.by_ids([order_id]) if order.revision]
        if not found:
            raise UnknownOrder
        return found[0]

    async def timeline(self, persons: Iterable[PersonId], customers: Iterable[CustomerId]) -> list[Placed]:
        wanted = {"shop": self.unit.shop_id, "persons": list(persons), "customers": list(customers)}
        if not wanted["persons"] and not wanted["customers"]:
            return []
        return [
            Placed(
                order_id=row[0],
                person_id=row[1],
                customer_id=row[2],
                placed_at=row[3],
                sort_key=row[4],
                undone=row[5],
                test=row[6],
                first_order=row[7],
            )
            for row in await self.unit.read(TIMELINE, wanted)
        ]

    async def pointing_at(
        self,
        codes: Iterable[str] = (),
        *,
        claims: Iterable[KnownClaim] = (),
        names: Iterable[UUID] = (),
        persons: Iterable[PersonId] = (),
        clicks: Iterable[ClickId] = (),
    ) -> list[Order]:
        claims = list(claims)
        parameters = {
            "shop": self.unit.shop_id,
            "codes": list(codes),
            "claims": [claim.claim_id for claim in claims],
            "persons": list({*persons, *(claim.person_id for claim in claims)}),
            "phones": list({claim.phone_id for claim in claims if claim.phone_id is not None}),
            "names": list(names),
            "clicks": list(clicks),
        }
        return await self._orders(POINTING_AT, parameters)

    async def clicked_for(self, since: Mapping[ProgrammeId, datetime]) -> list[Order]:
        wanted = {"shop": self.unit.shop_id, "programmes": list(since), "moments": list(since.values())}
        return await self._orders(CLICKED_FOR, wanted)

    async def save(self, orders: Sequence[Order], events: Sequence[OrderChanged]) -> None:
        rows = _encode([_row(order) for order in orders])
        codes = sorted(
            (order.order_id, code)
            for order in orders
            if order.facts.snapshot is not None
            for code in invites_of(order.facts.snapshot)
        )
        coded = (Array(uuids([pair[0] for pair in codes])), Array(texts([pair[1] for pair in codes])))
        self.unit.later(SAVE, (self.unit.shop_id, rows.decode(), self.unit.shop_id, *coded))
        self.unit.publish(*events)

    async def _orders(self, statement: bytes, parameters: Any) -> list[Order]:
        return [
            Order(
                order_id=row[0],
                key=OrderKey(row[1], row[2]),
                revision=row[3],
                facts=_facts.decode(row[4]),
                decided=_decided.decode(row[5]) if row[5] is not None else None,
                first_order=row[6],
            )
            for row in await self.unit.read(statement, parameters)
        ]


class _Row(Struct, frozen=True):
    """A row of the table, but for its shop."""

    order_id: UUID
    platform: str
    external_id: str
    revision: int
    facts: OrderFacts
    decided: Decided | None
    number: str | None
    placed_at: datetime | None
    payment: str | None
    cancelled_at: datetime | None
    test: bool | None
    currency: str | None
    total_minor: int | None
    base_minor: int
    final_base_minor: int
    customer_id: UUID | None
    person_id: UUID | None
    first_order: bool
    claim_id: UUID | None
    click_id: UUID | None
    method: str | None
    advocate_id: UUID | None
    programme_id: UUID | None
    campaign: str | None
    review: str | None
    phone_id: UUID | None
    name_key: UUID | None


def _row(order: Order) -> _Row:
    snapshot, winner = order.facts.snapshot, order.decided.winner if order.decided else None
    base, final_base = amounts(order.facts)
    return _Row(
        order_id=order.order_id,
        platform=order.key.platform,
        external_id=order.key.external_id,
        revision=order.revision,
        facts=order.facts,
        decided=order.decided,
        number=snapshot.number if snapshot else None,
        placed_at=snapshot.placed_at if snapshot else None,
        payment=snapshot.payment if snapshot else None,
        cancelled_at=cancelled_at(order.facts),
        test=snapshot.test if snapshot else None,
        currency=snapshot.currency if snapshot else None,
        total_minor=snapshot.total_minor if snapshot else None,
        base_minor=base,
        final_base_minor=final_base,
        customer_id=snapshot.customer_id if snapshot else None,
        person_id=snapshot.person_id if snapshot else None,
        first_order=order.first_order,
        claim_id=snapshot.claim_id if snapshot else None,
        click_id=snapshot.click_id if snapshot else None,
        method=winner.method if winner else None,
        advocate_id=winner.advocate_id if winner else None,
        programme_id=winner.programme_id if winner else None,
        campaign=winner.campaign if winner else None,
        review=order.decided.review if order.decided else None,
        phone_id=snapshot.signs.phone_id if snapshot and snapshot.signs else None,
        name_key=snapshot.signs.name_key if snapshot and snapshot.signs else None,
    )
