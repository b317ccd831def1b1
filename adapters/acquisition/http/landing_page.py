"""GET and POST /d/{shop}/{advocate code}: the deal's page and its form. Plain ASGI: the page is a hot path.

A warm page costs a dictionary look-up and a join of bytes: no query, no template.
"""

import math
from typing import Final

from litestar.handlers import HTTPRouteHandler, route
from litestar.types import ASGIApp, Method, Receive, Scope, Send

from acquisition.application.claim_deal import ClaimDeal, ClaimDealHandler, ClaimedDeal
from acquisition.domain.claim import ClaimExpired, SelfReferral
from acquisition.domain.deal import DealEnded, DealPaused, UnknownDeal
from acquisition.domain.person import Person
from adapters.acquisition.email import InvalidEmail, checked_email
from adapters.acquisition.http.limiter import Limiter
from adapters.acquisition.pages import carried
from adapters.acquisition.pages.library import Library
from adapters.acquisition.pages.locale import negotiated
from adapters.acquisition.pages.preview import Previews
from adapters.acquisition.pages.renderer import Notice, Page, Renderer, Typed
from adapters.acquisition.pages.shelf import Address
from adapters.acquisition.tokens import FriendTokens
from adapters.shared.http.client_address import AddressOf, sender_of
from adapters.shared.http.hot import BodyCut, BodyTooLarge, header, read_body
from adapters.shared.postgres.errors import ShopUnknown, Unavailable
from adapters.shared.presentable import presentable
from adapters.shared.texts import LOCALES, marked
from kernel.errors import DomainError

PATH: Final = "/d/{shop_slug:str}/{advocate_code:str}"
PREVIEW: Final = f"{PATH}/preview.png"
HOT: Final = {"hot": True, "idempotency": "none"}
FORM: Final = b"application/x-www-form-urlencoded"
LARGEST_FORM: Final = 16 * 1024
FIELDS: Final = carried.LONGEST | {"email": 254, "first_name": 80, "website": 200}
RETRY_S: Final = 2

GENERIC: Final = marked("Something went wrong. Please check your details and try again.")
PROBLEMS: Final[dict[type[DomainError], str]] = {
    InvalidEmail: marked("Please enter a valid e-mail address, such as ben@example.com."),
    SelfReferral: marked("This is your own recommendation. Pass the link on to a friend."),
}
NOTICES: Final[dict[type[DomainError], tuple[Notice, int]]] = {
    UnknownDeal: ("unknown", 404),
    DealPaused: ("paused", 404),
    DealEnded: ("ended", 410),
    ClaimExpired: ("expired", 410),
    Unavailable: ("away", 503),
    ShopUnknown: ("away", 503),
}


