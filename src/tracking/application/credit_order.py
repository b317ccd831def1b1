"""A person of the shop says whom an order is credited to, over every chain."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import AdvocateId, OrderId, ProgrammeId, ShopId
from tracking.application.order_book import rebook
from tracking.domain.attribution import Credit
from tracking.domain.attribution.steering import (
    AdvocateElsewhere,
    AlreadyCredited,
    UnknownAdvocate,
    given_reason,
)
from tracking.events import AttributionSteered
from tracking.ports import BeginWork, NewId


class CreditTo(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    order_id: OrderId
    advocate_id: AdvocateId
    programme_id: ProgrammeId | None = None
    """When given, the advocate must be of it."""
    reason: str
    by: str
    """The API key by which it is done."""


@dataclass(frozen=True, slots=True)
class CreditOrder:
    """What was said before by a person is withdrawn. Whether the advocate may earn by it is referral's to decide."""

    begin: BeginWork
    new_id: NewId

    async def __call__(self, command: CreditTo) -> None:
        reason = given_reason(command.reason)
        async with self.begin(command.shop_id) as work:
            order = await work.orders.one(command.order_id)
            advocate = await work.credits.advocate(command.advocate_id)
            if advocate is None:
                raise UnknownAdvocate(pointer="/advocate_id")
            if command.programme_id not in (None, advocate.programme_id):
                raise AdvocateElsewhere(pointer="/programme_id")
            before = await work.credits.in_force(order.order_id)
            if before is not None and before.advocate_id == advocate.advocate_id:
                raise AlreadyCredited(pointer="/advocate_id")
            at = work.now()
            if before is not None:
                await work.credits.withdraw(order.order_id, reason, command.by, at)
            credit = Credit(
                order_id=order.order_id,
                programme_id=advocate.programme_id,
                advocate_id=advocate.advocate_id,
                reason=reason,
                credited_at=at,
            )
            await work.credits.add(credit, self.new_id(), command.by)
            work.publish(
                AttributionSteered(
                    action="order.credited",
                    key_id=command.by,
                    at=at,
                    order_id=order.order_id,
                    programme_id=credit.programme_id,
                    advocate_id=credit.advocate_id,
                )
            )
            await rebook(work, [order], {})
