"""Asks the vault who the buyers of a batch are."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct

from adapters.shared.context import Ask
from kernel.ids import ShopId
from tracking.domain.report import Buyer, Identity

QUESTION = "shops.identify_customers"


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
