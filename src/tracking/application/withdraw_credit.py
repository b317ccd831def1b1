"""A person takes back what was said about whom an order is credited to."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import OrderId, ShopId
from tracking.application.order_book import rebook
from tracking.domain.attribution.steering import NothingToWithdraw, given_reason
from tracking.events import AttributionSteered
from tracking.ports import BeginWork


class TakeBack(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    order_id: OrderId
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class WithdrawCredit:
    """The chains decide the order again."""

    begin: BeginWork

    async def __call__(self, command: TakeBack) -> None:
        reason = given_reason(command.reason)
        async with self.begin(command.shop_id) as work:
            order = await work.orders.one(command.order_id)
            before = await work.credits.in_force(order.order_id)
            if before is None:
                raise NothingToWithdraw
            at = work.now()
            await work.credits.withdraw(order.order_id, reason, command.by, at)
            work.publish(
                AttributionSteered(
                    action="order.credit_withdrawn",
                    key_id=command.by,
                    at=at,
                    order_id=order.order_id,
                    programme_id=before.programme_id,
                    advocate_id=before.advocate_id,
                )
            )
            await rebook(work, [order], {})
