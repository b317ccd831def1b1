"""The suppression list, and one address's entries."""

from dataclasses import dataclass

from engagement.domain.consent import NotSuppressed, Suppression, parsed_hash
from engagement.ports import BeginWork
from kernel.ids import ShopId


@dataclass(frozen=True, slots=True)
class ListSuppressions:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId, limit: int, after: tuple[str, str] | None) -> list[Suppression]:
        async with self.begin(shop_id) as work:
            return await work.suppressions.page(limit, after)


@dataclass(frozen=True, slots=True)
class FindSuppression:
    """Raises NotSuppressed."""

    begin: BeginWork

    async def __call__(self, shop_id: ShopId, address_hash: str) -> list[Suppression]:
        async with self.begin(shop_id) as work:
            found = await work.suppressions.of_address(parsed_hash(address_hash))
        if not found:
            raise NotSuppressed
        return found
