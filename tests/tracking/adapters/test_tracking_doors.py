"""Every platform's door: what it lets in, what it keeps, what it turns away."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from adapters.tracking.platforms import PLATFORMS
from tests.features.tracking.shopfront import Shopfront
from tests.support import signed
from tests.support.bigcommerce import STORE, TOKEN
from tests.support.testdata import platform_payload
from tests.support.world import ShopWorld

KINDS = sorted(PLATFORMS)
OTHER_TOPICS = {
    "shopify": ("customers/create", b"{}"),
    "woocommerce": ("coupon.created", b"{}"),
    "shopware": ("", b'{"data":{"event":"product.written","payload":[]}}'),
    "bigcommerce": ("", b'{"scope":"store/product/created","producer":"stores/x","data":{"type":"product","id":1}}'),
    "stripe": ("", b'{"id":"evt_1","type":"customer.created","created":1,"data":{"object":{}}}'),
    "generic": ("", b'{"type":"stock.changed","data":{}}'),
}
ORDER_TOPICS = {"shopify": "orders/create", "woocommerce": "order.created"}


class Door:
    def __init__(self, front: Shopfront, kind: str) -> None:
        self.front, self.kind = front, kind
        self.secret = signed.SECRETS[kind]
        body = {"kind": kind, "title": kind, "secret": self.secret}
        access = {"account": STORE, "api_token": TOKEN} if kind == "bigcommerce" else {}
        answer = front.api("POST", "/connections", json=body | access)
        assert answer.status_code == 201, answer.text
        self.connection = answer.json()
        self.path = urlsplit(self.connection["webhook_url"]).path

    def post(self, topic: str, body: bytes, **options: Any) -> Any:
        options.setdefault("secret", self.secret)
        headers = signed.headers(self.kind, topic, body, **options)
        return self.front.shop.client.post(self.path, content=body, headers=headers)

    def states(self) -> list[tuple[str, str | None]]:
        self.front.settled()
        query = "SELECT state, code FROM tracking.webhook_delivery WHERE shop_id = %s ORDER BY received_at"
        rows: list[tuple[str, str | None]] = self.front.shop.world.sql(query, self.front.shop.shop_id)
        return rows


@pytest.fixture(params=KINDS)
def door(shop: ShopWorld, request: pytest.FixtureRequest) -> Door:
    return Door(Shopfront(shop), request.param)


def test_what_is_signed_is_kept_and_what_is_not_is_turned_away(door: Door) -> None:
    topic, body = OTHER_TOPICS[door.kind]
    rotated = door.front.api("POST", f"/connections/{door.connection['id']}/secrets", json={"secret": "new0secret0new"})
    assert rotated.status_code == 201, rotated.text

    def taken(secret: str, delivery: str) -> bool:
        return bool(door.post(topic, body, secret=secret, delivery=delivery).status_code == 200)

    door.front.shop.eventually(lambda: taken("new0secret0new", "1"))
    assert taken(door.secret, "2")  # the old one, while they are being exchanged
    for wrong in (door.post(topic, body, secret="another one"), door.front.shop.client.post(door.path, content=body)):
        assert (wrong.status_code, wrong.json()["code"]) == (401, "signature_invalid")
    headers = signed.headers(door.kind, topic, body, secret=door.secret)
    changed = door.front.shop.client.post(door.path, content=body + b" ", headers=headers)
    assert changed.status_code == 401
    assert set(door.states()) == {("unhandled", "unhandled_topic")}


def test_a_body_that_is_cut_off_is_put_aside_with_its_reason(door: Door) -> None:
    body = b'{"id": 1, "type": "order.reported", "sco'
    assert door.post(ORDER_TOPICS.get(door.kind, ""), body).status_code == 200
    assert door.states() == [("parked", "unreadable_payload")]


def test_a_body_above_a_megabyte_is_not_read(door: Door) -> None:
    answer = door.post("", b" " * 1_048_577)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_another_platforms_door_does_not_know_the_connection(door: Door) -> None:
    other = "shopify" if door.kind != "shopify" else "stripe"
    path = f"/webhooks/{PLATFORMS[other].address}/{door.connection['id']}"
    headers = signed.headers(other, "", b"{}", secret=door.secret)
    assert door.front.shop.client.post(path, content=b"{}", headers=headers).status_code == 404
    put = door.front.shop.client.put(door.path, content=b"{}")
    assert (put.status_code, put.json()["code"], "POST" in put.headers["allow"]) == (405, "method_not_allowed", True)


@pytest.mark.parametrize("kind", ["bigcommerce", "generic", "stripe"])
def test_a_signed_message_of_ten_minutes_ago_is_played_again(shop: ShopWorld, kind: str) -> None:
    door = Door(Shopfront(shop), kind)
    for minutes in (-10, 10):
        at = datetime.now(UTC) + timedelta(minutes=minutes)
        answer = door.post(*OTHER_TOPICS[kind], at=at)
        assert (answer.status_code, answer.json()["code"]) == (401, "timestamp_out_of_tolerance")


def test_woocommerces_ping_is_answered_and_not_stored(shop: ShopWorld) -> None:
    door = Door(Shopfront(shop), "woocommerce")
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert shop.client.post(door.path, content=b"webhook_id=17", headers=form).status_code == 200
    assert shop.client.post(door.path, content=b"webhook_id=17&id=1", headers=form).status_code == 401
    assert door.states() == []


def test_the_captured_coupon_of_woocommerce_is_no_order(shop: ShopWorld) -> None:
    door = Door(Shopfront(shop), "woocommerce")
    captured = platform_payload("woocommerce_coupon_created")
    body = json.dumps(captured["body"]).encode()
    headers = captured["headers"] | signed.headers("woocommerce", "coupon.created", body, secret=door.secret)
    assert shop.client.post(door.path, content=body, headers=headers).status_code == 200
    assert door.states() == [("unhandled", "unhandled_topic")]


def test_what_turns_out_to_be_no_order_is_kept_as_unhandled(shop: ShopWorld) -> None:
    door = Door(Shopfront(shop), "woocommerce")
    draft = platform_payload("woocommerce_order_v3") | {"status": "checkout-draft"}
    assert door.post("order.created", json.dumps(draft).encode()).status_code == 200
    assert door.states() == [("unhandled", "unhandled_topic")]


def _sign(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def test_shopware_installs_the_app(shop: ShopWorld) -> None:
    door = Door(Shopfront(shop), "shopware")
    query = urlencode({"shop-id": "hRCw2xo1EDZnLco4", "shop-url": "https://nordlicht.example", "timestamp": "1"})

    def register(secret: str, query: str = query) -> Any:
        headers = {"shopware-app-signature": _sign(query, secret)}
        return shop.client.get(f"{door.path}?{query}", headers=headers)

    answer = register(door.secret)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "proof": _sign("hRCw2xo1EDZnLco4https://nordlicht.exampleGrapevine", door.secret),
        "secret": door.secret,
        "confirmation_url": door.connection["webhook_url"],
    }
    confirmation = json.dumps({"apiKey": "k", "secretKey": "s", "shopId": "i", "shopUrl": "u", "timestamp": "1"})
    assert door.post("", confirmation.encode()).status_code == 200
    assert door.states() == []
    assert register("another").json()["code"] == "signature_invalid"
    assert register(door.secret, "shop-id=1").json()["code"] == "unreadable_payload"
    assert shop.client.get(Door(Shopfront(shop), "stripe").path).status_code == 405


def test_what_a_platform_needs_is_asked_for(shop: ShopWorld) -> None:
    front = Shopfront(shop)
    whole = {"kind": "bigcommerce", "title": "B", "secret": "0123456789", "account": STORE, "api_token": TOKEN}
    for odd, code, pointer in (
        ({key: whole[key] for key in ("kind", "title", "secret")}, "access_needed", "/account"),
        (whole | {"account": "../admin"}, "access_needed", "/account"),
        (whole | {"api_token": "a b c d e f g"}, "access_needed", "/api_token"),
        (whole | {"api_token": None}, "access_needed", "/api_token"),
    ):
        answer = front.api("POST", "/connections", json=odd)
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    for kind in ("woocommerce", "shopware"):
        made = front.api("POST", "/connections", json={"kind": kind, "title": kind}).json()
        assert len(made["secret"]) > 20
    assert TOKEN not in front.api("POST", "/connections", json=whole).text
    assert TOKEN not in str(front.get("/connections"))
