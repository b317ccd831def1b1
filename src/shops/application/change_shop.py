"""Change what the shop's people may change of their shop."""

from dataclasses import dataclass
from datetime import datetime

from msgspec import UNSET, Struct, UnsetType, structs

from kernel.ids import ShopId
from shops.domain.audit import Actor, Note
from shops.domain.shop import Shop, differences
from shops.events import Brand
from shops.ports import BeginWork


class ShopChange(Struct, frozen=True, kw_only=True):
    """Details that are UNSET stay as they are. `expected` is the revision the change was made on, or None."""

    shop_id: ShopId
    actor: Actor
    expected: int | None = None
    title: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    locales: tuple[str, ...] | UnsetType = UNSET
    default_locale: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    storefront_url: str | UnsetType = UNSET
    brand: Brand | UnsetType = UNSET


class ChangedShop(Struct, frozen=True):
    shop: Shop
    now: datetime
    """The shop's present moment in UTC, test clock included."""


@dataclass(frozen=True, slots=True)
class ChangeShop:
    begin: BeginWork
    time_zones: frozenset[str]

    async def __call__(self, command: ShopChange) -> ChangedShop:
        async with self.begin(command.shop_id) as work:
            before = await work.shops.for_update()
            before.expect(command.expected)
            said = {name: getattr(command, name) for name in before.details.__struct_fields__}
            wanted = {name: value for name, value in said.items() if value is not UNSET}
            shop, event = before.change(structs.replace(before.details, **wanted), time_zones=self.time_zones)
            if event is not None:
                await work.shops.save(shop, event)
                await work.audit.enter(
                    Note(
                        actor=command.actor,
                        action="shop.changed",
                        subject=str(shop.shop_id),
                        at=work.now(),
                        details={"changed": differences(before.details, shop.details), "revision": shop.revision},
                    )
                )
            return ChangedShop(shop, work.now())
