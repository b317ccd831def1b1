"""What hot requests remember: links and connections, loaded by code and id, forgotten when they change."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import structlog

from adapters.shared.postgres.bell import Bell, Listener
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import ShopUnknown
from adapters.shared.postgres.unit import Units
from adapters.tracking.caches import Gathered, TimedCache
from adapters.tracking.channels import CACHES
from adapters.tracking.http.redirect import LinkTarget
from adapters.tracking.http.webhooks import KnownConnection
from adapters.tracking.postgres.connections import PostgresConnections, whose_connection
from adapters.tracking.postgres.links import links_by_codes
from tracking.domain.connection import ConnectionNotFound
from tracking.domain.link import Link, advocate_destination

_log = structlog.get_logger()
_AGAIN_S = 0.3


class Remembered:
    """The two caches, with what keeps them honest."""

    def __init__(self, units: Units, relay: Database, database: Database, bell: Bell, base_url: str) -> None:
        self._units = units
        self._relay = relay
        self._database = database
        self._bell = bell
        self._base_url = base_url
        self.links: TimedCache[str, LinkTarget] = TimedCache(Gathered(self._links), keep_s=60.0)
        self.connections: TimedCache[UUID, KnownConnection] = TimedCache(self._connection, most=5_000)

    async def _links(self, codes: list[str]) -> dict[str, LinkTarget]:
        found: dict[str, LinkTarget] = {}
        for code, shop_id, link_id, destination, advocate_code, slug, ahead in await links_by_codes(self._relay, codes):
            address = destination or advocate_destination(self._base_url, slug, advocate_code or "")
            found[code] = LinkTarget(shop_id, link_id, address.encode(), timedelta(seconds=ahead))
        return found

    async def _connection(self, connection_id: UUID) -> KnownConnection | None:
        shop_id = await whose_connection(self._relay, connection_id)
        if shop_id is None:
            return None
        try:
            async with self._units(shop_id) as unit:
                connection = await PostgresConnections(unit).get(connection_id)
        except (ConnectionNotFound, ShopUnknown):
            return None
        return KnownConnection(shop_id, connection.connection_id, connection.kind, connection.secrets)

    def forget(self) -> None:
        """Forget here and in every other process; and once more a moment later, when a change has surely committed."""
        self.clear()
        self._bell.ring(CACHES)
        loop = asyncio.get_running_loop()
        loop.call_later(_AGAIN_S, self.clear)
        loop.call_later(_AGAIN_S, self._bell.ring, CACHES)

    def clear(self) -> None:
        self.links.clear()
        self.connections.clear()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Forget when another process says so."""
        task = asyncio.create_task(self._listen(), name="tracking caches")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _listen(self) -> None:
        listener = Listener(self._database, CACHES, poll_s=30.0)
        never = asyncio.Event()
        try:
            while True:
                if await listener.wait(never):
                    self.clear()
        finally:
            await listener.close()


def destination_of(link: Link, base_url: str, slug: str) -> str:
    """Where the link leads: its own destination, or the landing page of its advocate's deal."""
    if link.destination is not None:
        return link.destination
    return advocate_destination(base_url, slug, link.advocate_code or "")
