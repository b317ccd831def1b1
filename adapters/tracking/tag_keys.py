"""Whose tag a publishable key is: remembered, bounded, and still known while the database is away."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from adapters.shared.context import Ask
from adapters.shared.postgres.errors import ShopUnknown, Unavailable
from adapters.shared.postgres.unit import Unit, Units
from adapters.tracking.caches import TimedCache
from adapters.tracking.postgres.domains import PostgresDomains
from adapters.tracking.postgres.tag_settings import PostgresTagSettings
from kernel.errors import DomainError
from kernel.ids import ShopId
from tracking.domain.tag_event import home_of
from tracking.domain.tag_settings import TagSettings

QUESTION: Final = "shops.authenticate"
MOST_KEYS: Final = 5_000
LONGEST_KEY: Final = 100
KEEP_S: Final = 300.0
"""What changes is told: the tag, its shop, its hosts, a key that is revoked. This is in case that nobody tells."""


class Credentials(Struct, frozen=True, kw_only=True):
    secret: str


class Holder(Struct, frozen=True, kw_only=True):
    """What tracking reads of the answer."""

    shop_id: ShopId
    kind: str


class TagConfig(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the tag is told, as JSON."""

    on: bool
    shop: str = ""
    currency: str = ""
    cookie_days: int = 0
    consent: dict[str, str] = {}
    links: dict[str, str] = {}


class KnownTag(Struct, frozen=True, kw_only=True):
    """A shop's tag as the hot routes remember it. `ahead` is how far the shop's clock is moved forward."""

    shop_id: ShopId
    turned_on: bool
    hosts: frozenset[str]
    ahead: timedelta
    config: bytes
    etag: bytes


class TagKeys:
    """Finds the tag of a publishable key; None for a key that nobody has, or that is no publishable one.

    A key that was found stays known for as long as the database is away; how many are known is bounded.
    """

    def __init__(self, ask: Ask, units: Units, base_url: str) -> None:
        self._ask = ask
        self._units = units
        self._own_host = urlsplit(base_url).hostname or ""
        self._link_host = urlsplit(base_url).netloc
        self._cache: TimedCache[str, KnownTag] = TimedCache(
            self._known, most=MOST_KEYS, keep_s=KEEP_S, outlives_outage=True
        )
        self.clear: Callable[[], None] = self._cache.clear

    async def find(self, key: str) -> KnownTag | None:
        """Raises Unavailable when the key cannot be looked up and was not known before."""
        known = self._cache.peek(key)
        if known is not None or not key.startswith("gv_") or len(key) > LONGEST_KEY:
            return known
        return await self._cache.get(key)

    async def _known(self, key: str) -> KnownTag | None:
        try:
            holder = await self._ask(QUESTION, Credentials(secret=key), Holder)
        except DomainError as error:
            if error.kind == "unauthenticated":
                return None
            raise
        if holder.kind != "publishable":
            return None
        try:
            async with self._units(holder.shop_id) as unit:
                verified = await PostgresDomains(unit).verified()
                return self._tag(unit, await PostgresTagSettings(unit).get(), verified)
        except ShopUnknown as error:
            raise Unavailable from error

    def _tag(self, unit: Unit, settings: TagSettings, verified: list[str]) -> KnownTag:
        shop = unit.shop
        config = TagConfig(on=False)
        if settings.turned_on:
            config = TagConfig(
                on=True,
                shop=shop.slug,
                currency=shop.currency,
                cookie_days=settings.cookie_days,
                consent=msgspec.to_builtins(settings.consent),
                links={"host": self._link_host},
            )
        body = msgspec.json.encode(config)
        home = home_of(shop.storefront_url)
        return KnownTag(
            shop_id=unit.shop_id,
            turned_on=settings.turned_on,
            hosts=frozenset({home, self._own_host, *settings.hosts, *verified}) if home else frozenset(),
            ahead=timedelta(seconds=shop.clock_offset_s),
            config=body,
            etag=b'"' + hashlib.sha256(body).hexdigest()[:20].encode() + b'"',
        )
