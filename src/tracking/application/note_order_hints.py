"""Note what a browser said about orders at checkout; orders that are known are decided again."""

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.ids import ShopId
from tracking.application.order_book import rebook
from tracking.domain.hint import OrderHint, fit
from tracking.ports import BeginWork


@dataclass(frozen=True, slots=True)
class NoteOrderHints:
    """Takes hints before, after and without their orders, repeated too. Gives how many were new.

    Refuses nothing: codes and values that are too long or too many are cut, a hint that names no order is dropped.
    """

    begin: BeginWork

    async def __call__(self, shop_id: ShopId, hints: Sequence[OrderHint]) -> int:
        usable = [hint for hint in map(fit, hints) if hint.order_ref]
        if not usable:
            return 0
        async with self.begin(shop_id) as work:
            await work.orders.lock()
            new = await work.hints.note(usable)
            if new:
                await rebook(work, await work.orders.by_ids(await work.hints.named(new)), {})
            return len(new)
