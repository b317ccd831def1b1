"""What this context asks the shops context: who somebody is, and an advocate's first name."""

import asyncio
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from msgspec import Struct

from acquisition.domain.claim import Friend
from acquisition.domain.person import Person
from adapters.shared.context import Ask
from kernel.ids import CustomerId, PersonId, ShopId

PATIENCE_S: Final = 1.0


class Introduced(Struct, frozen=True, kw_only=True):
    reference: str | None
    email: str | None
    first_name: str
    last_name: str = ""
    locale: str | None = None
    phone: str | None = None


class IdentifyRequest(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    people: list[Introduced]
    strict: bool = True
    """An address that the vault cannot use would be somebody new, with another code, each time."""
    keep: bool = True


class Identified(Struct, frozen=True, kw_only=True):
    customer_id: CustomerId
    person_id: PersonId
    phone_id: UUID | None = None


class IdentifyResponse(Struct, frozen=True, kw_only=True):
    people: list[Identified]


class ProfilesRequest(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    customer_ids: list[CustomerId]


class Profile(Struct, frozen=True, kw_only=True):
    customer_id: CustomerId
    first_name: str = ""


class ProfilesResponse(Struct, frozen=True, kw_only=True):
    profiles: list[Profile]


@dataclass(frozen=True, slots=True)
class AskWhoItIs:
    """See `acquisition.ports.IdentifyPerson`."""

    ask: Ask

    async def __call__(self, shop_id: ShopId, person: Person, *, keep: bool = True) -> Friend:
        introduced = Introduced(
            reference=person.reference,
            email=person.email,
            first_name=person.first_name,
            locale=person.locale,
            phone=person.phone,
        )
        request = IdentifyRequest(shop_id=shop_id, people=[introduced], keep=keep)
        answer = await self.ask("shops.identify_customers", request, IdentifyResponse)
        found = answer.people[0]
        return Friend(customer_id=found.customer_id, person_id=found.person_id, phone_id=found.phone_id)


@dataclass(frozen=True, slots=True)
class AskFirstName:
    """A customer's first name; empty when the vault has none. Raises whatever keeps the vault from answering."""

    ask: Ask

    async def __call__(self, shop_id: ShopId, customer_id: CustomerId) -> str:
        request = ProfilesRequest(shop_id=shop_id, customer_ids=[customer_id])
        async with asyncio.timeout(PATIENCE_S):
            answer = await self.ask("shops.customer_profiles", request, ProfilesResponse)
        return answer.profiles[0].first_name if answer.profiles else ""
