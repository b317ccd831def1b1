"""One customer's record."""

from dataclasses import dataclass

from kernel.ids import CustomerId, ShopId
from shops.domain.customer import Customer, CustomerGone
from shops.ports import BeginWork


@dataclass(frozen=True, slots=True)
class FindCustomer:
    """Refuses an unknown customer (CustomerNotFound) and an erased one (CustomerGone)."""

    begin: BeginWork

    async def __call__(self, shop_id: ShopId, customer_id: CustomerId) -> Customer:
        async with self.begin(shop_id) as work:
            customer = await work.customers.get(customer_id)
        if customer.erased_at is not None:
            raise CustomerGone
        return customer
