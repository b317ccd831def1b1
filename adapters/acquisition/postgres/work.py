"""The acquisition context's unit of work in PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from acquisition.ports import BeginWork
from adapters.acquisition.postgres.claims import PostgresClaims
from adapters.acquisition.postgres.facts import PostgresAdvocates, PostgresProgrammes
from adapters.acquisition.postgres.invites import PostgresInvites
from adapters.shared.postgres.unit import Unit, Units
from kernel.ids import ShopId


class PostgresWork:
    """See `acquisition.ports.Work`."""

    def __init__(self, unit: Unit) -> None:
        self.programmes = PostgresProgrammes(unit)
        self.advocates = PostgresAdvocates(unit)
        self.claims = PostgresClaims(unit)
        self.invites = PostgresInvites(unit)
        self._unit = unit

    def now(self) -> datetime:
        return self._unit.now()


def begin_work(units: Units) -> BeginWork:
    @asynccontextmanager
    async def begin(shop_id: ShopId) -> AsyncIterator[PostgresWork]:
        async with units(shop_id) as unit:
            yield PostgresWork(unit)

    return begin
