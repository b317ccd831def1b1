"""Delete events of the tag that are past the shop's retention: one bounded batch."""

from dataclasses import dataclass

from kernel.ids import ShopId
from tracking.ports import BeginWork

MOST_EVENTS = 5_000


@dataclass(frozen=True, slots=True)
class DeleteOldEvents:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId) -> tuple[int, bool]:
        """How many, and whether there may be more."""
        async with self.begin(shop_id) as work:
            kept = await work.retentions.get()
            count = await work.retentions.delete_events(kept.retention.events_before(work.now()), MOST_EVENTS)
        return count, count == MOST_EVENTS
