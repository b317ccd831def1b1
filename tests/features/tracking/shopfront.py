"""What the steps share: one shop, its people, its platform, and what was last answered."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from msgspec import Struct

from adapters.shared.ids import new_code, new_id
from adapters.tracking.platforms.signatures import sign_standard
from kernel.codes import normalise
from tests.features.tracking.payloads import euros, lamp
from tests.support.world import ShopWorld

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/604.1"
SECRET = "shpss_0123456789abcdef"


class Person(Struct, frozen=True, kw_only=True):
    reference: str | None
    email: str | None = None
    first_name: str = ""
    last_name: str = ""
    locale: str | None = None
    phone: str | None = None
    refers_to: str | None = None


class Identify(Struct, frozen=True, kw_only=True):
    shop_id: UUID
    people: list[Person]


class Ids(Struct, frozen=True, kw_only=True):
    customer_id: UUID
    person_id: UUID
    phone_id: UUID | None = None
    refers_to: UUID | None = None


class Identified(Struct, frozen=True, kw_only=True):
    people: list[Ids]


class ClaimToken(Struct, frozen=True):
    claim_id: UUID


@dataclass
class Shopfront:
    """The shop as the outside sees it."""

    shop: ShopWorld
    programme_id: UUID = field(default_factory=new_id)
    advocates: dict[str, dict[str, Any]] = field(default_factory=dict)
    claims: dict[str, dict[str, Any]] = field(default_factory=dict)
    connection: dict[str, Any] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)
    answer: Any = None
    answers: list[Any] = field(default_factory=list)
    arrived: str = ""
    orders: list[dict[str, Any]] = field(default_factory=list)
    sent: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    link: dict[str, Any] = field(default_factory=dict)
    replay: str = ""

    # people and facts of other contexts

    def in_days(self, days: int) -> str:
        return (self.now().replace(microsecond=0) + timedelta(days=days)).isoformat()

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.shop.details["clock_offset_s"])

    def ids(self, name: str, **said: str) -> Ids:
        email = f"{name.lower().replace(' ', '.')}@example.com"
        person = Person(reference=None, email=email, first_name=name, **said)
        ask = self.shop.world.installation.asking
        request = Identify(shop_id=self.shop.shop_id, people=[person])
        answer: Identified = self.shop.world.call(ask, "shops.identify_customers", request, Identified)
        return answer.people[0]

    def programme(self, days: int, revision: int = 1) -> None:
        terms = {"attribution_days": days}
        fact = {"programme_id": self.programme_id, "revision": revision, "terms": terms}
        self.shop.tell("tracking", "referral.programme_changed", fact)

    def advocate(self, name: str, code: str, **more: Any) -> None:
        ids = self.ids(name)
        fact = {
            "advocate_id": new_id(),
            "programme_id": self.programme_id,
            "customer_id": ids.customer_id,
            "person_id": ids.person_id,
            "code": normalise(code),
            "link_code": new_code(10),
            "enrolled_at": self.now(),
            **more,
        }
        self.advocates[name] = fact
        self.shop.tell("tracking", "referral.advocate_enrolled", fact)

    def claim(self, friend: str, advocate: str, code: str, claimed_at: datetime | None = None, **more: Any) -> None:
        ids = self.ids(friend)
        at = claimed_at or self.now()
        fact = {
            "claim_id": new_id(),
            "programme_id": self.programme_id,
            "advocate_id": self.advocates[advocate]["advocate_id"],
            "friend_id": ids.customer_id,
            "person_id": ids.person_id,
            "code": normalise(code),
            "click_id": None,
            "locale": "de",
            "claimed_at": at,
            "expires_at": at + timedelta(days=30),
            **more,
        }
        self.claims[friend] = fact
        self.shop.tell("tracking", "acquisition.deal_claimed", fact)

    def claim_token(self, friend: str) -> str:
        signer = self.shop.world.installation.settings.keys().signer("claim")
        token = ClaimToken(self.claims[friend]["claim_id"])
        return signer.sign(token, expires_at=self.claims[friend]["expires_at"])

    # links and visits

    def visit(self, code: str, query: str = "", *, agent: str = PHONE, method: str = "GET", **headers: str) -> Any:
        url = f"/l/{code}" + (f"?{query}" if query else "")
        self.answer = self.shop.client.request(
            method, url, headers={"user-agent": agent, "accept-language": "de-DE,de;q=0.9", **headers}
        )
        self.arrived = self.answer.headers.get("location", "")
        return self.answer

    def click_token(self) -> str:
        return parse_qs(urlsplit(self.arrived).query)["gv_click"][-1]

    def clicks(self, name: str) -> list[dict[str, Any]]:
        advocate = self.advocates[name]
        links = self.get("/links")["items"]
        link = next(one for one in links if one["code"] == advocate["link_code"])
        items: list[dict[str, Any]] = self.get(f"/links/{link['id']}/clicks")["items"]
        return items

    # the API

    def api(self, method: str, path: str, **options: Any) -> Any:
        headers = self.shop.headers | {"idempotency-key": secrets.token_hex(8)}
        self.answer = self.shop.client.request(method, f"/api/v1{path}", headers=headers, **options)
        return self.answer

    def get(self, path: str) -> dict[str, Any]:
        answer = self.shop.client.get(f"/api/v1{path}", headers=self.shop.headers)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    # the platform

    def connect(self) -> None:
        body = {"kind": "shopify", "title": "Our Shopify", "secret": SECRET}
        answer = self.api("POST", "/connections", json=body)
        assert answer.status_code == 201, answer.text
        self.connection = answer.json()

    def post_shopify(
        self, topic: str, body: bytes, *, delivery: str = "", secret: str = SECRET, signature: str = ""
    ) -> Any:
        signed = signature or base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
        headers = {
            "x-shopify-topic": topic,
            "x-shopify-hmac-sha256": signed,
            "x-shopify-webhook-id": delivery or str(new_id()),
            "x-shopify-triggered-at": datetime.now(UTC).isoformat(),
            "content-type": "application/json",
        }
        path = urlsplit(self.connection["webhook_url"]).path
        self.answer = self.shop.client.post(path, content=body, headers=headers)
        self.answers.append(self.answer)
        return self.answer

    def report(self, topic: str, payload: dict[str, Any], **options: Any) -> None:
        """Send a message as the platform, and remember it."""
        delivery = options.pop("delivery", "") or str(new_id())
        self.sent.append((topic, payload, delivery))
        answer = self.post_shopify(topic, json.dumps(payload).encode(), delivery=delivery, **options)
        assert answer.status_code == 200, answer.text

    def order(self, name: str, **changes: Any) -> dict[str, Any]:
        """A Shopify order of one lamp for 80 euros, changed as told, remembered as the last one."""
        at = self.now().replace(microsecond=0)
        number = 5_000_000_000_000 + len(self.orders) + int(self.shop.shop_id.int % 10**9) * 1000
        payload: dict[str, Any] = {
            "id": number,
            "name": f"#{1001 + len(self.orders)}",
            "created_at": at.isoformat(),
            "processed_at": at.isoformat(),
            "updated_at": at.isoformat(),
            "currency": "EUR",
            "total_price": "80.00",
            "taxes_included": True,
            "financial_status": "paid",
            "test": False,
            "email": f"{name.lower()}@example.com",
            "customer_locale": "de-DE",
            "customer": None,
            "discount_codes": [],
            "note_attributes": [],
            "refunds": [],
            "line_items": [lamp("80.00")],
        } | changes
        self.orders.append(payload)
        return payload

    def found(self, payload: dict[str, Any] | None = None) -> dict[str, Any]:
        """The order as the API shows it, once it is there."""
        wanted = str((payload or self.orders[-1])["id"])

        def look() -> Any:
            items = self.get(f"/orders?order_id={wanted}")["items"]
            return items[0] if items else None

        return self.shop.eventually(look)

    def settled(self) -> None:
        """Wait until the worker has dealt with everything that was stored."""
        query = "SELECT count(*) FROM tracking.webhook_delivery WHERE shop_id = %s AND state = 'waiting'"
        self.shop.eventually(lambda: self.shop.world.sql(query, self.shop.shop_id) == [(0,)])

    def parked(self) -> list[tuple[Any, ...]]:
        query = "SELECT code, reason FROM tracking.webhook_delivery WHERE shop_id = %s AND state = 'parked'"
        return self.shop.world.sql(query, self.shop.shop_id)

    # our own order format

    def connect_own(self) -> None:
        answer = self.api("POST", "/connections", json={"kind": "generic", "title": "Our webshop"})
        assert answer.status_code == 201, answer.text
        self.own = answer.json()

    def post_own(self, payload: dict[str, Any], *, at: datetime | None = None, webhook_id: str = "") -> Any:
        return self.post_own_bytes(json.dumps(payload).encode(), at=at, webhook_id=webhook_id)

    def post_own_bytes(self, body: bytes, *, at: datetime | None = None, webhook_id: str = "") -> Any:
        stamp = int((at or datetime.now(UTC)).timestamp())
        name = webhook_id or f"msg_{new_id()}"
        headers = {
            "webhook-id": name,
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign_standard(body, webhook_id=name, timestamp=stamp, secret=self.own["secret"]),
        }
        self.answer = self.shop.client.post(urlsplit(self.own["webhook_url"]).path, content=body, headers=headers)
        return self.answer

    def own_order(self, name: str) -> dict[str, Any]:
        order = {
            "id": f"A-{new_code(6)}",
            "order_id": "",
            "number": "A-1001",
            "placed_at": self.now().isoformat(),
            "total": euros("80.00"),
            "lines": [{"line_id": "1", "quantity": 1, "net": euros("80.00")}],
            "customer": {"email": f"{name.lower()}@example.com"},
        }
        order["order_id"] = order.pop("id")
        self.orders.append({"id": order["order_id"]})
        return order
