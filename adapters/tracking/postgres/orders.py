"""Orders in PostgreSQL, by psycopg: the measured hot path. A batch is a handful of statements, none per row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from adapters.shared.postgres.unit import Unit
from kernel.ids import OrderId, PersonId, ProgrammeId
from tracking.domain.attribution import KnownClaim, codes_of
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

TIMELINE = b"""
SELECT order_id, person_id, placed_at, platform || ':' || external_id, cancelled_at IS NOT NULL, first_order
FROM orders WHERE shop_id = %s AND person_id = ANY(%b)
"""

POINTING_AT = f"""
SELECT {_COLUMNS} FROM orders o WHERE o.shop_id = %(shop)s AND o.revision > 0 AND o.order_id IN (
    SELECT order_id FROM order_code WHERE shop_id = %(shop)s AND code = ANY(%(codes)s)
    UNION SELECT order_id FROM orders WHERE shop_id = %(shop)s AND claim_id = ANY(%(claims)s)
    UNION SELECT order_id FROM orders WHERE shop_id = %(shop)s AND person_id = ANY(%(persons)s)
)
""".encode()

CLICKED_FOR = f"""
SELECT {_COLUMNS} FROM orders o
JOIN click c ON c.shop_id = o.shop_id AND c.click_id = o.click_id
JOIN link l ON l.shop_id = c.shop_id AND l.link_id = c.link_id
WHERE o.shop_id = %s AND o.click_id IS NOT NULL AND l.programme_id = ANY(%s)
""".encode()

# `%b` sends arrays in binary: text with quotes in it would be escaped letter by letter.
SAVE = b"""
WITH saved AS (
INSERT INTO orders (
    shop_id, order_id, platform, external_id, revision, facts, decided, number, placed_at, payment, cancelled_at, test,
    currency, total_minor, base_minor, final_base_minor, customer_id, person_id, first_order, claim_id, click_id,
    method, advocate_id
)
SELECT %s, o.order_id, o.platform, o.external_id, o.revision, o.facts::json, o.decided::json, o.number, o.placed_at,
    o.payment, o.cancelled_at, o.test, o.currency, o.total_minor, o.base_minor, o.final_base_minor, o.customer_id,
    o.person_id, o.first_order, o.claim_id, o.click_id, o.method, o.advocate_id
FROM unnest(
    %b::uuid[], %b::text[], %b::text[], %b::int[], %b::text[], %b::text[], %b::text[], %b::timestamptz[], %b::text[],
    %b::timestamptz[], %b::bool[], %b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::uuid[], %b::uuid[],
    %b::bool[], %b::uuid[], %b::uuid[], %b::text[], %b::uuid[]
) AS o (
    order_id, platform, external_id, revision, facts, decided, number, placed_at, payment, cancelled_at, test,
    currency, total_minor, base_minor, final_base_minor, customer_id, person_id, first_order, claim_id, click_id,
    method, advocate_id
)
ON CONFLICT (shop_id, order_id) DO UPDATE SET
    revision = excluded.revision, facts = excluded.facts, decided = excluded.decided, number = excluded.number,
    placed_at = excluded.placed_at, payment = excluded.payment, cancelled_at = excluded.cancelled_at,
    test = excluded.test, currency = excluded.currency, total_minor = excluded.total_minor,
    base_minor = excluded.base_minor, final_base_minor = excluded.final_base_minor,
    customer_id = excluded.customer_id, person_id = excluded.person_id, first_order = excluded.first_order,
    claim_id = excluded.claim_id, click_id = excluded.click_id, method = excluded.method,
    advocate_id = excluded.advocate_id
)
INSERT INTO order_code (shop_id, order_id, code) SELECT %s, * FROM unnest(%b::uuid[], %b::text[]) ON CONFLICT DO NOTHING
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

    async def timeline(self, persons: Iterable[PersonId]) -> list[Placed]:
        wanted = list(persons)
        if not wanted:
            return []
        return [
            Placed(
                order_id=row[0],
                person_id=row[1],
                placed_at=row[2],
                sort_key=row[3],
                cancelled=row[4],
                first_order=row[5],
            )
            for row in await self.unit.read(TIMELINE, (self.unit.shop_id, wanted))
        ]

    async def pointing_at(self, codes: Iterable[str], claims: Iterable[KnownClaim]) -> list[Order]:
        claims = list(claims)
        parameters = {
            "shop": self.unit.shop_id,
            "codes": list(codes),
            "claims": [claim.claim_id for claim in claims],
            "persons": list({claim.person_id for claim in claims}),
        }
        return await self._orders(POINTING_AT, parameters)

    async def clicked_for(self, programmes: Iterable[ProgrammeId]) -> list[Order]:
        return await self._orders(CLICKED_FOR, (self.unit.shop_id, list(programmes)))

    async def save(self, orders: Sequence[Order], events: Sequence[OrderChanged]) -> None:
        columns = [list(column) for column in zip(*map(_row, orders), strict=True)]
        codes = sorted(
            (order.order_id, code)
            for order in orders
            if order.facts.snapshot is not None
            for code in codes_of(order.facts.snapshot)
        )
        coded = ([pair[0] for pair in codes], [pair[1] for pair in codes])
        self.unit.later(SAVE, (self.unit.shop_id, *columns, self.unit.shop_id, *coded))
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


def _row(order: Order) -> tuple[Any, ...]:
    snapshot, winner = order.facts.snapshot, order.decided.winner if order.decided else None
    base, final_base = amounts(order.facts)
    return (
        order.order_id,
        order.key.platform,
        order.key.external_id,
        order.revision,
        _encode(order.facts).decode(),
        _encode(order.decided).decode() if order.decided else None,
        snapshot.number if snapshot else None,
        snapshot.placed_at if snapshot else None,
        snapshot.payment if snapshot else None,
        cancelled_at(order.facts),
        snapshot.test if snapshot else None,
        snapshot.currency if snapshot else None,
        snapshot.total_minor if snapshot else None,
        base,
        final_base,
        snapshot.customer_id if snapshot else None,
        snapshot.person_id if snapshot else None,
        order.first_order,
        snapshot.claim_id if snapshot else None,
        snapshot.click_id if snapshot else None,
        winner.method if winner else None,
        winner.advocate_id if winner else None,
    )
