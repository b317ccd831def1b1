"""Open a shop: an operator's act, not a route."""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ShopId
from shops.domain.audit import OPERATOR, Actor, Note
from shops.domain.shop import Shop, ShopDetails
from shops.events import Brand
from shops.ports import FoundShop


class NewShop(Struct, frozen=True, kw_only=True):
    slug: str
    title: str
    country: str
    currency: str
    locales: tuple[str, ...]
    default_locale: str
    time_zone: str
    storefront_url: str
    test_mode: bool = False
    brand: Brand = Brand()
    actor: Actor = OPERATOR


@dataclass(frozen=True, slots=True)
class OpenShop:
    """Refuses a slug that is taken and details that no shop may have; else the shop exists and everybody hears."""

    found: FoundShop
    new_id: Callable[[], ShopId]
    time_zones: frozenset[str]

    async def __call__(self, command: NewShop) -> Shop:
        details = ShopDetails(
            title=command.title,
            country=command.country,
            locales=command.locales,
            default_locale=command.default_locale,
            time_zone=command.time_zone,
            storefront_url=command.storefront_url,
            brand=command.brand,
        )
        shop_id = self.new_id()
        async with self.found(shop_id) as work:
            shop, event = Shop.open(
                shop_id,
                slug=command.slug,
                currency=command.currency,
                test_mode=command.test_mode,
                details=details,
                time_zones=self.time_zones,
                at=work.now(),
            )
            await work.shops.add(shop, event)
            await work.audit.enter(
                Note(
                    actor=command.actor,
                    action="shop.opened",
                    subject=str(shop_id),
                    at=work.now(),
                    details={"slug": shop.slug, "test_mode": shop.test_mode, "revision": shop.revision},
                )
            )
        return shop
