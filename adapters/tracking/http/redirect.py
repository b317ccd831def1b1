"""GET /l/{code}: the click is committed, then the visitor goes on. Hot: plain ASGI, answered from memory."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from crawlerdetect import CrawlerDetect
from litestar.handlers import asgi
from litestar.types import Receive, Scope, Send
from msgspec import Struct

from adapters.shared.http.hot import answer
from adapters.shared.ids import new_id
from adapters.shared.postgres.errors import Unavailable
from adapters.shared.postgres.group_commit import GroupCommit
from adapters.shared.postgres.unit import utc_now
from adapters.shared.tokens import Signer
from adapters.tracking.caches import TimedCache
from adapters.tracking.http.not_found_page import not_found_page
from adapters.tracking.tokens import CLICK_TOKEN_LIFE, ClickToken
from kernel.codes import MalformedCode, normalise
from kernel.ids import ClickId, LinkId, ShopId
from tracking.domain.click import LONGEST_QUERY, Click, Visitor, utm_of, visitor_of
from tracking.domain.link import host_of, redirect_target

_WANTED: Final = frozenset(
    {b"user-agent", b"referer", b"accept-language", b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"}
)
_LONGEST_PATH: Final = 100
_LONGEST_KEPT: Final = 512
"""Bytes of a header or query that are looked at, and remembered: strangers choose them."""
_NO_STORE: Final = (b"cache-control", b"no-store")
_PLAIN: Final = (b"content-type", b"text/plain; charset=utf-8")
_HTML: Final = (b"content-type", b"text/html; charset=utf-8")
_detector = CrawlerDetect()


class LinkTarget(Struct, frozen=True):
    """A link as the redirect remembers it. `ahead` is how far the shop's clock is moved forward."""

    shop_id: ShopId
    link_id: LinkId
    destination: bytes
    ahead: timedelta


@lru_cache(maxsize=65_536)
def code_of(path: str) -> str | None:
    """The code at the end of a path, in stored form; None when it cannot be one."""
    try:
        return normalise(path.strip("/").rpartition("/")[2])
    except MalformedCode:
        return None


def is_crawler(agent: str) -> bool:
    return bool(_detector.isCrawler(agent))


class Profile(Struct, frozen=True):
    """What the headers of a request say; the same for all visits of one browser from one place."""

    visitor: Visitor
    referrer_host: str
    language: str


@lru_cache(maxsize=8192)
def profile_of(method: str, *said: tuple[bytes, bytes]) -> Profile:
    """Decide once per combination of headers: to recognise a crawler costs more than the rest of the redirect."""
    headers = {name: value.decode("latin-1") for name, value in said}
    agent = headers.get(b"user-agent", "")
    visitor = visitor_of(agent=agent, method=method, purpose=_purpose(headers), is_crawler=is_crawler)
    referrer_host = host_of(headers.get(b"referer", ""))[:255]
    return Profile(visitor, referrer_host, headers.get(b"accept-language", "")[:100])


_short_utm_of = lru_cache(maxsize=8192)(utm_of)


class DailyHash:
    """Hashes addresses with a key that changes daily: visits of one day can be told apart, and nobody followed."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._day: date | None = None
        self._today = b""

    def __call__(self, address: str, day: date) -> bytes:
        if day != self._day:
            self._day, self._today = day, hmac.digest(self._key, day.isoformat().encode(), "sha256")
        return hashlib.blake2b(address.encode(), key=self._today, digest_size=16).digest()


class Redirector:
    """Serves one request. Raises nothing: an unknown code is a friendly page, an absent database a 503."""

    def __init__(
        self,
        links: TimedCache[str, LinkTarget],
        clicks: GroupCommit[Click],
        signer: Signer,
        address_hash: DailyHash,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._links = links
        self._clicks = clicks
        self._signer = signer
        self._address_hash = address_hash
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
            code = code_of(path) if len(path) <= _LONGEST_PATH else None
            target = await self._links.get(code) if code else None
        except Unavailable:
            await _away(send)
            return
        if target is None:
            page = b"" if method == "HEAD" else not_found_page(profile.language)
            await answer(send, 404, [_HTML, _NO_STORE], page)
            return
        click = self._click(target, query, profile, scope)
        try:
            await self._clicks.record(click)
        except Unavailable:
            await _away(send)
            return
        token = self._token(click) if click.visitor == "person" else None
        await answer(send, 302, [(b"location", redirect_target(target.destination, query, token)), _NO_STORE])

    def _click(self, target: LinkTarget, query: bytes, profile: Profile, scope: Scope) -> Click:
        now = self._clock()
        client = scope.get("client")
        return Click(
            shop_id=target.shop_id,
            click_id=ClickId(new_id()),
            link_id=target.link_id,
            recorded_at=now,
            clicked_at=now + target.ahead if target.ahead else now,
            visitor=profile.visitor,
            query=query,
            utm=_short_utm_of(query) if len(query) <= _LONGEST_KEPT else utm_of(query),
            referrer_host=profile.referrer_host,
            language=profile.language,
            address_hash=self._address_hash(client[0] if client else "", now.date()),
        )

    def _token(self, click: Click) -> str:
        return self._signer.sign(ClickToken(click.click_id), expires_at=click.clicked_at + CLICK_TOKEN_LIFE)


def _purpose(headers: dict[bytes, str]) -> str:
    said = [headers[name] for name in (b"sec-purpose", b"purpose", b"x-purpose", b"x-moz") if name in headers]
    return " ".join(said)[:200].lower() if said else ""


async def _away(send: Send) -> None:
    await answer(send, 503, [(b"retry-after", b"2"), _PLAIN, _NO_STORE], b"Please try again in a moment.\n")


def redirect_route(redirector: Redirector) -> asgi:
    @asgi("/l", is_mount=True, copy_scope=False)
    async def redirect(scope: Scope, receive: Receive, send: Send) -> None:
        await redirector(scope, receive, send)

    return redirect
