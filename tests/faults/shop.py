"""A shop with a live programme and an advocate, made over HTTP, that sends signed Shopify webhooks."""

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2

from adapters.host.composition import Installation
from adapters.host.operate import OpenedShop, ShopWanted, open_shop
from tests.support.database import test_settings

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/604.1"
SHOPIFY_SECRET = "shpss_a_secret_of_the_shops_app"
TERMS = {
    "currency": "EUR",
    "friend_deal": {"kind": "fixed", "amount": {"amount_minor": 1000, "currency": "EUR"}},
    "advocate_reward": {"kind": "percent", "basis_points": 1000, "cap": {"amount_minor": 2500, "currency": "EUR"}},
    "minimum_order": {"amount_minor": 4000, "currency": "EUR"},
    "first_order_only": True,
    "hold_days": 14,
}


def open_for_test(conninfo: str, slug: str) -> OpenedShop:
    async def run() -> OpenedShop:
        installation = Installation(test_settings(), conninfo)
        try:
            return await open_shop(
                installation,
                ShopWanted(
                    slug=slug, title="Nordlicht", country="DE", currency="EUR", locales=("de", "en"),
                    time_zone="Europe/Berlin", storefront_url="https://nordlicht.example", test_mode=True,
                ),
            )  # fmt: skip
        finally:
            await installation.close()

    return asyncio.run(run())


class FaultShop:
    """Speaks to the web process at `address` only."""

    def __init__(self, address: str, opened: OpenedShop) -> None:
        self.id = opened.id
        self.client = httpx2.Client(
            base_url=address, timeout=10, headers={"authorization": f"Bearer {opened.secret_key}"}
        )
        self.code = ""
        self.webhook = ""
        self.tag_key = ""
        self.tagged: dict[int, str] = {}

    def set_up(self) -> None:
        programme = self._make("/api/v1/programmes", {"title": "Friends", "terms": TERMS})
        self._make(f"/api/v1/programmes/{programme['id']}/launch", None)
        # Everybody here orders with one code, as strangers do with one from a coupon site: that is not the matter.
        steps = [{"method": method} for method in ("manual", "signed_claim", "coupon_code", "click_id")]
        plan = {"steps": steps, "coupon_site": {"on": False}}
        self._make(f"/api/v1/attribution/chains/{programme['id']}/versions", {"plan": plan})
        time.sleep(1)  # orders are placed to the second, and none of them before the chain
        advocate = self._make(
            "/api/v1/advocates",
            {"programme_id": programme["id"], "customer_reference": "ada", "first_name": "Ada"},
        )
        self.code = advocate["code"]
        connection = self._make("/api/v1/connections", {"kind": "shopify", "title": "Shop", "secret": SHOPIFY_SECRET})
        self.webhook = httpx2.URL(connection["webhook_url"]).path
        self.tag_key = self._make("/api/v1/keys", {"label": "pages", "kind": "publishable"})["secret"]

    def _make(self, path: str, body: Any) -> Any:
        deadline = time.monotonic() + 15
        while True:
            answer = self.client.post(path, json=body, headers={"idempotency-key": secrets.token_hex(8)})
            # A shop that was opened or a programme that went live a moment ago is known everywhere within a second.
            if answer.status_code not in {503, 404, 409} or time.monotonic() > deadline:
                assert answer.status_code < 300, answer.text
                return answer.json()
            time.sleep(0.1)

    def order(self, number: int) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a signed orders/create of a new customer who typed the advocate's code."""
        body = json.dumps(order_body(number, self.code)).encode()
        return body, signed(body, "orders/create", f"delivery-{number}")

    def tag_events(self, number: int) -> bytes:
        """The body of a batch of one event, the same one for the same number."""
        self.tagged.setdefault(number, datetime.now(UTC).isoformat())
        sent = {"id": str(UUID(int=number)), "name": "page", "at": self.tagged[number]}
        return json.dumps({"key": self.tag_key, "events": [sent]}).encode()

    def send(self, number: int) -> int:
        body, headers = self.order(number)
        return self.client.post(self.webhook, content=body, headers=headers).status_code


