"""One transaction of one shop, as the engagement context sees it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from adapters.engagement.postgres.consents import PostgresConsents, PostgresSuppressions
from adapters.engagement.postgres.facts import PostgresAdvocates, PostgresProgrammes, PostgresShares
from adapters.engagement.postgres.messages import PostgresMessages
from adapters.shared.postgres.unit import Unit, Units
from engagement.ports import BeginWork, Shop, Work
from kernel.ids import ShopId


class PostgresWork:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self.programmes = PostgresProgrammes(unit)
        self.advocates = PostgresAdvocates(unit)
        self.shares = PostgresShares(unit)
        self.messages = PostgresMessages(unit)
        self.consents = PostgresConsents(unit)
        self.suppressions = PostgresSuppressions(unit)

    @property
    def shop(self) -> Shop:
        facts = self._unit.shop
        return Shop(
            shop_id=self._unit.shop_id,
            title=facts.title,
            country=facts.country,
            locales=facts.locales,
            default_locale=facts.default_locale,
            time_zone=facts.time_zone,
            storefront_url=facts.storefront_url,
            logo_url=facts.brand.logo_url,
            colour=facts.brand.colour,
            colour_text=facts.brand.colour_text,
        )

    def now(self) -> datetime:
        return self._unit.now()


def begin_work(units: Units) -> BeginWork:
    @asynccontextmanager
    async def begin(shop_id: ShopId) -> AsyncIterator[Work]:
        async with units(shop_id) as unit:
            yield PostgresWork(unit)

    return begin
