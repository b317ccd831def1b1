"""Write down what a run of the retention came to, where the shop and its audit log see it."""

from dataclasses import dataclass

from kernel.ids import ShopId
from tracking.domain.retention import Forgotten
from tracking.events import RetentionNoted
from tracking.ports import BeginWork


@dataclass(frozen=True, slots=True)
class NoteForgotten:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId, orders: int, clicks: int, events: int) -> None:
        async with self.begin(shop_id) as work:
            retention = (await work.retentions.get()).retention
            at = work.now()
            await work.retentions.note(Forgotten(at=at, orders=orders, clicks=clicks, events=events))
            work.publish(
                RetentionNoted(
                    action="retention.applied",
                    at=at,
                    orders_months=retention.orders_months,
                    clicks_months=retention.clicks_months,
                    events_months=retention.events_months,
                    orders=orders,
                    clicks=clicks,
                    events=events,
                )
            )
