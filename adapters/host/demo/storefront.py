"""The demo shop's pages under /demo. In the demo environment only."""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any, Final

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from adapters.host.demo.addresses import local_address
from adapters.host.demo.catalogue import MOST_OF_ONE, PRODUCTS
from adapters.host.demo.client import Away, Refused
from adapters.host.demo.counter import read_ledger
from adapters.host.demo.data_layer import purchase
from adapters.host.demo.orders import PlacedOrder
from adapters.host.demo.pages import ASSETS, Pages, asset
from adapters.host.demo.shop import Code, Nordlicht, NotReady, goods, shipping
from adapters.host.demo.typed import (
    arriving,
    basket_of,
    basket_text,
    buyer_of,
    carried_of,
    carried_with,
    form_of,
    from_elsewhere,
    line,
    locale_of,
)
from adapters.host.settings import Settings

AnyRequest = Request[Any, Any, Any]
CHANNELS: Final = {"native", "email", "sms", "whatsapp", "facebook", "messenger", "x", "copy", "qr"}
MONTH_S: Final = 30 * 86_400
CLOCK_DAYS: Final = 15


class UnknownOrder(Exception):
    """Nobody placed an order under this address."""


class Elsewhere(Exception):
    """Another website's page sent a form to us."""


def demo_router(settings: Settings) -> Router:
    """All routes of the demo shop. It speaks to Grapevine over HTTP, as any shop does."""
    return Storefront(settings).router()


