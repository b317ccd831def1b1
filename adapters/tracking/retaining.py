"""The nightly run of the retention: shop by shop, batch by batch, each batch a transaction."""

from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.sweep import shops_from
from adapters.tracking.postgres.lookup import first_row
from adapters.tracking.postgres.retention import policies
from kernel.errors import DomainError
from kernel.ids import PersonId, ShopId
from tracking.application.delete_old_clicks import DeleteOldClicks
from tracking.application.forget_buyers import ForgetBuyers
from tracking.application.note_forgotten import NoteForgotten
from tracking.domain.retention import Retention

SHOPS = "SELECT shop_id FROM known_shop ORDER BY shop_id"
LONGEST = "SELECT max(clicks_months) FROM retention"
DROP_PARTITIONS = "SELECT tracking.drop_click_partitions(%s)"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Retaining:
    """May be interrupted and repeated: what was forgotten is not found again."""

    relay: Database
    forget: ForgetBuyers
    delete: DeleteOldClicks
    note: NoteForgotten

    async def __call__(self) -> None:
        await self.drop_partitions(datetime.now(UTC))
        for shop_id in await shops_from(self.relay, SHOPS):
            try:
                await self.shop(shop_id)
            except DomainError as error:  # one shop's trouble is not the others'
                _log.warning("retention.shop_failed", shop_id=str(shop_id), code=error.code)

    async def drop_partitions(self, now: datetime) -> None:
        """Drop months of clicks that no shop keeps any more: none can, by its own choice or by any country's policy."""
        row = await first_row(self.relay, LONGEST, ())
        known = [policies().strictest, *policies().countries.values()]
        months = max([row[0] or 0 if row else 0, *(each.clicks_months for each in known)])
        before = Retention(orders_months=months, clicks_months=months).clicks_before(now)
        await first_row(self.relay, DROP_PARTITIONS, (before,))

    async def shop(self, shop_id: ShopId) -> tuple[int, int]:
        """Apply one shop's retention; gives how many orders lost their buyers and how many clicks are gone."""
        orders = clicks = 0
        after: PersonId | None = None
        while True:
            count, after = await self.forget(shop_id, after)
            orders += count
            if after is None:
                break
        more = True
        while more:
            count, more = await self.delete(shop_id)
            clicks += count
        if orders or clicks:
            await self.note(shop_id, orders, clicks)
        return orders, clicks
