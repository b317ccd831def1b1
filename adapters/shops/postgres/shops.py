"""Shops in PostgreSQL, and the directory that finds one by its slug."""

from typing import Any

import msgspec
from psycopg import errors as pg
from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.known_shop import LEARN, learn_parameters
from adapters.shared.postgres.sweep import shops_from
from adapters.shared.postgres.unit import Unit
from adapters.shops.postgres.tables import shop, shop_slug
from kernel.ids import ShopId
from shops.domain.shop import Shop, ShopDetails, ShopNotFound, SlugTaken
from shops.events import Brand, ShopChanged

GET = select(shop).where(shop.c.shop_id == bindparam("shop_id"))
LOCK = GET.with_for_update()
ADD = insert(shop)
ADD_SLUG = insert(shop_slug)
SAVE = (
    update(shop)
    .where(shop.c.shop_id == bindparam("at_shop_id"))
    .values({c.name: bindparam(c.name) for c in shop.c if c.name not in {"shop_id", "slug", "opened_at"}})
)
BY_SLUG = "SELECT shop_id FROM shop_slug WHERE slug = %(slug)s"


class PostgresShops:
    """See `shops.ports.Shops`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def add(self, new: Shop, event: ShopChanged) -> None:
        await self._unit.sql.execute(ADD, _row(new))
        try:
            await self._unit.sql.execute(ADD_SLUG, {"slug": new.slug, "shop_id": new.shop_id})
        except IntegrityError as error:
            if isinstance(error.orig, pg.UniqueViolation):
                raise SlugTaken(pointer="/slug") from None
            raise
        await self._tell(event)

    async def get(self) -> Shop:
        return _found((await self._unit.sql.execute(GET, {"shop_id": self._unit.shop_id})).one_or_none())

    async def for_update(self) -> Shop:
        return _found((await self._unit.sql.execute(LOCK, {"shop_id": self._unit.shop_id})).one_or_none())

    async def save(self, changed: Shop, event: ShopChanged) -> None:
        values = {name: value for name, value in _row(changed).items() if name not in {"shop_id", "slug", "opened_at"}}
        await self._unit.sql.execute(SAVE, {**values, "at_shop_id": changed.shop_id})
        await self._tell(event)

    async def _tell(self, event: ShopChanged) -> None:
        await self._unit.raw.execute(LEARN, learn_parameters(self._unit.shop_id, msgspec.json.encode(event)))
        self._unit.publish(event)


class PostgresShopDirectory:
    """See `shops.ports.ShopDirectory`. Slugs are public: the relay's role may read them all."""

    def __init__(self, relay_database: Database) -> None:
        self._database = relay_database

    async def find(self, slug: str) -> ShopId | None:
        if "\0" in slug:
            return None
        found = await shops_from(self._database, BY_SLUG, slug=slug)
        return found[0] if found else None


def _row(state: Shop) -> dict[str, Any]:
    details = state.details
    return {
        "shop_id": state.shop_id,
        "revision": state.revision,
        "slug": state.slug,
        "title": details.title,
        "country": details.country,
        "currency": state.currency,
        "locales": list(details.locales),
        "default_locale": details.default_locale,
        "time_zone": details.time_zone,
        "test_mode": state.test_mode,
        "clock_offset_s": state.clock_offset_s,
        "storefront_url": details.storefront_url,
        "logo_url": details.brand.logo_url,
        "colour": details.brand.colour,
        "colour_text": details.brand.colour_text,
        "opened_at": state.opened_at,
    }


def _found(row: Row[Any] | None) -> Shop:
    if row is None:
        raise ShopNotFound
    return Shop(
        shop_id=ShopId(row.shop_id),
        revision=row.revision,
        slug=row.slug,
        currency=row.currency,
        test_mode=row.test_mode,
        clock_offset_s=row.clock_offset_s,
        details=ShopDetails(
            title=row.title,
            country=row.country,
            locales=tuple(row.locales),
            default_locale=row.default_locale,
            time_zone=row.time_zone,
            storefront_url=row.storefront_url,
            brand=Brand(logo_url=row.logo_url, colour=row.colour, colour_text=row.colour_text),
        ),
        opened_at=row.opened_at,
    )