class Storefront:
    def __init__(self, settings: Settings) -> None:
        self.shop = Nordlicht(settings.data_folder, local_address(settings))
        self.pages = Pages(settings.base_url, self._key)

    def _key(self) -> str:
        try:
            return self.shop.keys.publishable_key
        except NotReady:
            return ""

    def router(self) -> Router:
        show = self.pages.show

        def refuse(template: str, status: int) -> Any:
            return lambda _request, _error: show(template, status=status, count=0)

        @get("/{rest:path}")
        async def nowhere(rest: FromPath[str]) -> None:
            raise UnknownOrder

        routes = [*self._shop_routes(), *self._counter_routes(), get("/assets/{name:str}")(_asset), nowhere]
        return Router(
            path="/",
            route_handlers=[get("/")(_to_the_shop), Router(path="/demo", route_handlers=routes)],
            include_in_schema=False,
            exception_handlers={
                NotReady: refuse("preparing.html", 503),
                Away: refuse("away.html", 503),
                Refused: refuse("away.html", 502),
                UnknownOrder: refuse("unknown.html", 404),
                Elsewhere: refuse("unknown.html", 403),
            },
        )

    def _shop_routes(self) -> list[Any]:
        @get("/")
        async def home(request: AnyRequest) -> Response[Any]:
            return await self._home(request)

        @post("/basket", status_code=303)
        async def change_basket(request: AnyRequest) -> Response[Any]:
            return await self._change_basket(request)

        @get("/checkout")
        async def checkout(request: AnyRequest) -> Response[Any]:
            return await self._checkout(request)

        @post("/checkout", status_code=200)
        async def order(request: AnyRequest) -> Response[Any]:
            return await self._order(request)

        @get("/thanks/{token:str}")
        async def thanks(token: FromPath[str]) -> Response[Any]:
            return await self._thanks(self._placed(token))

        @post("/thanks/{token:str}/enrol", status_code=303)
        async def enrol(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
            _refuse_elsewhere(request)
            order = self._placed(token)
            try:
                await self.shop.enrol(order)
            except Refused as refused:
                return self.pages.show("thanks.html", status=409, order=order, kit=None, count=0, closed=refused.code)
            return _see(f"/demo/thanks/{token}#share")

        @post("/thanks/{token:str}/shared", status_code=204)
        async def shared(request: AnyRequest, token: FromPath[str]) -> None:
            _refuse_elsewhere(request)
            channel = line((await request.body())[:40].decode("latin-1"))
            order = self._placed(token)
            if channel in CHANNELS and order.advocate_id:
                await self.shop.shared(order, channel)

        return [home, change_basket, checkout, order, thanks, enrol, shared]

    def _counter_routes(self) -> list[Any]:
        @get("/counter")
        async def counter() -> Response[Any]:
            return self.pages.show("counter.html", ledger=await read_ledger(self.shop), days=CLOCK_DAYS)

        @post("/counter/clock", status_code=303)
        async def clock(request: AnyRequest) -> Response[Any]:
            _refuse_elsewhere(request)
            await self.shop.move_clock(CLOCK_DAYS)
            return _see("/demo/counter")

        @post("/counter/{token:str}/{action:str}", status_code=303)
        async def act(request: AnyRequest, token: FromPath[str], action: FromPath[str]) -> Response[Any]:
            _refuse_elsewhere(request)
            order = self._placed(token)
            await self._act(order, action)
            # What the webhook sets off takes a moment; the page then looks for what is still to come.
            await asyncio.sleep(0.4)
            return _see(f"/demo/counter#{order.number.removeprefix('#')}")

        return [counter, clock, act]

    async def _act(self, order: PlacedOrder, action: str) -> None:
        if action == "again":
            await self.shop.send_again(order)
        elif order.cancelled_at is None:
            if action == "half":
                await self.shop.give_back(order, half=True)
            elif action == "all":
                await self.shop.give_back(order, half=False)
            elif action == "cancel":
                await self.shop.cancel(order)

    async def _home(self, request: AnyRequest) -> Response[Any]:
        brought = arriving(request)
        basket = basket_of(request)
        typed = brought.get("code") or carried_of(request).code
        code = await self.shop.check_code(typed, 10**6) if typed else None
        page = self.pages.show(
            "home.html", products=list(PRODUCTS.values()), count=sum(basket.values()), goods=goods(basket),
            code=code if code and not code.problem else None,
        )  # fmt: skip
        return _with_cookies(page, {f"nordlicht_{name}": value for name, value in brought.items()})

    async def _change_basket(self, request: AnyRequest) -> Response[Any]:
        _refuse_elsewhere(request)
        form = await form_of(request)
        basket = basket_of(request)
        key = form.get("product", "")
        if key in PRODUCTS:
            step = -1 if form.get("step") == "less" else 1
            basket[key] = max(0, min(MOST_OF_ONE, basket.get(key, 0) + step))
        target = "/demo/checkout" if form.get("back") == "checkout" else f"/demo#{key if key in PRODUCTS else ''}"
        return _with_cookies(_see(target), {"nordlicht_basket": basket_text(basket)})

    async def _checkout(self, request: AnyRequest) -> Response[Any]:
        code = carried_of(request).code
        form = {"code": code, "locale": locale_of(request), "checkout": secrets.token_urlsafe(12)}
        return await self._show_checkout(request, form, {})

    async def _order(self, request: AnyRequest) -> Response[Any]:
        _refuse_elsewhere(request)
        form = await form_of(request)
        basket = basket_of(request)
        buyer, wrong = buyer_of(form, locale_of(request))
        code = await self._code(form, basket)
        if form.get("do") == "apply":
            return await self._show_checkout(request, form, {}, code)
        if wrong or not basket or (code and code.problem):
            return await self._show_checkout(request, form, wrong, code)
        checkout = line(form.get("checkout", ""), 40) or secrets.token_urlsafe(12)
        order = await self.shop.place(checkout, buyer, basket, code, carried_with(form, request))
        gone = dict.fromkeys(("nordlicht_basket", "nordlicht_code", "nordlicht_claim"), "")
        return _with_cookies(_see(f"/demo/thanks/{order.token}"), gone)

    async def _code(self, form: Mapping[str, str], basket: Mapping[str, int]) -> Code | None:
        typed = line(form.get("code", ""), 64)
        return await self.shop.check_code(typed, goods(basket)) if typed else None

    async def _show_checkout(
        self, request: AnyRequest, form: Mapping[str, str], wrong: Mapping[str, str], code: Code | None = None
    ) -> Response[Any]:
        basket = basket_of(request)
        code = code or await self._code(form, basket)
        worth = goods(basket)
        fields = {name: form.get(name, "") for name in ("first_name", "last_name", "email", "code", "checkout")}
        fields["locale"] = form.get("locale") or locale_of(request)
        if code and not code.problem:
            fields["code"] = code.code
        discount = code.discount_minor if code else 0
        return self.pages.show(
            "checkout.html", status=422 if wrong else 200, wrong=wrong, typed=fields, code=code,
            lines=[(PRODUCTS[key], count) for key, count in basket.items()], most=MOST_OF_ONE,
            count=sum(basket.values()), goods=worth, discount=discount, shipping=shipping(worth),
            total=worth - discount + shipping(worth), carried=carried_of(request),
        )  # fmt: skip

    async def _thanks(self, order: PlacedOrder) -> Response[Any]:
        kit: Any = None
        if order.advocate_id:
            try:
                kit = await self.shop.share_kit(order)
            except (Away, Refused, NotReady):
                kit = None
        return self.pages.show(
            "thanks.html", order=order, kit=kit, count=0, closed="", purchase=purchase(order),
            identity=self.shop.vouch(order),
        )  # fmt: skip

    def _placed(self, token: str) -> PlacedOrder:
        order = self.shop.books.get(token[:64])
        if order is None:
            raise UnknownOrder
        return order


async def _to_the_shop() -> Response[Any]:
    return _see("/demo")


async def _asset(name: FromPath[str]) -> Response[bytes]:
    if name not in ASSETS:
        raise UnknownOrder
    headers = {"cache-control": "public, max-age=31536000, immutable", "x-content-type-options": "nosniff"}
    return Response(asset(name), media_type=ASSETS[name], headers=headers)


def _see(address: str) -> Response[Any]:
    """See another page, with GET."""
    return Response(
        b"", status_code=303, media_type="text/plain", headers={"location": address, "cache-control": "no-store"}
    )


def _with_cookies(response: Response[Any], values: Mapping[str, str]) -> Response[Any]:
    """Set the shop's own cookies; an empty value removes one."""
    for name, value in values.items():
        response.set_cookie(
            key=name, value=value, max_age=MONTH_S if value else 0, path="/demo", httponly=True, samesite="lax"
        )
    return response


def _refuse_elsewhere(request: AnyRequest) -> None:
    if from_elsewhere(request):
        raise Elsewhere
