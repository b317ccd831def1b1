"""Delete clicks that are past the shop's retention: one bounded batch."""

from dataclasses import dataclass

from kernel.ids import ShopId
from tracking.ports import BeginWork

MOST_CLICKS = 5_000


@dataclass(frozen=True, slots=True)
class DeleteOldClicks:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId) -> tuple[int, bool]:
        """How many, and whether there may be more."""
        async with self.begin(shop_id) as work:
            kept = await work.retentions.get()
            count = await work.retentions.delete_clicks(kept.retention.clicks_before(work.now()), MOST_CLICKS)
        return count, count == MOST_CLICKS
