"""Take an address off the suppression list, because its owner asked for it."""

from dataclasses import dataclass

from engagement.domain.consent import Scope, parsed_hash
from engagement.ports import BeginWork
from kernel.ids import ShopId


@dataclass(frozen=True, slots=True)
class LiftSuppression:
    """Of one scope, or of whatever the address is suppressed for. Raises NotSuppressed."""

    begin: BeginWork

    async def __call__(self, shop_id: ShopId, address_hash: str, scope: Scope | None) -> None:
        async with self.begin(shop_id) as work:
            await work.suppressions.remove(parsed_hash(address_hash), scope)
