"""Replays in PostgreSQL: how far they are, what they found, and what it comes to."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import text

from adapters.shared.postgres.unit import Unit, Units
from adapters.tracking.postgres.steering import encoded
from kernel.ids import OrderId, ShopId
from tracking.domain.attribution import Plan
from tracking.domain.order import Order, amounts
from tracking.domain.replay import Difference, Replay, ReplayId, ReplayNotFound

REPLAY_JOB: Final = "tracking.replay"
ADD = b"""
INSERT INTO replay (shop_id, replay_id, programme_id, plan, since, until, state, orders_total, orders_done, asked_by,
    asked_at)
SELECT %(shop)s, %(replay)s, %(programme)s, %(plan)s, %(since)s, %(until)s, 'waiting', (
    SELECT count(*) FROM orders
    WHERE shop_id = %(shop)s AND placed_at >= %(since)s AND placed_at < %(until)s AND NOT test
), 0, %(by)s, %(until)s
"""
FOR_UPDATE = b"""
SELECT programme_id, plan::text, since, until, state, orders_total, orders_done, reached FROM replay
WHERE shop_id = %s AND replay_id = %s FOR UPDATE
"""
NEXT_ORDERS = b"""
SELECT order_id FROM orders
WHERE shop_id = %s AND placed_at >= %s AND placed_at < %s AND NOT test AND (%s::uuid IS NULL OR order_id > %s)
ORDER BY order_id LIMIT %s
"""
NOTE = b"""
INSERT INTO replay_difference (
    shop_id, replay_id, order_id, kind, number, placed_at, base_minor, final_base_minor, old_method, old_programme_id,
    old_advocate_id, old_campaign, new_method, new_programme_id, new_advocate_id, new_campaign, new_reason
)
SELECT %s, %s, * FROM unnest(
    %s::uuid[], %s::text[], %s::text[], %s::timestamptz[], %s::bigint[], %s::bigint[], %s::text[], %s::uuid[],
    %s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::uuid[], %s::text[], %s::text[]
) ON CONFLICT DO NOTHING
"""
# Orders of the past may come in while it runs, from a store's file, say: they are looked at, too.
WENT_ON = b"""
UPDATE replay SET state = %(state)s, orders_done = %(done)s, orders_total = greatest(orders_total, %(done)s),
    reached = %(reached)s, done_at = %(at)s
WHERE shop_id = %(shop)s AND replay_id = %(replay)s
"""

GET = text("""
SELECT replay_id, programme_id, plan::text AS plan, since, until, state, orders_total, orders_done, asked_by, asked_at,
    done_at
FROM replay WHERE shop_id = :shop AND replay_id = :replay
""")
SUMS = text("""
SELECT kind, count(*) AS orders, sum(base_minor)::bigint AS base, sum(final_base_minor)::bigint AS final,
    count(*) FILTER (WHERE kind IN ('gained', 'moved') AND new_advocate_id IS NOT NULL) AS newly_credited
FROM replay_difference WHERE shop_id = :shop AND replay_id = :replay GROUP BY kind ORDER BY kind
""")
BY_METHOD = text("""
SELECT side, programme_id, method, count(*) AS orders, sum(base_minor)::bigint AS base,
    sum(final_base_minor)::bigint AS final
FROM (
    SELECT 'before' AS side, old_programme_id AS programme_id, old_method AS method, base_minor, final_base_minor
    FROM replay_difference WHERE shop_id = :shop AND replay_id = :replay AND old_method IS NOT NULL
    UNION ALL
    SELECT 'after', new_programme_id, new_method, base_minor, final_base_minor
    FROM replay_difference WHERE shop_id = :shop AND replay_id = :replay AND new_method IS NOT NULL
) s GROUP BY side, programme_id, method ORDER BY programme_id, method, side
""")
# What was granted for the credit that orders would lose. A reward that was taken back is one of nothing.
_AT_STAKE = """
FROM replay_difference d JOIN known_reward r ON r.shop_id = d.shop_id AND r.order_id = d.order_id
WHERE d.shop_id = :shop AND d.replay_id = :replay AND d.kind IN ('lost', 'moved') AND r.amount_minor > 0
"""
REWARDS = text(f"""
SELECT d.kind, r.side, coalesce(r.currency, :currency) AS currency, count(*) AS rewards,
    sum(r.amount_minor)::bigint AS amount
{_AT_STAKE} GROUP BY d.kind, r.side, 3 ORDER BY d.kind, r.side, 3
""")
REWARDS_OF = text(f"""
SELECT d.order_id, r.side, coalesce(r.currency, :currency) AS currency, count(*) AS rewards,
    sum(r.amount_minor)::bigint AS amount
{_AT_STAKE} AND d.order_id = ANY(:orders) GROUP BY d.order_id, r.side, 3 ORDER BY d.order_id, r.side, 3
""")
PAGE = text("""
SELECT order_id, kind, number, placed_at, base_minor, final_base_minor, old_method, old_programme_id, old_advocate_id,
    old_campaign, new_method, new_programme_id, new_advocate_id, new_campaign, new_reason
