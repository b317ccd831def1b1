"""The queue of messages. Hot: every statement works on a whole batch."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.sweep import shops_from
from adapters.shared.postgres.unit import Unit
from adapters.shared.queue.parked import Parked, ParkedItem
from engagement.domain.message import Message, SkipReason
from engagement.events import MessageSent
from engagement.ports import MessageFilter, MessageRow, Outcome
from kernel.ids import ShopId

JOB: Final = "send_messages"

QUEUE: Final = b"""
INSERT INTO message (
    shop_id, message_id, kind, reward_id, revision, programme_id, advocate_id, side, customer_id, amount_minor,
    previous_amount_minor, currency, reason_code, approve_after, changed_at
)
SELECT %(shop_id)s, heard.*
FROM unnest(
    %(message_id)s::uuid[], %(kind)s::text[], %(reward_id)s::uuid[], %(revision)s::bigint[], %(programme_id)s::uuid[],
    %(advocate_id)s::uuid[], %(side)s::text[], %(customer_id)s::uuid[], %(amount_minor)s::bigint[],
    %(previous_amount_minor)s::bigint[], %(currency)s::text[], %(reason_code)s::text[],
    %(approve_after)s::timestamptz[], %(changed_at)s::timestamptz[]
) AS heard (
    message_id, kind, reward_id, revision, programme_id, advocate_id, side, customer_id, amount_minor,
    previous_amount_minor, currency, reason_code, approve_after, changed_at
)
WHERE NOT EXISTS (
    SELECT FROM message m
    WHERE m.shop_id = %(shop_id)s AND m.reward_id = heard.reward_id AND m.revision >= heard.revision
)
ON CONFLICT DO NOTHING
"""
CLAIM: Final = b"""
WITH due AS (
    SELECT message_id, reward_id, revision FROM message
    WHERE shop_id = %(shop_id)s AND state IN ('queued', 'sending') AND due_at <= now()
    ORDER BY due_at, message_id LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), judged AS (
    SELECT due.message_id, EXISTS (
        SELECT FROM message n WHERE n.shop_id = %(shop_id)s AND n.reward_id = due.reward_id
        AND n.revision > due.revision
    ) AS overtaken
    FROM due
)
UPDATE message m
SET state = CASE WHEN overtaken THEN 'skipped' ELSE 'sending' END,
    reason = CASE WHEN overtaken THEN 'superseded' ELSE '' END,
    settled_at = CASE WHEN overtaken THEN now() END,
    tries = CASE WHEN overtaken THEN tries ELSE tries + 1 END,
    due_at = now() + %(hold)s
FROM judged WHERE m.shop_id = %(shop_id)s AND m.message_id = judged.message_id
RETURNING m.message_id, m.kind, m.reward_id, m.revision, m.programme_id, m.advocate_id, m.side, m.customer_id,
    m.amount_minor, m.previous_amount_minor, m.currency, m.reason_code, m.approve_after, m.changed_at, m.tries,
    overtaken
