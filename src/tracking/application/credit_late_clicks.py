"""Clicks were stored late, from a spool: orders that name one of them are decided again."""

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.ids import ClickId, ShopId
from tracking.application.order_book import rebook
from tracking.ports import BeginWork


@dataclass(frozen=True, slots=True)
class CreditLateClicks:
    """Safe to run twice, and before the orders are known."""

    begin: BeginWork

    async def __call__(self, shop_id: ShopId, clicks: Sequence[ClickId]) -> None:
        async with self.begin(shop_id) as work:
            await work.orders.lock()
            await rebook(work, await work.orders.pointing_at(clicks=clicks), {})
