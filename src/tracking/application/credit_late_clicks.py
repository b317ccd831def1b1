"""Clicks were stored late, from a spool: orders that one of them may credit are decided again."""

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.ids import ClickId, ShopId
from tracking.application.order_book import rebook
from tracking.ports import BeginWork


@dataclass(frozen=True, slots=True)
class CreditLateClicks:
    """Finds orders that name a click, and those told of from its address. Safe to run twice, and before the orders are
    known."""

    begin: BeginWork

    async def __call__(self, shop_id: ShopId, clicks: Sequence[ClickId]) -> None:
        async with self.begin(shop_id) as work:
            await work.orders.lock()
            pointing = await work.orders.pointing_at(clicks=clicks)
            near = set(await work.hints.near(clicks)).difference(order.order_id for order in pointing)
            await rebook(work, [*pointing, *(await work.orders.by_ids(near) if near else ())], {})
