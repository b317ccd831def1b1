"""What hot requests remember: links and connections, loaded by key and id, forgotten when they change."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from psycopg import sql

from adapters.shared.background import in_background
from adapters.shared.postgres.bell import Bell
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, ShopUnknown, Unavailable
from adapters.shared.postgres.unit import Units
from adapters.tracking.addresses import read_address
from adapters.tracking.caches import Gathered, TimedCache
from adapters.tracking.channels import CACHES, LINKS_OF
from adapters.tracking.http.redirect import LinkTarget
from adapters.tracking.http.webhooks import KnownConnection
from adapters.tracking.pages.dead_link import Front
from adapters.tracking.postgres.connections import PostgresConnections, whose_connection
from adapters.tracking.postgres.links import KnownLink, fronts_by_keys, link_hosts, links_by_keys, to_plan
from adapters.tracking.sealed import SecretBox
from adapters.tracking.tokens import click_token_life
from tracking.domain.connection import ConnectionNotFound
from tracking.domain.destination import BadDestination, checked_destination, own_hosts
from tracking.domain.landing import Way
from tracking.domain.link import advocate_destination

_log = structlog.get_logger()
_AGAIN_S: Final = 0.3
_KEYS_FADE_S: Final = 3.0
"""Whose key it is, is remembered for two seconds by those who are asked."""
_LOOK_S: Final = 30.0
_RECONNECT_S: Final = 0.5


class Remembered:
    """The caches and the hosts that links live on, with what keeps them honest.

    A change of a link is told by its code, in the transaction that changes it, so that one link is forgotten and no
    other; for how long a programme's clicks count, by its shop, for that shop's links; a change of a shop or a
    connection forgets everything. All is looked at anew within five minutes besides.
    """

    def __init__(
        self, units: Units, relay: Database, database: Database, bell: Bell, base_url: str, box: SecretBox
    ) -> None:
        self._units = units
        self._relay = relay
        self._database = database
        self._bell = bell
        self._base_url = base_url
        self._box = box
        self._paths: dict[str, set[str]] = {}
        self._refused: set[str] = set()
        """Links whose destination is the shop's no more."""
        self.hosts: frozenset[str] = frozenset()
        """Hosts of shops on which links live."""
        self.links: TimedCache[str, LinkTarget] = TimedCache(Gathered(self._links), keep_s=300.0, outlives_outage=True)
        self.fronts: TimedCache[str, Front] = TimedCache(Gathered(self._fronts), most=5_000, outlives_outage=True)
        """Shops by "//host/", "slug/" or the code of one of their links."""
        self._others: list[Callable[[], None]] = []
        self.connections: TimedCache[UUID, KnownConnection] = TimedCache(self._connection, most=5_000)

    async def _links(self, keys: list[str]) -> dict[str, LinkTarget]:
        found: dict[str, LinkTarget] = {}
        for known in await links_by_keys(self._relay, keys):
            target = self._target(known)
            if target is not None:
                found[known.key] = target
            else:
                self._refused.add(known.key)
            if known.key != known.code:
                self._paths.setdefault(known.code, set()).add(known.key)
        return found

    def _target(self, known: KnownLink) -> LinkTarget | None:
        """The link made ready. Its addresses are checked again: what was the shop's own once may not be any more."""
        address = known.destination or advocate_destination(self._base_url, known.slug, known.advocate_code or "")
        storefront, ours = read_address(known.storefront_url), read_address(self._base_url)
        hosts = own_hosts(storefront, ours, known.hosts, self.hosts)
        try:
            address = checked_destination(address, hosts, read_address)
            plan = to_plan(known.plan).checked(hosts, read_address)
        except BadDestination:
            _log.warning("link.refused", shop_id=str(known.shop_id), link_id=str(known.link_id))
            return None
        return LinkTarget(
            shop_id=known.shop_id,
            link_id=known.link_id,
            way=Way(address, plan, advocate_code=known.advocate_code, link_code=known.code),
            ahead=timedelta(seconds=known.ahead_s),
            token_life=click_token_life(known.days),
            visitors=known.link_id.bytes,
        )

    async def front(self, key: str | None, host: str, *, known: bool) -> Front | None:
        """The shop on whose host somebody asks, whose path they ask for, or whose `known` link leads nowhere."""
        if host in self.hosts:
            whose = f"//{host}/"
        elif key is not None:
            head, slash, _ = key.rpartition("/")
            if not (slash or known or key in self._refused):
                return None
            whose = head + slash or key
        else:
            return None
        try:
            return await self.fronts.get(whose)
        except Unavailable:  # that the link leads nowhere is known all the same
            return None

    async def _fronts(self, keys: list[str]) -> dict[str, Front]:
        return {
            key: Front(
                title=facts.title,
                storefront_url=facts.storefront_url,
                colour=facts.brand.colour,
                colour_text=facts.brand.colour_text,
            )
            for key, facts in await fronts_by_keys(self._relay, keys)
        }

    async def _connection(self, connection_id: UUID) -> KnownConnection | None:
        shop_id = await whose_connection(self._relay, connection_id)
        if shop_id is None:
            return None
        try:
            async with self._units(shop_id) as unit:
                connection = await PostgresConnections(unit, self._box).get(connection_id)
        except (ConnectionNotFound, ShopUnknown):
            return None
        return KnownConnection(
            shop_id, connection.connection_id, connection.kind, connection.secrets, connection.enabled
        )

    def forget(self) -> None:
        """Forget here and in every other process; and once more a moment later, when a change has surely committed."""
        self._forget_now()
        asyncio.get_running_loop().call_later(_AGAIN_S, self._forget_now)

    def forget_keys(self) -> None:
        """The same for keys, which some process may know for a while from before; so forget once more after that."""
        self.forget()
        asyncio.get_running_loop().call_later(_KEYS_FADE_S, self._forget_now)

    def _forget_now(self) -> None:
        self.clear()
        self._bell.ring(CACHES)

    def also(self, clear: Callable[[], None]) -> None:
        """Have another memory cleared together with these."""
        self._others.append(clear)

    def clear(self) -> None:
        self.links.clear()
        self._refused.clear()
        self.fronts.clear()
        self.connections.clear()
        for clear in self._others:
            clear()

    def forget_link(self, code: str) -> None:
        """Forget one link, by whatever addresses it was asked for."""
        self.links.forget(code)
        for key in self._paths.pop(code, ()):
            self.links.forget(key)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Forget when another process says so."""
        async with in_background(self._listen(), "tracking caches"):
            yield

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except (*AWAY, Unavailable):
                await asyncio.sleep(_RECONNECT_S)
            except Exception:
                _log.exception("tracking.listening_failed")
                await asyncio.sleep(_RECONNECT_S)

    async def _hear(self) -> None:
        """Until the connection is lost. What was told before it stood was missed, so everything is loaded again."""
        async with await self._database.raw() as connection:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CACHES)))
            self.clear()
            while True:
                await self._look_at_hosts()
                async for note in connection.notifies(timeout=_LOOK_S):
                    if not note.payload or note.payload.startswith("shop "):
                        await self._look_at_hosts()
                    self._heard(note.payload)

    async def _look_at_hosts(self) -> None:
        """Where a link may lead depends on them, so that what was loaded by others is loaded anew."""
        hosts = await link_hosts(self._relay)
        if hosts != self.hosts:
            self.hosts = hosts
            self.clear()

    def _heard(self, what: str) -> None:
        if not what or what.startswith("shop "):
            self.clear()
        elif what.startswith(LINKS_OF):
            whose = what.removeprefix(LINKS_OF)
            self.links.clear_some(lambda target: str(target.shop_id) == whose)
        else:
            self.forget_link(what)
