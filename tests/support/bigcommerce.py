"""BigCommerce's API on this machine, as far as orders go: tokens, empty lists as 204, pages, rate limits, bad days."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

STORE, TOKEN = "abc123def4", "token-of-the-store"
OUTLET = "zyx987wvu6"
"""Another store, which sells the same."""


@dataclass
class Store:
    """What the API serves, and how it feels: `trouble` holds answers to give before the real ones."""

    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    products: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    coupons: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    refunds: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    trouble: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    slow_s: float = 0.0
    address: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sell(self, number: int, **changes: Any) -> dict[str, Any]:
        """An order of two lamps for 40 euros each plus tax, with shipping."""
        order = {
            "id": number,
            "customer_id": 0,
            "date_created": "Sun, 01 Nov 2026 10:00:00 +0000",
            "date_modified": "Sun, 01 Nov 2026 10:00:00 +0000",
            "date_shipped": "",
            "status_id": 11,
            "status": "Awaiting Fulfillment",
            "payment_status": "captured",
            "default_currency_code": "EUR",
            "currency_code": "SEK",
            "total_ex_tax": "84.1200",
            "total_tax": "15.9800",
            "total_inc_tax": "100.1000",
            "shipping_cost_ex_tax": "4.1200",
            "shipping_cost_tax": "0.7800",
            "handling_cost_ex_tax": "0.0000",
            "handling_cost_tax": "0.0000",
            "wrapping_cost_ex_tax": "0.0000",
            "wrapping_cost_tax": "0.0000",
            "discount_amount": "0.0000",
            "coupon_discount": "0.0000",
            "refunded_amount": "0.0000",
            "customer_locale": "de",
            "is_deleted": False,
            "billing_address": {"first_name": "Ben", "last_name": "Berg", "email": "ben@example.com", "phone": ""},
        } | changes
        self.orders[number] = order
        line = {"id": 7, "quantity": 2, "sku": "LAMP", "total_ex_tax": "80.0000", "total_tax": "15.2000"}
        self.products.setdefault(number, [line])
        return order

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        parts = path.strip("/").split("/")
        if (
            len(parts) < 5
            or parts[0] != "stores"
            or parts[1] not in {STORE, OUTLET}
            or parts[3] != "orders"
            or not parts[4].isdigit()
        ):
            return 404, {"status": 404, "title": "Not found"}
        number, rest = int(parts[4]), parts[5:]
        if number not in self.orders:
            return 404, [{"status": 404, "message": "The requested resource was not found."}]
        if parts[2] == "v3" and rest == ["payment_actions", "refunds"]:
            return 200, {"data": self.refunds.get(number, []), "meta": {}}
        if parts[2] == "v2" and not rest:
            return 200, self.orders[number]
        lists = {"products": self.products, "coupons": self.coupons}
        if parts[2] == "v2" and len(rest) == 1 and rest[0] in lists:
            limit, page = int(query.get("limit", ["50"])[0]), int(query.get("page", ["1"])[0])
            rows = lists[rest[0]].get(number, [])[(page - 1) * limit : page * limit]
            return (200, rows) if rows else (204, None)
        return 404, {"status": 404, "title": "Not found"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store: Store

    def do_GET(self) -> None:
        store = self.store
        with store.lock:
            store.at_once += 1
            store.most_at_once = max(store.most_at_once, store.at_once)
            store.asked.append(self.path)
            trouble = store.trouble.pop(0) if store.trouble else None
        threading.Event().wait(store.slow_s)
        url = urlsplit(self.path)
        if trouble is not None:
            status, headers = trouble
            body: Any = {"status": status, "title": "Not today"}
        elif self.headers.get("x-auth-token") != TOKEN:
            status, headers, body = 401, {}, {"status": 401, "title": "Unauthorized"}
        else:
            headers = {}
            status, body = store.answer(url.path, parse_qs(url.query))
        with store.lock:
            store.at_once -= 1
        self._send(status, body, headers)

    def _send(self, status: int, body: Any, headers: dict[str, str]) -> None:
        wants_json = self.headers.get("accept") == "application/json"
        data = b"" if status == 204 else json.dumps(body).encode() if wants_json else b"<order/>"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def bigcommerce() -> Iterator[Store]:
    store = Store()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("StoreHandler", (Handler,), {"store": store}))
    store.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()
