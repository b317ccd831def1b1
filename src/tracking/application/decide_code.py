"""Decide the orders anew that use a code of which more is known now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kernel.ids import OrderId, ShopId
from tracking.application.order_book import rebook
from tracking.ports import BeginWork

AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class DecideCode:
    """Decide the orders anew that use a code and were placed from a moment on, some at a time. Safe to run twice."""

    begin: BeginWork

    async def __call__(self, shop_id: ShopId, code: str, since: datetime) -> None:
        after: OrderId | None = None
        while True:
            async with self.begin(shop_id) as work:
                await work.orders.lock()
                page = await work.codes.orders(code, since, after, AT_ONCE)
                if page:
                    await rebook(work, await work.orders.by_ids(page), {})
            if len(page) < AT_ONCE:
                return
            after = page[-1]
