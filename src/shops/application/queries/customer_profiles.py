"""What another context may know of customers in order to write to them."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import CustomerId, ShopId
from shops.ports import BeginWork


class Profile(Struct, frozen=True, kw_only=True):
    """`locale` is the customer's own, else the shop's default; `own_locale` is empty where nobody told it."""

    customer_id: CustomerId
    reference: str | None
    email: str | None
    first_name: str
    locale: str
    own_locale: str


@dataclass(frozen=True, slots=True)
class CustomerProfiles:
    """Profiles of the customers named, in any order; who does not exist or was erased is missing."""

    begin: BeginWork

    async def __call__(self, shop_id: ShopId, customer_ids: Sequence[CustomerId]) -> tuple[Profile, ...]:
        async with self.begin(shop_id) as work:
            default = (await work.shops.get()).details.default_locale
            found = await work.customers.of_ids(customer_ids)
        return tuple(
            Profile(
                customer_id=customer.customer_id,
                reference=customer.reference,
                email=customer.email,
                first_name=customer.first_name,
                locale=customer.locale or default,
                own_locale=customer.locale or "",
            )
            for customer in found
        )
