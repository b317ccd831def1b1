"""Say how long the shop keeps what says who bought what."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ShopId
from tracking.domain.retention import Kept, Retention
from tracking.events import RetentionNoted
from tracking.ports import BeginWork


class ChangedRetention(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    retention: Retention
    key_id: str


@dataclass(frozen=True, slots=True)
class ChangeRetention:
    begin: BeginWork

    async def __call__(self, command: ChangedRetention) -> Kept:
        retention = command.retention.checked()
        async with self.begin(command.shop_id) as work:
            before = await work.retentions.get()
            if not before.chosen or before.retention != retention:
                await work.retentions.save(retention)
                work.publish(
                    RetentionNoted(
                        action="retention.changed",
                        key_id=command.key_id,
                        at=work.now(),
                        orders_months=retention.orders_months,
                        clicks_months=retention.clicks_months,
                    )
                )
        return Kept(retention=retention, chosen=True)
