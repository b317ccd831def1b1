"""A customer's record in the vault, the only place where personal data is kept."""

from datetime import datetime
from typing import Self

from msgspec import Struct, structs

from kernel.errors import DomainError
from kernel.ids import CustomerId, PersonId, ShopId
from shops.domain import person


class CustomerNotFound(DomainError):
    code = "customer_not_found"
    kind = "not_found"
    title = "There is no such customer"


class CustomerGone(DomainError):
    code = "customer_erased"
    kind = "gone"
    title = "The customer's data was erased"


class Customer(Struct, frozen=True, kw_only=True):
    """One record of the vault. Without a `reference` it is a guest's. Once erased it keeps its id and nothing else.

    `leads` says that no other record of the person was known when this one became theirs. A person has one such
    record at most, so that two who meet somebody new at the same moment cannot both make a record.
    """

    shop_id: ShopId
    customer_id: CustomerId
    person_id: PersonId
    reference: str | None
    email: str | None
    first_name: str
    last_name: str
    locale: str | None
    phone: str | None
    leads: bool
    created_at: datetime
    erased_at: datetime | None = None

    def erase(self, key: bytes, *, at: datetime) -> Self:
        """The record without any personal data; the person it stood for cannot be recognised by it."""
        if self.erased_at:
            return self
        return structs.replace(
            self,
            person_id=person.person_of_record(key, self.shop_id, self.customer_id),
            reference=None,
            email=None,
            first_name="",
            last_name="",
            locale=None,
            phone=None,
            leads=False,
            erased_at=at,
        )
