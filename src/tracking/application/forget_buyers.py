"""Take buyers out of orders that are past the shop's retention: one bounded batch."""

from dataclasses import dataclass

from kernel.ids import PersonId, ShopId
from tracking.ports import BeginWork

MOST_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class ForgetBuyers:
    """A person is forgotten as a whole, so that none of the orders left becomes somebody's first by that."""

    begin: BeginWork

    async def __call__(self, shop_id: ShopId, after: PersonId | None) -> tuple[int, PersonId | None]:
        async with self.begin(shop_id) as work:
            kept = await work.retentions.get()
            before = kept.retention.orders_before(work.now())
            return await work.retentions.forget_buyers(before, after, MOST_PEOPLE)
