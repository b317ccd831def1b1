"""Signed messages that no platform would send, through the doors: each is answered, and settled at its first try."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from adapters.shared.ids import new_id
from tests.features.tracking.platform_shops import SHOPS, OwnWebshop
from tests.features.tracking.shopfront import Shopfront
from tests.features.tracking.steps_platform import joined_to
from tests.support import signed
from tests.support.bigcommerce import STORE, Store, bigcommerce
from tests.support.world import ShopWorld

HOSTILE: list[str] = [
    "null",
    "true",
    "-1",
    "1e400",
    "9" * 5000,
    "0." + "9" * 5000,
    '"\\u0000"',
    '"\\ud800"',
    '"\\ud800\\udc00\\uffff\\u202e"',
    '"' + "x" * 100_000 + '"',
    "[" * 20_000 + "]" * 20_000,
    '{"a":' * 20_000 + "1" + "}" * 20_000,
    "{}",
    '[null, 1, "x", {}]',
    '{"id": 1, "id": "2"}',
    '"9999-12-31T23:59:59-23:59"',
    '"0000-00-00T00:00:00Z"',
    "NaN",
]
RAW: list[bytes] = [
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b"{",
    b'{"a":',
    b"[" * 100_000,
    b'"\xed\xa0\x80"',
    b"{}",
]
MARK = "here it stands"


@pytest.fixture
def store() -> Iterator[Store]:
    with bigcommerce() as store:
        yield store


def places(said: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place down to the second level; of lists the first element."""
    items = said.items() if isinstance(said, dict) else enumerate(said[:1]) if isinstance(said, list) else ()
    for name, value in items:
        yield (*path, name)
        if not path:
            yield from places(value, (*path, name))


def put(said: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copied = dict(said) if isinstance(said, dict) else list(said)
    copied[path[0]] = put(said[path[0]], path[1:], value)
    return copied


def bodies(body: bytes) -> Iterator[bytes]:
    said = json.loads(body)
    for number, path in enumerate(places(said)):
        text = json.dumps(put(said, path, MARK))
        yield text.replace(json.dumps(MARK), HOSTILE[number % len(HOSTILE)], 1).encode()
    yield from (hostile.encode() for hostile in HOSTILE)
    yield from RAW


@pytest.mark.parametrize("platform", ["Shopify", "WooCommerce", "Shopware", "BigCommerce", "Stripe", OwnWebshop.name])
def test_a_hostile_message_is_answered_and_settled_at_once(shop: ShopWorld, store: Store, platform: str) -> None:
    front = Shopfront(shop)
    container = front.shop.world.installation.contexts["tracking"].container
    container.order_source().host = store.address
    counter = SHOPS[platform](4711, front.now(), store)
    connection = joined_to(front, platform, STORE)
    path, kind = urlsplit(connection["webhook_url"]).path, counter.kind
    topic, body = counter.placed(2, "40.00")
    sent = 0
    for hostile in bodies(body):
        headers = signed.headers(kind, topic, hostile, secret=signed.SECRETS[kind], delivery=str(new_id()))
        answer = front.shop.client.post(path, content=hostile, headers=headers)
        assert answer.status_code in {200, 400, 401, 413}, (answer.status_code, hostile[:200])
        sent += answer.status_code == 200
    assert sent > 20
    front.settled()
    query = "SELECT state, code, tries, reason FROM tracking.webhook_delivery WHERE shop_id = %s"
    rows = front.shop.world.sql(query, front.shop.shop_id)
    assert {state for state, *_ in rows} <= {"done", "parked", "unhandled"}
    assert not [row for row in rows if row[1] == "gave_up" or row[2] > 1]
    for order in front.get("/orders")["items"]:
        parts = order["shipping"], order["shipping_tax"], order["other"]
        goods = sum(line["net"]["amount_minor"] + line["tax"]["amount_minor"] for line in order["lines"])
        assert goods + sum(part["amount_minor"] for part in parts) == order["total"]["amount_minor"]
