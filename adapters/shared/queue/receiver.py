"""Takes facts in: notes them in the inbox and applies them, exactly once in effect."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog

from adapters.shared.postgres import known_shop
from adapters.shared.postgres.arrays import Array, texts, uuids
from adapters.shared.postgres.pipe import Asked
from adapters.shared.postgres.unit import Unit, Units
from adapters.shared.queue.subscriptions import Subscription
from kernel.events import Envelope
from kernel.ids import ShopId

NOTE = b"""
INSERT INTO inbox (shop_id, event_id, handler) SELECT %s, * FROM unnest(%s::uuid[], %s::text[])
ON CONFLICT DO NOTHING RETURNING event_id, handler
"""
SHOP_CHANGED = "shops.shop_changed"

Wanted = Sequence[tuple[Subscription, Envelope]]


async def learn_shop(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    """Keep the context's copy of the shop's facts up to date."""
    envelope = known_shop.latest(envelopes)
    await unit.raw.execute(known_shop.LEARN, known_shop.learn_parameters(unit.shop_id, bytes(envelope.payload)))


class Receiver:
    """One context's ear. `receive` applies a batch of one shop's facts in one transaction, or not at all."""

    def __init__(self, context: str, units: Units, subscriptions: Sequence[Subscription]) -> None:
        self.context = context
        self._units = units
        learn = Subscription(f"{context}.known_shop", SHOP_CHANGED, learn_shop)
        self._learns = context != "shops"
        self._handlers: dict[str, list[Subscription]] = defaultdict(list)
        for subscription in (learn, *subscriptions) if self._learns else subscriptions:
            self._handlers[subscription.event].append(subscription)

    @property
    def events(self) -> frozenset[str]:
        """Names of the events that this context wants delivered."""
        return frozenset(self._handlers)

    async def receive(self, shop_id: ShopId, envelopes: Sequence[Envelope]) -> None:
        """Apply what is fresh of the batch. Raises what a handler raises, and then nothing has happened."""
        ordered = sorted(envelopes, key=lambda e: (e.occurred_at, e.event_id))
        wanted = [(s, envelope) for envelope in ordered for s in self._handlers.get(envelope.name, ())]
        learning = [one for one in wanted if one[0].apply is learn_shop]
        with structlog.contextvars.bound_contextvars(shop_id=str(shop_id), context=self.context):
            if learning:
                async with self._units.unknown(shop_id) as unit:
                    rows = await unit.read(*_note(shop_id, learning))
                    await self._apply(unit, _fresh(learning, rows))
            if others := [one for one in wanted if one[0].apply is not learn_shop]:
                async with self._units.reading(shop_id, _note(shop_id, others)) as (unit, rows):
                    await self._apply(unit, _fresh(others, rows))

    @staticmethod
    async def _apply(unit: Unit, fresh: list[tuple[Subscription, list[Envelope]]]) -> None:
        for subscription, batch in fresh:
            await unit.flush()  # what the one before has written, the next may read
            await subscription.apply(unit, batch)


def _note(shop_id: ShopId, wanted: Wanted) -> Asked:
    events, handlers = [e.event_id for _, e in wanted], [s.handler for s, _ in wanted]
    return NOTE, (shop_id, Array(uuids(events)), Array(texts(handlers)))


def _fresh(wanted: Wanted, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Subscription, list[Envelope]]]:
    """What has just been noted for the first time, by subscription."""
    noted: set[tuple[UUID, str]] = {(row[0], row[1]) for row in rows}
    batches: dict[str, tuple[Subscription, list[Envelope]]] = {}
    for subscription, envelope in wanted:
        if (envelope.event_id, subscription.handler) in noted:
            noted.discard((envelope.event_id, subscription.handler))
            batches.setdefault(subscription.handler, (subscription, []))[1].append(envelope)
    return list(batches.values())