FROM replay_difference
WHERE shop_id = :shop AND replay_id = :replay AND order_id > :after ORDER BY order_id LIMIT :most
""")
_FIRST = UUID(int=0)
_plan = msgspec.json.Decoder(Plan)


@dataclass(frozen=True, slots=True)
class PostgresReplays:
    """`Replays` of the unit's shop."""

    unit: Unit

    async def add(self, replay: Replay, by: str) -> None:
        parameters = {
            "shop": self.unit.shop_id,
            "replay": replay.replay_id,
            "programme": replay.programme_id,
            "plan": encoded(replay.plan),
            "since": replay.since,
            "until": replay.until,
            "by": by,
        }
        self.unit.later(ADD, parameters)
        self.unit.enqueue(REPLAY_JOB, replay.replay_id.bytes)

    async def for_update(self, replay_id: ReplayId) -> Replay:
        rows = await self.unit.read(FOR_UPDATE, (self.unit.shop_id, replay_id))
        if not rows:
            raise ReplayNotFound
        programme_id, plan, since, until, state, total, done, reached = rows[0]
        return Replay(
            replay_id=replay_id,
            programme_id=programme_id,
            plan=_plan.decode(plan),
            since=since,
            until=until,
            state=state,
            orders_total=total,
            orders_done=done,
            reached=reached,
        )

    async def orders(self, replay: Replay, most: int) -> list[OrderId]:
        parameters = (self.unit.shop_id, replay.since, replay.until, replay.reached, replay.reached, most)
        return [row[0] for row in await self.unit.read(NEXT_ORDERS, parameters)]

    async def note(self, replay: Replay, found: Sequence[tuple[Order, Difference]]) -> None:
        if found:
            columns = [list(column) for column in zip(*(_row(order, each) for order, each in found), strict=True)]
            self.unit.later(NOTE, (self.unit.shop_id, replay.replay_id, *columns))
        parameters = {
            "state": replay.state,
            "done": replay.orders_done,
            "reached": replay.reached,
            "at": self.unit.now() if replay.state == "done" else None,
            "shop": self.unit.shop_id,
            "replay": replay.replay_id,
        }
        self.unit.later(WENT_ON, parameters)


def _row(order: Order, found: Difference) -> tuple[Any, ...]:
    snapshot, old, new = order.facts.snapshot, found.before, found.after
    base, final = amounts(order.facts)
    return (
        *(found.order_id, found.kind, snapshot.number if snapshot else "", snapshot.placed_at if snapshot else None),
        *(base, final),
        *((old.method, old.programme_id, old.advocate_id, old.campaign) if old else (None,) * 4),
        *((new.method, new.programme_id, new.advocate_id, new.campaign) if new else (None,) * 4),
        found.reason,
    )


@dataclass(frozen=True, slots=True)
class ReplayReads:
    """A replay, what it comes to, and what it found."""

    units: Units

    async def replay(self, shop_id: ShopId, replay_id: UUID) -> "Found":
        asked = {"shop": shop_id, "replay": replay_id}
        async with self.units(shop_id) as unit:
            row = (await unit.sql.execute(GET, asked)).one_or_none()
            if row is None:
                raise ReplayNotFound
            currency = unit.shop.currency
            return Found(
                row,
                (await unit.sql.execute(SUMS, asked)).all(),
                (await unit.sql.execute(BY_METHOD, asked)).all(),
                (await unit.sql.execute(REWARDS, asked | {"currency": currency})).all(),
                currency,
            )

    async def page(self, shop_id: ShopId, replay_id: UUID, after: UUID | None, most: int) -> "Page":
        """Some differences, by order, and the rewards at stake for them."""
        async with self.units(shop_id) as unit:
            asked: dict[str, Any] = {"shop": shop_id, "replay": replay_id}
            if (await unit.sql.execute(GET, asked)).one_or_none() is None:
                raise ReplayNotFound
            rows = (await unit.sql.execute(PAGE, asked | {"after": after or _FIRST, "most": most})).all()
            named = {"currency": unit.shop.currency, "orders": [row.order_id for row in rows]}
            rewards = (await unit.sql.execute(REWARDS_OF, asked | named)).all() if rows else ()
            return Page(rows, rewards, unit.shop.currency)

    async def all(self, shop_id: ShopId, replay_id: UUID, at_once: int = 1000) -> "AsyncIterator[Page]":
        """Every difference, some at a time."""
        after: UUID | None = None
        while True:
            page = await self.page(shop_id, replay_id, after, at_once)
            yield page
            if len(page.rows) < at_once:
                return
            after = page.rows[-1].order_id


class Found(NamedTuple):
    """A replay; sums by kind; by programme and method before and after; rewards at stake; the shop's currency."""

    row: Any
    sums: Sequence[Any]
    by_method: Sequence[Any]
    rewards: Sequence[Any]
    currency: str


class Page(NamedTuple):
    rows: Sequence[Any]
    rewards: Sequence[Any]
    currency: str
