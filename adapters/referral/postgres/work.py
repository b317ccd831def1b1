"""One transaction of one shop, as the referral context sees it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from adapters.referral.postgres.advocates import PostgresAdvocates
from adapters.referral.postgres.books import PostgresBooks
from adapters.referral.postgres.programmes import PostgresProgrammes
from adapters.shared.postgres.unit import Unit, Units
from kernel.ids import ShopId
from referral.ports import BeginWork, Work


class PostgresWork:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self.programmes = PostgresProgrammes(unit)
        self.advocates = PostgresAdvocates(unit)
        self.books = PostgresBooks(unit)

    @property
    def test_mode(self) -> bool:
        return self._unit.shop.test_mode

    @property
    def currency(self) -> str:
        return self._unit.shop.currency

    def now(self) -> datetime:
        return self._unit.now()


def begin_work(units: Units) -> BeginWork:
    @asynccontextmanager
    async def begin(shop_id: ShopId) -> AsyncIterator[Work]:
        async with units(shop_id) as unit:
            yield PostgresWork(unit)

    return begin
