"""One shop: by its id for its own people, by its slug for operators."""

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from kernel.ids import ShopId
from shops.domain.shop import Shop, ShopNotFound
from shops.ports import BeginWork, ShopDirectory


class ShopNow(Struct, frozen=True):
    shop: Shop
    now: datetime
    """The shop's present moment in UTC, test clock included."""


@dataclass(frozen=True, slots=True)
class FindShop:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId) -> ShopNow:
        async with self.begin(shop_id) as work:
            return ShopNow(await work.shops.get(), work.now())


@dataclass(frozen=True, slots=True)
class FindShopBySlug:
    """The shop that has this slug; ShopNotFound when none has."""

    begin: BeginWork
    directory: ShopDirectory

    async def __call__(self, slug: str) -> Shop:
        shop_id = await self.directory.find(slug)
        if shop_id is None:
            raise ShopNotFound
        async with self.begin(shop_id) as work:
            return await work.shops.get()
