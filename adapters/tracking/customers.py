"""Asks the vault who the buyers of a batch are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from msgspec import Struct

from adapters.shared.context import Ask
from kernel.ids import ShopId
from tracking.domain.report import Buyer, Identity

QUESTION: Final = "shops.identify_customers"
NAMES: Final = "shops.name_keys"


class IdentifyCustomers(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    people: Sequence[Buyer]


class IdentifiedCustomers(Struct, frozen=True, kw_only=True):
    people: list[Identity]


@dataclass(frozen=True, slots=True)
class VaultCustomers:
    """`Customers` by a peer question."""

    ask: Ask

    async def identify(self, shop_id: ShopId, buyers: Sequence[Buyer]) -> Sequence[Identity]:
        request = IdentifyCustomers(shop_id=shop_id, people=tuple(buyers))
        return (await self.ask(QUESTION, request, IdentifiedCustomers)).people


class AskNameKeys(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    names: Sequence[str]


class FoundNameKeys(Struct, frozen=True, kw_only=True):
    keys: list[UUID | None]


@dataclass(frozen=True, slots=True)
class VaultNameKeys:
    """`NameKeys` by a peer question."""

    ask: Ask

    async def of(self, shop_id: ShopId, names: Collection[str]) -> dict[str, UUID]:
        asked = sorted(names)
        found = await self.ask(NAMES, AskNameKeys(shop_id=shop_id, names=tuple(asked)), FoundNameKeys)
        return {name: key for name, key in zip(asked, found.keys, strict=True) if key is not None}
