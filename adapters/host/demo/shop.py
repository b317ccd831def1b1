"""What the demo shop does: checks codes, takes orders, tells Grapevine by webhook, and enrols who wants to share."""

import asyncio
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, structs

from adapters.host.demo import shopify
from adapters.host.demo.catalogue import FREE_SHIPPING_MINOR, PRODUCTS, SHIPPING_MINOR
from adapters.host.demo.client import Away, Grapevine, Refused
from adapters.host.demo.identity import vouched
from adapters.host.demo.keyring import Keyring, read_keyring
from adapters.host.demo.orders import Books, Piece, PlacedOrder, Sent
from adapters.host.demo.pages import euros

SHARE_KIT_WITHIN_S: Final = 3.0
_NO: Final = {
    "claim_expired": "This code has expired.",
    "deal_paused": "This offer is taking a break at the moment.",
    "deal_ended": "This offer has ended.",
}


class NotReady(Exception):
    """The demo is still being set up: there are no keys yet."""


class Code(Struct, frozen=True, kw_only=True):
    """What a typed code is worth on a basket; `problem` says why it is worth nothing."""

    code: str
    discount_minor: int = 0
    problem: str = ""


class Buyer(Struct, frozen=True, kw_only=True):
    first_name: str
    last_name: str
    email: str
    locale: str


class Carried(Struct, frozen=True, kw_only=True):
    """What came along with a friend's link, kept in the shop's own cookies."""

    code: str = ""
    claim: str = ""
    click: str = ""


