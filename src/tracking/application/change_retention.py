"""Say how long the shop keeps what says who bought what."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ShopId
from tracking.domain.retention import Kept, Retention
from tracking.events import RetentionNoted
from tracking.ports import BeginWork


class ChangedRetention(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    orders_months: int
    clicks_months: int
    events_months: int | None
    """None: as it was."""
    key_id: str


@dataclass(frozen=True, slots=True)
class ChangeRetention:
    begin: BeginWork

    async def __call__(self, command: ChangedRetention) -> Kept:
        async with self.begin(command.shop_id) as work:
            before = await work.retentions.get()
            events = before.retention.events_months if command.events_months is None else command.events_months
            retention = Retention(
                orders_months=command.orders_months, clicks_months=command.clicks_months, events_months=events
            ).checked()
            if not before.chosen or before.retention != retention:
                await work.retentions.save(retention)
                work.publish(
                    RetentionNoted(
                        action="retention.changed",
                        key_id=command.key_id,
                        at=work.now(),
                        orders_months=retention.orders_months,
                        clicks_months=retention.clicks_months,
                        events_months=retention.events_months,
                    )
                )
        return Kept(retention=retention, chosen=True)