class LinkVisitors:
    """People who tap the advocate's link, each with a number in the address, and how many got their redirect."""

    def __init__(self, shop: FaultShop, folder: Path) -> None:
        self._shop = shop
        self._folder = folder
        self._link = self._first_link()
        self.answered: list[str] = []
        self.turned_away = 0
        self._tap(0)
        assert self.answered == ["0"]

    def _first_link(self) -> dict[str, Any]:
        deadline = time.monotonic() + 15
        while not (links := self._shop.client.get("/api/v1/links").json()["items"]):
            assert time.monotonic() < deadline, "the advocate's link does not come"
            time.sleep(0.05)
        link: dict[str, Any] = links[0]
        return link

    @contextmanager
    def clicking(self) -> Iterator[None]:
        """Tap on and on, from two phones, until the end of the block."""
        stop = threading.Event()
        phones = [threading.Thread(target=self._tap_until, args=(stop, start)) for start in (1, 1_000_000)]
        for phone in phones:
            phone.start()
        try:
            yield
        finally:
            stop.set()
            for phone in phones:
                phone.join()

    def _tap_until(self, stop: threading.Event, start: int) -> None:
        for number in itertools.count(start):
            if stop.is_set():
                return
            try:
                self._tap(number)
            except httpx2.TransportError:
                return
            time.sleep(0.01)

    def _tap(self, number: int) -> None:
        answer = self._shop.client.get(f"/l/{self._link['code']}?n={number}", headers={"user-agent": PHONE})
        if answer.status_code == 302:
            self.answered.append(str(number))
        else:
            self.turned_away += 1

    def stored(self) -> list[str]:
        """The numbers of the clicks that the shop sees."""
        found: list[str] = []
        cursor = ""
        while True:
            page = self._shop.client.get(f"/api/v1/links/{self._link['id']}/clicks?limit=100{cursor}").json()
            found += [one["query"].removeprefix("n=") for one in page["items"]]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    def spooled_files(self) -> Iterator[Path]:
        return (self._folder / "spool").glob("*.spool")


def order_body(number: int, code: str) -> dict[str, Any]:
    money = {"currency_code": "EUR"}
    at = datetime.now(UTC).isoformat()
    return {
        "id": 9_007_199_254_740_993 + number,
        "name": f"#{number}",
        "created_at": at, "updated_at": at, "processed_at": at,
        "currency": "EUR", "financial_status": "paid", "cancelled_at": None, "test": False, "taxes_included": False,
        "email": f"friend-{number}@example.com",
        "customer": {"id": 7_000_000_000_000_000_000 + number, "email": f"friend-{number}@example.com"},
        "discount_codes": [{"code": code, "amount": "10.00", "type": "fixed_amount"}],
        "note_attributes": [], "tax_lines": [], "shipping_lines": [], "refunds": [],
        "subtotal_price": "90.00", "total_price": "90.00", "total_tax": "0.00", "total_discounts": "10.00",
        "line_items": [
            {
                "id": 5_000_000_000_000_000_000 + number, "quantity": 1, "price": "100.00", "title": "Lamp",
                "price_set": {"shop_money": {"amount": "100.00", **money}}, "total_discount": "0.00", "tax_lines": [],
                "discount_allocations": [
                    {"amount": "10.00", "amount_set": {"shop_money": {"amount": "10.00", **money}},
                     "discount_application_index": 0}
                ],
            }
        ],
    }  # fmt: skip


def signed(body: bytes, topic: str, delivery: str) -> dict[str, str]:
    mac = hmac.digest(SHOPIFY_SECRET.encode(), body, hashlib.sha256)
    return {
        "content-type": "application/json",
        "x-shopify-topic": topic,
        "x-shopify-webhook-id": delivery,
        "x-shopify-hmac-sha256": base64.b64encode(mac).decode(),
        "x-shopify-triggered-at": datetime.now(UTC).isoformat(),
        "x-shopify-shop-domain": "nordlicht.myshopify.com",
    }
