"""The shop Nordlicht as its people meet it: over HTTP only, orders by signed webhooks from Shopify."""

import base64
import email
import email.policy
import hashlib
import hmac
import json
import re
import secrets
import uuid
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.testdata import platform_payload
from tests.support.world import ShopWorld

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/604.1"
MESSENGER = "WhatsApp/2.23.20.0"
SECRET = "shpss_a_secret_of_the_journeys"
CAPTURED = platform_payload("shopify_orders_create")["body"]
CAPTURED_REFUND = platform_payload("shopify_refunds_create")["body"]


class Nordlicht:
    def __init__(self, shop: ShopWorld) -> None:
        self.shop = shop
        self.terms: dict[str, Any] = {}
        self.programme: dict[str, Any] = {}
        self.connection: dict[str, Any] = {}
        self.ada: dict[str, Any] = {}
        self.page: Any = None
        self.carried: dict[str, str] = {}
        """What came along with the link: the code, the claim and the click."""
        self.orders: list[dict[str, Any]] = []
        self.refused: Any = None
        self._customers: dict[str, int] = {}
        self._token = secrets.token_hex(4)

    # the API

    def get(self, path: str) -> Any:
        answer = self.shop.client.get(f"/api/v1{path}", headers=self.shop.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: object = None, status: int = 201) -> Any:
        answer = self.shop.client.post(f"/api/v1{path}", json=body, headers=self.shop.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    # people

    def address(self, name: str) -> str:
        """One nobody else has in any test."""
        return f"{name.lower()}.{self._token}@gmail.com"

    def spelled_otherwise(self, name: str) -> str:
        """The same mailbox, as the provider sees it."""
        return f"{name.upper()}{self._token}+lamps@googlemail.com"

    def customer(self, name: str) -> int:
        return self._customers.setdefault(name, 820_982_911_946_154_501 + 2 * len(self._customers))

    # pages

    def browse(self, address: str, *, agent: str = PHONE, language: str = "de-DE") -> Any:
        """Open an address as a browser does; redirects inside the house are followed."""
        headers = {"user-agent": agent, "accept-language": language}
        for _ in range(3):
            parts = urlsplit(address)
            self.page = self.shop.client.get(f"{parts.path}?{parts.query}".rstrip("?"), headers=headers)
            if self.page.status_code not in {301, 302, 303, 307}:
                break
            address = self.page.headers["location"]
        return self.page

    def claim(self, name: str) -> Any:
        """Fill in the form on the page and follow the way to the shop, as far as there is one."""
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', self.page.text))
        action = re.search(r'<form method="post" action="([^"]+)"', self.page.text)
        assert action, self.page.text
        fields = {key: unescape(value) for key, value in form.items()} | {
            "email": self.address(name),
            "first_name": name,
        }
        self.page = self.shop.client.post(unescape(action[1]), data=fields, headers={"accept-language": "de"})
        onward = re.search(r'href="(https://nordlicht\.example[^"]*)"', self.page.text)
        if self.page.status_code == 200 and onward:
            self._remember(unescape(onward[1]))
        return self.page

    def look_around(self) -> None:
        """Go on to the shop without claiming: the click comes along."""
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', self.page.text))
        self.carried = {"click": unescape(form["gv_click"])}

    def _remember(self, address: str) -> None:
        query = parse_qs(urlsplit(address).query)
        self.carried = {name: query[f"gv_{name}"][0] for name in ("code", "claim", "click") if f"gv_{name}" in query}

    # the platform

    def lamps(self, name: str, price: str, *, code: str | None, alias: str = "") -> dict[str, Any]:
        """An order of two lamps, 19 % tax included, €10 off with a code; as Shopify would report it."""
        cents = int(price.replace(".", ""))
        off = 1000 if code else 0
        tax = round((2 * cents - off) * 19 / 119)
        now = self.get("/shop")["now"]
        carried = [kind for kind in ("claim", "click") if name == "Ben" and kind in self.carried]
        attributes = {f"grapevine_{kind}": self.carried[kind] for kind in carried}
        order_id = 820_982_000_000_000_001 + secrets.randbelow(10**12) * 2
        line = CAPTURED["line_items"][0] | {
            "id": order_id + 4,
            "price": price,
            "quantity": 2,
            "tax_lines": [{"price": _euros(tax), "rate": 0.19, "title": "MwSt."}],
            "discount_allocations": [{"amount": _euros(off), "discount_application_index": 0}] if off else [],
        }
        order: dict[str, Any] = CAPTURED | {
            "id": order_id,
            "name": f"#{1001 + len(self.orders)}",
            "email": alias or self.address(name),
            "contact_email": alias or self.address(name),
            "customer": CAPTURED["customer"]
            | {"id": self.customer(alias or name), "email": alias or self.address(name), "first_name": name},
            "customer_locale": "de",
            "currency": "EUR",
            "taxes_included": True,
            "financial_status": "paid",
            "test": True,
            "cancelled_at": None,
            "cancel_reason": None,
            **dict.fromkeys(("created_at", "processed_at", "updated_at"), now),
            "discount_codes": [{"code": code, "amount": _euros(off), "type": "fixed_amount"}] if code else [],
            "note_attributes": [{"name": key, "value": value} for key, value in attributes.items()],
            "line_items": [line],
            "total_price": _euros(2 * cents - off),
        }
        self.orders.append(order)
        return order

    def refund(self, order: dict[str, Any], quantity: int) -> dict[str, Any]:
        """Some of an order's lamps come back."""
        template = CAPTURED_REFUND["refund_line_items"][0]
        money = {"shop_money": {"amount": "0.00", "currency_code": "EUR"}}
        line = template | {
            "line_item_id": order["line_items"][0]["id"],
            "quantity": quantity,
            "subtotal": 0.0,
            "total_tax": 0.0,
            "subtotal_set": money,
            "total_tax_set": money,
        }
        refund_id = 890_088_000_000_000_001 + secrets.randbelow(10**12)
        refund: dict[str, Any] = CAPTURED_REFUND | {"id": refund_id, "order_id": order["id"]}
        return refund | {"refund_line_items": [line]}

    def report(self, topic: str, payload: dict[str, Any], *, secret: str = SECRET, times: int = 1) -> Any:
        """Sign the exact bytes and send them; the last answer."""
        body = json.dumps(payload).encode()
        digest = hmac.digest(secret.encode(), body, hashlib.sha256)
        headers = {
            "content-type": "application/json",
            "x-shopify-topic": topic,
            "x-shopify-webhook-id": str(uuid.uuid4()),
            "x-shopify-hmac-sha256": base64.b64encode(digest).decode(),
        }
        path = urlsplit(self.connection["webhook_url"]).path
        answers = [self.shop.client.post(path, content=body, headers=headers) for _ in range(times)]
        return answers[-1]

    def deliver(self, topic: str, payload: dict[str, Any], *, times: int = 1) -> None:
        answer = self.report(topic, payload, times=times)
        assert answer.status_code == 200, answer.text

    # what came of it

    def known_order(self) -> Any:
        """The latest order as it was taken in, once it was."""

        def look() -> Any:
            found = self.get(f"/orders?order_id={self.orders[-1]['id']}")["items"]
            return found[0] if found else None

        return self.shop.eventually(look)

    def rewards(self) -> list[Any]:
        return list(self.get("/rewards")["items"])

    def reward(self, name: str) -> Any:
        """Ada's reward is the advocate's newest; anybody else's is a friend's."""
        side = "advocate" if name == "Ada" else "friend"
        found = [reward for reward in self.rewards() if reward["side"] == side]
        assert found, "no reward yet"
        return found[0]

    def mails(self, to: str) -> list[str]:
        """Subjects of the mails to an address."""
        subjects = []
        for path in self.shop.world.outbox.glob("*.eml"):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if to in str(message["to"]):
                subjects.append(str(message["subject"]))
        return subjects


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
