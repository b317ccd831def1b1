"""A context's toolkits on a database of their own, with no worker running beside them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
import psycopg

from adapters.host.composition import role_password
from adapters.shared.ids import new_id
from adapters.shared.postgres.bell import Bell
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.roles import role
from adapters.shared.postgres.unit import Units
from adapters.shared.queue.outbox import Outbox
from adapters.shared.queue.receiver import Receiver
from adapters.shared.queue.relay import Relay
from adapters.shared.queue.subscriptions import Subscription
from kernel.events import Envelope, Event
from kernel.ids import EventId, ShopId
from tests.support.database import test_settings

T = TypeVar("T")
CONTEXT = "shops"
FACTS = {
    "revision": 1, "slug": "nord", "title": "Nord", "country": "DE", "currency": "EUR", "locales": ["de"],
    "default_locale": "de", "time_zone": "Europe/Berlin", "test_mode": True, "clock_offset_s": 0,
    "storefront_url": "https://nord.example", "brand": {},
}  # fmt: skip


class Happened(Event, frozen=True, kw_only=True):
    name = "shops.happened"

    number: int


class Toolkit:
    """Database, units, relay and receivers of one context, with handlers that a test gives."""

    def __init__(self, conninfo: str, subscribers: Sequence[str] = ("ear",)) -> None:
        self.conninfo = conninfo
        self.database = self._connect("")
        self.relay_database = self._connect("relay")
        self.bell = Bell(self.database)
        self.units = Units(CONTEXT, self.database, Outbox(CONTEXT, {Happened.name: tuple(subscribers)}, self.bell))
        self.heard: list[int] = []
        self.receivers: dict[str, Callable[[ShopId, Sequence[Envelope]], Awaitable[None]]] = {}
        for name in subscribers:
            self.receivers[name] = self.receiver(name, self.hear).receive
        self.relay = Relay(CONTEXT, self.relay_database, self.receivers)

    def _connect(self, suffix: str) -> Database:
        name = role(CONTEXT, suffix)
        conninfo = psycopg.conninfo.make_conninfo(
            self.conninfo, user=name, password=role_password(test_settings(), name)
        )
        return Database(conninfo, schema=CONTEXT, pool_size=3, pool_timeout=2)

    def receiver(self, handler: str, apply: Callable[..., Awaitable[None]]) -> Receiver:
        return Receiver(CONTEXT, self.units, [Subscription(handler, Happened.name, apply)])

    async def hear(self, _: Any, envelopes: Sequence[Envelope]) -> None:
        self.heard += [envelope.decode(Happened).number for envelope in envelopes]

    async def new_shop(self) -> ShopId:
        shop_id = ShopId(new_id())
        async with self.units.unknown(shop_id) as unit:
            await unit.raw.execute(
                "INSERT INTO known_shop (shop_id, revision, slug, clock_offset_s, facts) VALUES (%s, 1, 'nord', 0, %s)",
                (shop_id, msgspec.json.encode(FACTS).decode()),
            )
        return shop_id

    def sql(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            cursor = connection.execute(query.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    async def close(self) -> None:
        await self.bell.close()
        await self.database.close()
        await self.relay_database.close()


def envelope(shop_id: ShopId, number: int) -> Envelope:
    return Envelope(
        event_id=EventId(new_id()),
        shop_id=shop_id,
        name=Happened.name,
        version=1,
        occurred_at=datetime.now(UTC),
        payload=msgspec.Raw(msgspec.json.encode(Happened(number=number))),
    )


def with_toolkit(conninfo: str, scenario: Callable[[Toolkit], Awaitable[T]], **changes: Any) -> T:
    """Run one scenario in an event loop of its own."""

    async def run() -> T:
        toolkit = Toolkit(conninfo, **changes)
        try:
            return await scenario(toolkit)
        finally:
            await toolkit.close()

    return asyncio.run(run())