class Nordlicht:
    """The shop behind the pages. `address` is where Grapevine's API answers."""

    def __init__(self, folder: Path, address: str) -> None:
        self._folder = folder
        self._grapevine = Grapevine(address)
        self.books = Books(folder)

    @property
    def keys(self) -> Keyring:
        keyring = read_keyring(self._folder)
        if keyring is None or not keyring.complete:
            raise NotReady
        return keyring

    async def now(self) -> datetime:
        """The shop's clock, which a test shop may have moved; this machine's when nobody answers."""
        try:
            shop = await self.get("/api/v1/shop")
        except (Away, Refused):
            return datetime.now(UTC)
        return datetime.fromisoformat(str(shop["now"]))

    async def check_code(self, typed: str, goods_minor: int) -> Code:
        try:
            found = await self.get(f"/api/v1/deals/{_path(typed)}")
        except Refused:
            return Code(code=typed, problem="We do not know this code.")
        except Away:
            return Code(code=typed, problem="We cannot check codes right now. Please try again in a moment.")
        if not found["valid"] or not found["deal"]:
            return Code(code=typed, problem=_NO.get(str(found["refusal"]), "This code is not valid any more."))
        minimum = (found["deal"]["minimum_order"] or {}).get("amount_minor", 0)
        if goods_minor < minimum:
            return Code(code=typed, problem=f"This code works from {euros(minimum)} on.")
        return Code(code=str(found["code"]), discount_minor=min(goods_minor, _worth(found["deal"], goods_minor)))

    async def place(
        self, checkout: str, buyer: Buyer, basket: Mapping[str, int], code: Code | None, carried: Carried
    ) -> PlacedOrder:
        """Take an order and report it. The buyer has bought, whether Grapevine answers or not."""
        order = self.books.add(
            PlacedOrder(
                token=secrets.token_urlsafe(16), checkout=checkout, number="", order_id=shopify.new_id(),
                customer_id=self.books.customer_of(buyer.email) or shopify.new_id(), email=buyer.email,
                first_name=buyer.first_name, last_name=buyer.last_name, locale=buyer.locale,
                placed_at=await self.now(), pieces=_pieces(basket, code.discount_minor if code else 0),
                shipping_minor=shipping(goods(basket)), code=code.code if code else "", claim=carried.claim,
                click=carried.click,
            )
        )  # fmt: skip
        return order if order.sent else await self._report(order, shopify.order_created(order))

    async def give_back(self, order: PlacedOrder, *, half: bool) -> PlacedOrder:
        back, goodwill = shopify.half_of(order) if half else (shopify.all_of(order), 0)
        if not back and not goodwill:
            return order
        sent = shopify.refund_created(order, back, goodwill, await self.now())
        pieces = [
            structs.replace(piece, returned=piece.returned + back.get(piece.line_id, 0)) for piece in order.pieces
        ]
        goodwill += order.goodwill_minor
        return await self._report(structs.replace(order, pieces=tuple(pieces), goodwill_minor=goodwill), sent)

    async def cancel(self, order: PlacedOrder) -> PlacedOrder:
        if order.cancelled_at is not None:
            return order
        at = await self.now()
        return await self._report(structs.replace(order, cancelled_at=at), shopify.order_cancelled(order, at))

    async def send_again(self, order: PlacedOrder) -> PlacedOrder:
        """Every webhook once more, newest first: neither repetition nor order may matter."""
        for sent in reversed(order.sent):
            order = await self._deliver(order, sent)
        return order

    async def move_clock(self, days: int) -> None:
        await self.call("POST", "/api/v1/shop/clock", body={"days": days})

    async def enrol(self, order: PlacedOrder) -> PlacedOrder:
        """Make the buyer an advocate; asking twice answers with the same one."""
        keys = self.keys
        body = {
            "programme_id": keys.programme_id, "customer_reference": str(order.customer_id), "email": order.email,
            "first_name": order.first_name, "locale": order.locale,
        }  # fmt: skip
        advocate = await self.call("POST", "/api/v1/advocates", body=body, once=f"enrol-{order.order_id}")
        order = structs.replace(order, advocate_id=advocate["id"], statement_url=advocate["statement_url"])
        self.books.save(order)
        return order

    async def share_kit(self, order: PlacedOrder) -> Any:
        """Link, code and buttons. A new advocate is known everywhere within a second, so this waits that long."""
        deadline = asyncio.get_running_loop().time() + SHARE_KIT_WITHIN_S
        while True:
            try:
                return await self.get(f"/api/v1/share-kits/{order.advocate_id}", locale=order.locale)
            except Refused as refused:
                if refused.status != 404 or asyncio.get_running_loop().time() > deadline:
                    raise
            await asyncio.sleep(0.05)

    def vouch(self, order: PlacedOrder) -> str:
        """What tells the tag who is looking; nothing before there is a secret to sign it with."""
        try:
            return vouched(order, self.keys.identify_secret)
        except NotReady:
            return ""

    async def shared(self, order: PlacedOrder, channel: str) -> None:
        body = {"advocate_id": order.advocate_id, "channel": channel, "locale": order.locale}
        await self.call("POST", "/api/v1/shares", body=body)

    async def get(self, path: str, **query: str | int) -> Any:
        return await self._grapevine.call("GET", path, key=self.keys.secret_key, query=query)

    async def call(self, method: str, path: str, *, body: object = None, once: str | None = None) -> Any:
        return await self._grapevine.call(method, path, key=self.keys.secret_key, body=body, once=once)

    async def _report(self, order: PlacedOrder, sent: Sent) -> PlacedOrder:
        order = structs.replace(order, sent=(*order.sent, sent))
        self.books.save(order)
        return await self._deliver(order, sent)

    async def _deliver(self, order: PlacedOrder, sent: Sent) -> PlacedOrder:
        try:
            keys = self.keys
        except NotReady:
            return order
        path = f"/webhooks/shopify/{keys.connection_id}"
        status = await self._grapevine.deliver(path, sent.body, shopify.signed_headers(sent, keys.webhook_secret))
        answered = structs.replace(sent, status=status, times=sent.times + 1)
        order = structs.replace(
            order, sent=tuple(answered if one.webhook_id == sent.webhook_id else one for one in order.sent)
        )
        self.books.save(order)
        return order


def goods(basket: Mapping[str, int]) -> int:
    return sum(PRODUCTS[key].gross_minor * count for key, count in basket.items())


def shipping(goods_minor: int) -> int:
    return 0 if goods_minor >= FREE_SHIPPING_MINOR or goods_minor == 0 else SHIPPING_MINOR


def _pieces(basket: Mapping[str, int], discount_minor: int) -> tuple[Piece, ...]:
    quantities = dict(basket)
    cuts = shopify.discounted(quantities, {key: PRODUCTS[key].gross_minor for key in quantities}, discount_minor)
    return tuple(
        Piece(line_id=shopify.new_id(), product=key, quantity=count, discount_minor=cuts[key])
        for key, count in quantities.items()
    )


def _worth(deal: Mapping[str, Any], goods_minor: int) -> int:
    if deal["kind"] == "fixed":
        return int(deal["amount"]["amount_minor"])
    part = (goods_minor * int(deal["basis_points"]) + 5000) // 10_000
    return min(part, int(deal["cap"]["amount_minor"])) if deal["cap"] else part


def _path(typed: str) -> str:
    """A typed code as one segment of an address; what no code can hold asks for a code that nobody has."""
    kept = "".join(letter for letter in typed if letter.isascii() and (letter.isalnum() or letter in "-_ "))
    return kept.strip().replace(" ", "-")[:64] or "0"
