"""Erase a customer's personal data on request."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import CustomerId, ShopId
from shops.domain.audit import Actor, Note
from shops.events import CustomerErased
from shops.ports import BeginWork


class Erasure(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    customer_id: CustomerId
    actor: Actor


@dataclass(frozen=True, slots=True)
class EraseCustomer:
    """Blanks the record and tells everybody. Erasing again changes nothing; an unknown customer: CustomerNotFound."""

    begin: BeginWork
    person_key: bytes

    async def __call__(self, command: Erasure) -> None:
        async with self.begin(command.shop_id) as work:
            customer = await work.customers.for_update(command.customer_id)
            if customer.erased_at is not None:
                return
            erased = customer.erase(self.person_key, at=work.now())
            await work.customers.erase(erased, CustomerErased(customer_id=customer.customer_id))
            await work.audit.enter(
                Note(
                    actor=command.actor,
                    action="customer.erased",
                    subject=str(customer.customer_id),
                    at=work.now(),
                )
            )
