"""The shops context's unit of work in PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

from adapters.shared.postgres.unit import Unit, Units
from adapters.shops.postgres.api_keys import PostgresApiKeys
from adapters.shops.postgres.audit import PostgresAudit
from adapters.shops.postgres.customers import PostgresCustomers
from adapters.shops.postgres.shops import PostgresShops
from kernel.ids import ShopId
from shops.ports import BeginWork, FoundShop


class PostgresWork:
    """See `shops.ports.Work`."""

    def __init__(self, unit: Unit, audit_key: bytes) -> None:
        self.shops = PostgresShops(unit)
        self.keys = PostgresApiKeys(unit)
        self.customers = PostgresCustomers(unit)
        self.audit = PostgresAudit(unit, audit_key)
        self._unit = unit

    @property
    def country(self) -> str:
        return self._unit.shop.country

    def now(self) -> datetime:
        return self._unit.now()


def begin_work(units: Units, audit_key: bytes) -> BeginWork:
    return _opener(units, audit_key)


def found_shop(units: Units, audit_key: bytes) -> FoundShop:
    return _opener(units.unknown, audit_key)


def _opener(
    opened: Callable[[ShopId], AbstractAsyncContextManager[Unit]], audit_key: bytes
) -> Callable[[ShopId], AbstractAsyncContextManager[PostgresWork]]:
    @asynccontextmanager
    async def begin(shop_id: ShopId) -> AsyncIterator[PostgresWork]:
        async with opened(shop_id) as unit:
            yield PostgresWork(unit, audit_key)

    return begin
