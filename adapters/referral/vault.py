"""The customer vault, asked through the host."""

from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from adapters.shared.context import Ask
from kernel.ids import CustomerId, PersonId, ShopId
from referral.ports import Known


class PersonAsked(Struct, frozen=True, kw_only=True):
    reference: str | None
    email: str | None
    first_name: str
    last_name: str = ""
    locale: str | None = None
    phone: str | None = None


class IdentifyQuestion(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    people: tuple[PersonAsked, ...]
    strict: bool = True
    """An address that is none would be somebody new, and another advocate, each time."""
    names: bool = True
    keep: bool = True


class PersonAnswered(Struct, frozen=True, kw_only=True):
    customer_id: CustomerId
    person_id: PersonId
    name_key: UUID | None = None


class IdentifyAnswer(Struct, frozen=True, kw_only=True):
    people: tuple[PersonAnswered, ...]


class ProfilesQuestion(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    customer_ids: tuple[CustomerId, ...]


class Profile(Struct, frozen=True, kw_only=True):
    first_name: str = ""
    own_locale: str = ""
    """Empty where nobody told it."""


class ProfilesAnswer(Struct, frozen=True, kw_only=True):
    profiles: tuple[Profile, ...]


@dataclass(frozen=True, slots=True)
class AskedVault:
    """Satisfies `referral.ports.Vault`."""

    ask: Ask

    async def identify(
        self, shop_id: ShopId, *, reference: str | None, email: str | None, first_name: str, locale: str | None,
        last_name: str = "", keep: bool = True,
    ) -> Known:  # fmt: skip
        person = PersonAsked(
            reference=reference, email=email, first_name=first_name, last_name=last_name, locale=locale
        )
        question = IdentifyQuestion(shop_id=shop_id, people=(person,), keep=keep)
        answer = await self.ask("shops.identify_customers", question, IdentifyAnswer)
        found = answer.people[0]
        return Known(found.customer_id, found.person_id, found.name_key)

    async def profile(self, shop_id: ShopId, customer_id: CustomerId) -> Profile:
        """How to greet a customer; empty for one who was erased."""
        question = ProfilesQuestion(shop_id=shop_id, customer_ids=(customer_id,))
        answer = await self.ask("shops.customer_profiles", question, ProfilesAnswer)
        return answer.profiles[0] if answer.profiles else Profile()
