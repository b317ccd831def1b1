"""The nightly run of the retention: shop by shop, batch by batch, each batch a transaction."""

from dataclasses import dataclass

import structlog

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.sweep import shops_from
from adapters.tracking.postgres.lookup import first_row
from kernel.ids import PersonId, ShopId
from tracking.application.delete_old_clicks import DeleteOldClicks
from tracking.application.delete_old_events import DeleteOldEvents
from tracking.application.forget_buyers import ForgetBuyers
from tracking.application.note_forgotten import NoteForgotten

SHOPS = "SELECT shop_id FROM known_shop ORDER BY shop_id"
DROP_PARTITIONS = "SELECT tracking.drop_empty_click_partitions()"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Retaining:
    """May be interrupted and repeated: what was forgotten is not found again."""

    relay: Database
    forget: ForgetBuyers
    delete_clicks: DeleteOldClicks
    delete_events: DeleteOldEvents
    note: NoteForgotten

    async def __call__(self) -> None:
        for shop_id in await shops_from(self.relay, SHOPS):
            try:
                await self.shop(shop_id)
            except Exception:  # one shop's trouble is not the others'
                _log.exception("retention.shop_failed", shop_id=str(shop_id))
        await self.drop_partitions()

    async def drop_partitions(self) -> None:
        """Drop months of clicks in which no shop has any more: emptied by every shop's retention, then vacuumed."""
        await first_row(self.relay, DROP_PARTITIONS, ())

    async def shop(self, shop_id: ShopId) -> tuple[int, int, int]:
        """Apply one shop's retention; gives how many orders lost their buyers, how many clicks and events are gone."""
        orders = 0
        after: PersonId | None = None
        while True:
            count, after = await self.forget(shop_id, after)
            orders += count
            if after is None:
                break
        clicks, events = await _all(self.delete_clicks, shop_id), await _all(self.delete_events, shop_id)
        if orders or clicks or events:
            await self.note(shop_id, orders, clicks, events)
        return orders, clicks, events


async def _all(delete: DeleteOldClicks | DeleteOldEvents, shop_id: ShopId) -> int:
    """Batch after batch."""
    total, more = 0, True
    while more:
        count, more = await delete(shop_id)
        total += count
    return total