"""
SKIP: Final = b"""
UPDATE message m SET state = 'skipped', reason = skipped.reason, settled_at = now()
FROM unnest(%s::uuid[], %s::text[]) AS skipped (message_id, reason)
WHERE m.shop_id = %s AND m.message_id = skipped.message_id AND m.state = 'sending'
"""
SKIP_ALL_DUE: Final = b"""
UPDATE message SET state = 'skipped', reason = %s, settled_at = now()
WHERE shop_id = %s AND state IN ('queued', 'sending') AND due_at <= now()
"""
SETTLE: Final = b"""
UPDATE message m SET state = went.state, reason = went.reason, due_at = now() + went.wait,
    settled_at = CASE WHEN went.state = 'queued' THEN NULL ELSE now() END
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::interval[]) AS went (message_id, state, reason, wait)
WHERE m.shop_id = %s AND m.message_id = went.message_id AND m.state = 'sending'
"""
PAGE: Final = text("""
SELECT message_id, customer_id, reward_id, revision, side, kind AS template, state, reason, tries, due_at, settled_at
FROM message
WHERE shop_id = :shop_id AND message_id < coalesce(CAST(:before AS uuid), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
  AND (CAST(:customer_id AS uuid) IS NULL OR customer_id = CAST(:customer_id AS uuid))
  AND (CAST(:state AS text) IS NULL OR state = CAST(:state AS text))
ORDER BY message_id DESC LIMIT :limit
""")
SHOPS_WITH_DUE: Final = """
SELECT DISTINCT shop_id FROM message WHERE state IN ('queued', 'sending') AND due_at <= now()
"""
PARKED: Final = """
SELECT shop_id, message_id, tries, reason, settled_at FROM message WHERE state = 'parked'
ORDER BY settled_at LIMIT 1000
"""
REPLAY: Final = """
UPDATE message SET state = 'queued', reason = '', tries = 0, due_at = now(), settled_at = NULL
WHERE state = 'parked' AND (%(item)s::uuid IS NULL OR message_id = %(item)s::uuid) RETURNING shop_id
"""
_FIELDS: Final = tuple(name for name in Message.__struct_fields__ if name != "tries")
_STATES: Final = {"sent": "sent", "try_again": "queued", "given_up": "parked"}


class PostgresMessages:
    def __init__(self, unit: Unit, gather_s: float = 0.0) -> None:
        self._unit = unit
        self._gather_s = gather_s

    async def queue(self, messages: Sequence[Message]) -> None:
        ordered = sorted(messages, key=lambda message: message.reward_id)
        columns: dict[str, Any] = {name: [getattr(message, name) for message in ordered] for name in _FIELDS}
        if await self._unit.write(QUEUE, {"shop_id": self._unit.shop_id, **columns}):
            self._unit.enqueue(JOB, once=JOB, after_s=self._gather_s)

    async def claim(self, limit: int, hold: timedelta) -> list[Message]:
        while True:
            rows = await self._unit.read(CLAIM, {"shop_id": self._unit.shop_id, "limit": limit, "hold": hold})
            claimed = [Message(**dict(zip((*_FIELDS, "tries"), row[:-1], strict=True))) for row in rows if not row[-1]]
            if claimed or not rows:
                return sorted(claimed, key=lambda message: message.message_id)

    async def skip(self, reasons: Mapping[UUID, SkipReason]) -> None:
        if reasons:
            self._unit.later(SKIP, (list(reasons), list(reasons.values()), self._unit.shop_id))

    async def skip_all_due(self, reason: SkipReason) -> None:
        self._unit.later(SKIP_ALL_DUE, (reason, self._unit.shop_id))

    async def settle(self, outcomes: Sequence[Outcome], sent: Sequence[Message]) -> None:
        self._unit.later(
            SETTLE,
            (
                [outcome.message_id for outcome in outcomes],
                [_STATES[outcome.result] for outcome in outcomes],
                [outcome.error for outcome in outcomes],
                [outcome.wait for outcome in outcomes],
                self._unit.shop_id,
            ),
        )
        now = self._unit.now()
        self._unit.publish(*(_sent(message, now) for message in sent))

    async def page(self, wanted: MessageFilter) -> list[MessageRow]:
        rows = await self._unit.sql.execute(
            PAGE,
            {
                "shop_id": self._unit.shop_id,
                "before": wanted.before,
                "customer_id": wanted.customer_id,
                "state": wanted.state,
                "limit": wanted.limit,
            },
        )
        return [MessageRow(**row) for row in rows.mappings()]


def _sent(message: Message, now: datetime) -> MessageSent:
    return MessageSent(
        message_id=message.message_id,
        customer_id=message.customer_id,
        channel="email",
        template=message.kind,
        sent_at=now,
    )


async def shops_with_due(relay: Database) -> list[ShopId]:
    """Shops with messages to send or to try again, and those whose sender was cut off."""
    return await shops_from(relay, SHOPS_WITH_DUE)


def parked_messages(relay: Database) -> Parked:
    """Messages that were given up after their tries. Replayed ones leave with the next sweep, within a minute."""

    async def list_parked() -> list[ParkedItem]:
        async with await relay.raw() as connection:
            rows: list[Any] = await (await connection.execute(PARKED.encode())).fetchall()
        return [
            ParkedItem(
                queue="engagement.messages",
                shop_id=str(shop_id),
                item=str(message_id),
                tries=tries,
                error=reason,
                parked_at=settled_at.isoformat(),
            )
            for shop_id, message_id, tries, reason, settled_at in rows
        ]

    async def replay(item: str | None) -> int:
        wanted = msgspec.convert(item, UUID) if item else None
        async with await relay.raw() as connection:
            return (await connection.execute(REPLAY.encode(), {"item": wanted})).rowcount

    return Parked("engagement.messages", list_parked, replay)
