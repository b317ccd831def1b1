"""What reports hear of other contexts: kept as it is, and noted as changed for the roll-ups."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from adapters.shared.postgres.unit import Unit
from adapters.shared.queue.subscriptions import Subscription
from kernel.events import Envelope

LEARN_ADVOCATES = b"""
WITH learnt AS (
    INSERT INTO report_advocate (shop_id, advocate_id, programme_id, customer_id, enrolled_at)
    SELECT %s, * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[])
    ON CONFLICT DO NOTHING RETURNING shop_id, advocate_id
)
INSERT INTO report_change (shop_id, kind, id) SELECT shop_id, 'advocate', advocate_id FROM learnt
"""
LEARN_SHARES = b"""
WITH learnt AS (
    INSERT INTO known_share (shop_id, share_id, advocate_id, through, shared_at)
    SELECT %s, * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[])
    ON CONFLICT DO NOTHING RETURNING shop_id, share_id
)
INSERT INTO report_change (shop_id, kind, id) SELECT shop_id, 'share', share_id FROM learnt
"""
# A batch may hold several revisions of one reward: the highest is kept, whatever came first.
LEARN_REWARDS = b"""
WITH heard AS (
    SELECT DISTINCT ON (reward_id) %s::uuid AS shop_id, r.* FROM unnest(
        %s::uuid[], %s::int[], %s::uuid[], %s::text[], %s::text[], %s::bigint[], %s::text[]
    ) AS r (reward_id, revision, order_id, side, state, amount_minor, currency)
    ORDER BY reward_id, revision DESC
),
learnt AS (
    INSERT INTO known_reward AS k (shop_id, reward_id, revision, order_id, side, state, amount_minor, currency)
    SELECT * FROM heard
    ON CONFLICT (shop_id, reward_id) DO UPDATE SET revision = excluded.revision, order_id = excluded.order_id,
        side = excluded.side, state = excluded.state, amount_minor = excluded.amount_minor,
        currency = excluded.currency
    WHERE k.revision < excluded.revision
    RETURNING shop_id, order_id
)
INSERT INTO report_change (shop_id, kind, id) SELECT DISTINCT shop_id, 'order', order_id FROM learnt
"""


class AdvocateHeard(Struct, frozen=True):
    """Of `referral.advocate_enrolled`."""

    advocate_id: UUID
    programme_id: UUID
    enrolled_at: datetime
    customer_id: UUID | None = None


class ShareHeard(Struct, frozen=True):
    """Of `engagement.deal_shared`."""

    share_id: UUID
    advocate_id: UUID
    channel: str
    shared_at: datetime


class RewardHeard(Struct, frozen=True):
    """Of `referral.reward_changed`."""

    reward_id: UUID
    revision: int
    order_id: UUID
    side: str
    state: str
    amount_minor: int
    currency: str | None = None


async def hear_advocates(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    facts = [envelope.decode(AdvocateHeard) for envelope in envelopes]
    _learn(unit, LEARN_ADVOCATES, [(f.advocate_id, f.programme_id, f.customer_id, f.enrolled_at) for f in facts])


async def hear_shares(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    facts = [envelope.decode(ShareHeard) for envelope in envelopes]
    _learn(unit, LEARN_SHARES, [(f.share_id, f.advocate_id, f.channel[:40], f.shared_at) for f in facts])


async def hear_rewards(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    facts = [envelope.decode(RewardHeard) for envelope in envelopes]
    rows = [(f.reward_id, f.revision, f.order_id, f.side, f.state, f.amount_minor, f.currency) for f in facts]
    _learn(unit, LEARN_REWARDS, rows)


def _learn(unit: Unit, statement: bytes, rows: list[tuple[Any, ...]]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)]
    unit.later(statement, (unit.shop_id, *columns))


def report_subscriptions() -> list[Subscription]:
    return [
        Subscription("tracking.report_advocates", "referral.advocate_enrolled", hear_advocates),
        Subscription("tracking.report_shares", "engagement.deal_shared", hear_shares),
        Subscription("tracking.report_rewards", "referral.reward_changed", hear_rewards),
    ]
