"""The shop's API keys, without their secrets."""

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.ids import ShopId
from shops.domain.api_key import ApiKey, KeyId
from shops.ports import BeginWork


@dataclass(frozen=True, slots=True)
class ListKeys:
    """Up to `limit` keys after the one named, oldest first, revoked ones too."""

    begin: BeginWork

    async def __call__(self, shop_id: ShopId, *, after: KeyId | None, limit: int) -> Sequence[ApiKey]:
        async with self.begin(shop_id) as work:
            return await work.keys.page(after=after, limit=limit)
