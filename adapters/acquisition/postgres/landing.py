"""Reads what a landing page shows, and watches whether it has changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from acquisition.domain.deal import State, Terms
from adapters.acquisition.postgres.facts import read_terms
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, Unavailable
from adapters.shared.postgres.known_shop import ShopFacts, read_facts
from adapters.shared.postgres.sweep import shops_from
from adapters.shared.postgres.unit import Units
from kernel.ids import CustomerId, ShopId

Stamp = tuple[int, int, int]
"""Changes whenever anything changes that a page of the shop shows: shop, programmes, erasures."""

SHOP_OF_SLUG = "SELECT shop_id FROM known_shop WHERE slug = %(slug)s ORDER BY revision DESC LIMIT 1"

_STAMP = """known_shop.revision,
    (SELECT coalesce(sum(revision), 0)::bigint FROM programme WHERE programme.shop_id = known_shop.shop_id),
    known_shop.erasures"""

# One statement, so that page and stamp belong to the same moment.
DEAL = f"""
SELECT {_STAMP}, facts::text, advocate.customer_id, programme.state, programme.terms::text,
    EXISTS (SELECT FROM erased_customer e WHERE e.shop_id = advocate.shop_id AND e.customer_id = advocate.customer_id)
FROM known_shop
LEFT JOIN advocate ON advocate.shop_id = known_shop.shop_id AND advocate.code = %(code)s
LEFT JOIN programme ON programme.shop_id = known_shop.shop_id AND programme.programme_id = advocate.programme_id
WHERE known_shop.shop_id = %(shop_id)s
""".encode()
STAMPS = f"SELECT shop_id, {_STAMP} FROM known_shop WHERE shop_id = ANY (%s::uuid[])".encode()


class DealFacts(Struct, frozen=True, kw_only=True):
    """One advocate's deal at one shop. `state` is None when no advocate has the code."""

    shop_id: ShopId
    stamp: Stamp
    shop: ShopFacts
    code: str
    customer_id: CustomerId | None
    """None when the advocate is unknown or was erased."""
    state: State | None
    terms: Terms | None


@dataclass(frozen=True, slots=True)
class ReadDeal:
    """The deal behind an address; None when no shop has the slug. `code` is normalised. Raises Unavailable."""

    units: Units
    relay_database: Database

    async def __call__(self, slug: str, code: str) -> DealFacts | None:
        shops = await shops_from(self.relay_database, SHOP_OF_SLUG, slug=slug)
        if not shops:
            return None
        async with self.units(shops[0]) as unit:
            row = await (await unit.raw.execute(DEAL, {"shop_id": unit.shop_id, "code": code})).fetchone()
        if row is None:
            return None
        shop, programmes, erasures, facts, customer_id, state, terms, erased = row
        return DealFacts(
            shop_id=shops[0],
            stamp=(shop, programmes, erasures),
            shop=read_facts(facts.encode()),
            code=code,
            customer_id=None if erased else customer_id,
            state=state,
            terms=read_terms(terms),
        )


@dataclass(frozen=True, slots=True)
class ReadStamps:
    """The present stamps of these shops, in one query. Raises Unavailable."""

    relay_database: Database

    async def __call__(self, shops: Sequence[ShopId]) -> dict[ShopId, Stamp]:
        try:
            async with self.relay_database.engine.connect() as connection:
                raw: Any = (await connection.get_raw_connection()).driver_connection
                rows = await (await raw.execute(STAMPS, (list(shops),))).fetchall()
        except AWAY as error:
            raise Unavailable from error
        return {ShopId(shop_id): (shop, programmes, erasures) for shop_id, shop, programmes, erasures in rows}
