"""GET /l/{code}: the click is committed, then the visitor goes on. Hot: plain ASGI, answered from memory."""

import hashlib
import hmac
import re
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Protocol

from litestar.handlers import asgi
from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import Struct

from adapters.shared.context import Fallback
from adapters.shared.http.client_address import AddressOf, sender_of
from adapters.shared.http.hot import answer, header
from adapters.shared.ids import new_id
from adapters.shared.postgres.errors import Unavailable
from adapters.shared.postgres.unit import utc_now
from adapters.shared.tokens import Signer
from adapters.tracking.caches import TimedCache
from adapters.tracking.countries import CountryOf
from adapters.tracking.crawlers import is_crawler
from adapters.tracking.pages.dead_link import Front, dead_link
from adapters.tracking.tokens import Onward
from adapters.tracking.visits import RecentVisits
from kernel.codes import MalformedCode, normalise
from kernel.ids import ClickId, LinkId, ShopId
from tracking.domain.click import LONGEST_QUERY, Click, Utm, Visitor, click_ids_of, utm_of, visitor_of
from tracking.domain.destination import host_of
from tracking.domain.device import Device, device_of, first_language
from tracking.domain.landing import Place, Way

_WANTED: Final = frozenset(
    {b"host", b"user-agent", b"referer", b"accept-language", b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"}
)
_LONGEST_PATH: Final = 150
_SLUG: Final = re.compile(r"[a-z0-9-]{1,63}")
_PATH: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST_KEPT: Final = 512
"""Bytes of a header or query that are looked at, and remembered: strangers choose them."""
_NO_STORE: Final = (b"cache-control", b"no-store")
_PLAIN: Final = (b"content-type", b"text/plain; charset=utf-8")


class LinkTarget(Struct, frozen=True):
    """A link as the redirect remembers it, made ready. `ahead` is how far the shop's clock is moved forward."""

    shop_id: ShopId
    link_id: LinkId
    way: Way
    ahead: timedelta
    token_life: timedelta
    visitors: bytes
    """The link's id, as the keys of its visitors begin."""


class LinkBook(Protocol):
    """Where the redirect looks links up."""

    @property
    def links(self) -> TimedCache[str, LinkTarget]:
        """By code, "slug/path", or "//host/path" for a shop's own host."""
        ...

    @property
    def hosts(self) -> Collection[str]:
        """Hosts of shops on which links live."""
        ...

    async def front(self, key: str | None, host: str, *, known: bool) -> Front | None:
        """The shop whose link it would be, for the page that says that it leads nowhere."""
        ...


class Clicks(Protocol):
    """Where clicks are kept."""

    async def record(self, click: Click, meanwhile: Callable[[], object]) -> None:
        """Returns when the click is safe; Unavailable when it cannot be.

        `meanwhile` may be called while it is on its way: work that is best done while nobody else needs the process.
        """
        ...


@lru_cache(maxsize=65_536)
def key_of(path: str) -> str | None:
    """What a path on our own domain asks for: a code in stored form or "slug/path", which people type in any case; None
    when it can be neither."""
    first, _, rest = path.strip("/").partition("/")
    if rest:
        slug = first.lower()
        return f"{slug}/{rest.lower()}" if _SLUG.fullmatch(slug) and _PATH.fullmatch(rest) else None
    try:
        return normalise(first)
    except MalformedCode:
        return None


@lru_cache(maxsize=65_536)
def key_on(host: str, path: str) -> str | None:
    """What a path on a shop's own host asks for."""
    asked = path.strip("/")
    return f"//{host}/{asked}" if _PATH.fullmatch(asked) else None


class Profile(Struct, frozen=True):
    """What the headers of a request say; the same for all visits of one browser from one place."""

    visitor: Visitor
    referrer_host: str
    language: str
    """The header as it came."""
    wants: str
    """The language that is wanted most."""
    device: Device
    agent_hash: int
    """Tells browsers apart without keeping what they say of themselves: 64 bits."""
    agent_key: bytes
    host: str


@lru_cache(maxsize=8192)
def profile_of(method: str, *said: tuple[bytes, bytes]) -> Profile:
    """Decide once per combination of headers: to recognise a crawler costs more than the rest of the redirect."""
    headers = {name: value.decode("latin-1") for name, value in said}
    agent = headers.get(b"user-agent", "")
    language = headers.get(b"accept-language", "")[:100]
    agent_key = hashlib.blake2b(agent.encode(), digest_size=8).digest()
    return Profile(
        visitor=visitor_of(agent=agent, method=method, purpose=_purpose(headers), is_crawler=is_crawler),
        referrer_host=host_of(headers.get(b"referer", ""))[:255],
        language=language,
        wants=first_language(language),
        device=device_of(agent),
        agent_hash=int.from_bytes(agent_key, "big", signed=True),
        agent_key=agent_key,
        host=_plain_host(headers.get(b"host", "")),
    )


def _campaign_of(query: bytes) -> tuple[Utm, dict[str, str] | None]:
    return utm_of(query), click_ids_of(query)


_short_campaign_of = lru_cache(maxsize=8192)(_campaign_of)


class DailyHash:
    """Hashes addresses with a key that changes daily: visits of one day can be told apart, and nobody followed.

    Of IPv6 the network: a household has one, as it has one IPv4 address, and a device changes its own within it.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._day: date | None = None
        self._today = b""

    def __call__(self, address: str, day: date) -> bytes:
        if day != self._day:
            self._day, self._today = day, hmac.digest(self._key, day.isoformat().encode(), "sha256")
        return hashlib.blake2b(sender_of(address).encode(), key=self._today, digest_size=16).digest()


class Redirector:
    """Serves one request. Raises nothing: an unknown code is a friendly page; a 503 when nothing can be looked up or
    kept."""

    def __init__(
        self,
        book: LinkBook,
        clicks: Clicks,
        signer: Signer,
        address_hash: DailyHash,
        visits: RecentVisits,
        *,
        address_of: AddressOf,
        country_of: CountryOf,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._book = book
        self._clicks = clicks
        self._signer = signer
        self._address_hash = address_hash
        self._visits = visits
        self._address_of = address_of
        self._country_of = country_of
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]  # type: ignore[typeddict-item]
        if method not in {"GET", "HEAD"}:
            await answer(send, 405, [(b"allow", b"GET, HEAD"), _PLAIN], b"This address only leads on.\n")
            return
        query: bytes = scope["query_string"]
        if len(query) > LONGEST_QUERY:
            await answer(send, 414, [_PLAIN], b"This address is too long.\n")
            return
        said = [(name, value[:_LONGEST_KEPT]) for name, value in scope["headers"] if name in _WANTED]
        profile = profile_of(method, *said)
        try:
            path = scope["path"]
            key = self._key(path, profile.host) if len(path) <= _LONGEST_PATH else None
            target = self._book.links.peek(key) if key is not None else None
            if target is None and key is not None:
                target = await self._book.links.get(key)
            led = self._lead(target, query, profile, scope) if target is not None else None
            if led is None:
                front = await self._book.front(key, profile.host, known=target is not None)
                page = dead_link("unknown" if target is None else "closed", profile.language, front)
                await answer(send, 404, [*page.headers], b"" if method == "HEAD" else page.body)
                return
            click, onward = led
            await self._clicks.record(click, onward)
        except Unavailable:
            page = dead_link("away", profile.language)
            await answer(send, 503, [(b"retry-after", b"2"), *page.headers], b"" if method == "HEAD" else page.body)
            return
        await answer(send, 302, [(b"location", onward()), _NO_STORE])

    def _key(self, path: str, host: str) -> str | None:
        return key_on(host, path) if host in self._book.hosts else key_of(path)

    def _lead(self, target: LinkTarget, query: bytes, profile: Profile, scope: Scope) -> tuple[Click, Onward] | None:
        """The click and where it leads; None when the link leads nowhere now."""
        now = self._clock()
        at = now + target.ahead if target.ahead else now
        address = self._address_of(scope)
        country = self._country_of(address)
        landing, in_force = target.way.plain, True
        if landing is None:
            landing, in_force = target.way.choose(Place(profile.device, country, profile.wants), at)
            if landing is None:
                return None
        utm, click_ids = _short_campaign_of(query) if len(query) <= _LONGEST_KEPT else _campaign_of(query)
        address_hash = self._address_hash(address, now.date())
        person = profile.visitor == "person"
        visit: bool | None = False
        if person:
            visit = self._visits.begins(target.visitors + address_hash + profile.agent_key, now.timestamp())
        click = Click(
            shop_id=target.shop_id,
            click_id=ClickId(new_id()),
            link_id=target.link_id,
            recorded_at=now,
            clicked_at=at,
            visitor=profile.visitor,
            query=query,
            utm=utm,
            click_ids=click_ids,
            referrer_host=profile.referrer_host,
            language=profile.language,
            device=profile.device,
            country=country,
            address_hash=address_hash,
            agent_hash=profile.agent_hash,
            visit=visit,
        )
        signer = self._signer if person and in_force else None
        return click, Onward(landing, click, signer, at + target.token_life)


def _purpose(headers: dict[bytes, str]) -> str:
    said = [headers[name] for name in (b"sec-purpose", b"purpose", b"x-purpose", b"x-moz") if name in headers]
    return " ".join(said)[:200].lower() if said else ""


def on_own_hosts(redirector: Redirector, book: LinkBook) -> Fallback:
    """On a shop's own host a path that no route takes is one of the shop's links."""

    def takes(scope: Scope) -> ASGIApp | None:
        host = _plain_host(header(scope, b"host").decode("latin-1"))
        return redirector if host in book.hosts and scope["path"].strip("/") else None

    return takes


def _plain_host(said: str) -> str:
    return said.lower().removesuffix(":443").removesuffix(":80")


def redirect_route(redirector: Redirector) -> asgi:
    @asgi("/l", is_mount=True, copy_scope=False)
    async def redirect(scope: Scope, receive: Receive, send: Send) -> None:
        await redirector(scope, receive, send)

    return redirect
