"""Asks the vault for first names."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from adapters.shared.context import Ask
from kernel.ids import ShopId

QUESTION = "shops.customer_profiles"


class Wanted(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    customer_ids: Sequence[UUID]


class Profile(Struct, frozen=True, kw_only=True):
    customer_id: UUID
    first_name: str = ""


class Profiles(Struct, frozen=True, kw_only=True):
    profiles: list[Profile]


@dataclass(frozen=True, slots=True)
class FirstNames:
    """First names by customer; whoever was erased is missing."""

    ask: Ask

    async def __call__(self, shop_id: ShopId, customers: Sequence[UUID]) -> dict[UUID, str]:
        answer = await self.ask(QUESTION, Wanted(shop_id=shop_id, customer_ids=list(customers)), Profiles)
        return {profile.customer_id: profile.first_name for profile in answer.profiles if profile.first_name}