class LandingPage:
    def __init__(
        self,
        library: Library,
        renderer: Renderer,
        previews: Previews,
        claim_deal: ClaimDealHandler,
        tokens: FriendTokens,
        limiter: Limiter,
        address_of: AddressOf,
    ) -> None:
        self._library = library
        self._renderer = renderer
        self._previews = previews
        self._claim_deal = claim_deal
        self._tokens = tokens
        self._limiter = limiter
        self._address_of = address_of

    async def page(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]  # type: ignore[typeddict-item]
        address, locale, failed = await self._arrive(scope)
        if failed is not None or address is None:
            notice, status = failed or ("unknown_shop", 404)
            await _answer(send, method, status, self._renderer.notice(None, notice, locale))
        elif method == "POST" and address.status == 200:
            await self._claim(scope, receive, send, address, locale)
        else:
            along = carried.hidden(carried.from_query(scope["query_string"])) if scope["query_string"] else b""
            await _answer(send, method, address.status, self._library.page(address, locale), along)

    async def preview(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The picture for link previews."""
        address, locale, failed = await self._arrive(scope)
        if failed or address is None or address.status != 200:
            await _send(send, "GET", failed[1] if failed else 404, ((b"cache-control", b"no-store"),), b"")
            return
        image = await self._previews.of(address.facts, locale)
        headers = ((b"content-type", b"image/png"), (b"cache-control", b"public, max-age=3600"))
        await _send(send, scope["method"], 200, headers, image)  # type: ignore[typeddict-item]

    async def _arrive(self, scope: Scope) -> tuple[Address | None, str, tuple[Notice, int] | None]:
        query = scope["query_string"]
        asked = carried.fields(query.decode("latin-1"), {"lang": 35}).get("lang", "") if b"lang=" in query else ""
        accepts = header(scope, b"accept-language").decode("latin-1")
        path = scope["path_params"]
        try:
            address = await self._library.address(path["shop_slug"], path["advocate_code"])
        except Unavailable:
            return None, negotiated(asked, accepts, LOCALES, "en"), ("away", 503)
        if address is None:
            return None, negotiated(asked, accepts, LOCALES, "en"), None
        shop = address.facts.shop
        return address, negotiated(asked, accepts, shop.locales, shop.default_locale), None

    async def _claim(self, scope: Scope, receive: Receive, send: Send, address: Address, locale: str) -> None:
        wait_s = self._limiter.wait_s(str(address.facts.shop_id), sender_of(self._address_of(scope)))
        if wait_s > 0:
            page = self._renderer.notice(address.facts.shop, "busy", locale)
            retry = (b"retry-after", str(math.ceil(wait_s)).encode())
            await _answer(send, "POST", 429, page, extra=(retry,))
            return
        if not header(scope, b"content-type").startswith(FORM):
            await self._again(send, address, locale, 415, GENERIC, {})
            return
        try:
            body = await read_body(scope, receive, LARGEST_FORM)
        except BodyTooLarge:
            await self._again(send, address, locale, 413, GENERIC, {})
            return
        except BodyCut:
            return
        form = carried.fields(body.decode("utf-8", "replace"), FIELDS)
        if form.get("website"):
            # Only a program fills a field that people cannot see.
            await self._again(send, address, locale, 422, GENERIC, form)
            return
        try:
            claimed = await self._claim_deal(self._command(address, form, locale))
        except DomainError as refused:
            await self._refuse(send, address, locale, refused, form)
            return
        await _answer(send, "POST", 200, self._result(address, claimed, form, locale), extra=NOT_STORED)

    def _command(self, address: Address, form: dict[str, str], locale: str) -> ClaimDeal:
        facts = address.facts
        return ClaimDeal(
            shop_id=facts.shop_id,
            advocate_code=facts.code,
            friend=Person(
                email=checked_email(form.get("email", "")),
                first_name=presentable(form.get("first_name", "")),
                locale=locale,
            ),
            locale=locale,
            click_id=self._tokens.click_of(form.get(carried.CLICK), facts.shop_id),
        )

    async def _refuse(
        self, send: Send, address: Address, locale: str, refused: DomainError, form: dict[str, str]
    ) -> None:
        if type(refused) in NOTICES:
            notice, status = NOTICES[type(refused)]
            extra = ((b"retry-after", str(RETRY_S).encode()),) if status == 503 else ()
            page = self._renderer.notice(address.facts.shop, notice, locale)
            await _answer(send, "POST", status, page, extra=extra)
            return
        await self._again(send, address, locale, 422, PROBLEMS.get(type(refused), GENERIC), form)

    async def _again(
        self, send: Send, address: Address, locale: str, status: int, problem: str, form: dict[str, str]
    ) -> None:
        """The form once more, with what is wrong and what had been typed."""
        facts = address.facts
        if facts.terms is None:
            raise UnknownDeal
        page = self._renderer.landing(
            facts.shop, facts.terms, code=facts.code, name=address.name, locale=locale,
            problem=self._renderer.texts.text(locale, problem),
            typed=Typed(email=form.get("email", ""), first_name=form.get("first_name", "")),
        )  # fmt: skip
        await _answer(send, "POST", status, page, carried.hidden(_along(form)), extra=NOT_STORED)

    def _result(self, address: Address, claimed: ClaimedDeal, form: dict[str, str], locale: str) -> Page:
        shop = address.facts.shop
        values = {"gv_code": claimed.claim.code, "gv_claim": self._tokens.of_claim(claimed.claim)} | _along(form)
        return self._renderer.result(
            shop, claimed.terms, code=claimed.claim.code, name=form.get("first_name", ""),
            expires_at=claimed.claim.expires_at, storefront=carried.onto(shop.storefront_url, values), locale=locale,
        )  # fmt: skip


NOT_STORED: Final = ((b"cache-control", b"private, no-store"),)


def _along(form: dict[str, str]) -> dict[str, str]:
    return {name: form[name] for name in carried.LONGEST if form.get(name)}


async def _answer(
    send: Send,
    method: str,
    status: int,
    page: Page,
    along: bytes = b"",
    extra: tuple[tuple[bytes, bytes], ...] = (),
) -> None:
    replaced = {name for name, _ in extra}
    headers = page.headers if not extra else (*(h for h in page.headers if h[0] not in replaced), *extra)
    await _send(send, method, status, headers, page.filled(along))


async def _send(send: Send, method: str, status: int, headers: tuple[tuple[bytes, bytes], ...], body: bytes) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body, "more_body": False})


def routes(landing: LandingPage) -> tuple[HTTPRouteHandler, ...]:
    """Routes that hand over to plain ASGI. Not a mount: one at /d would catch every path that begins with "/d"."""
    return (_handler(PATH, ["GET", "HEAD", "POST"], landing.page), _handler(PREVIEW, ["GET", "HEAD"], landing.preview))


def _handler(path: str, methods: list[Method], serve: ASGIApp) -> HTTPRouteHandler:
    @route(path, http_method=methods, include_in_schema=False, opt=HOT)
    async def handle() -> ASGIApp:
        return serve

    return handle
