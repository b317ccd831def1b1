"""Every place that we read of real payloads holds something odd for once: it is read or refused, nothing else."""

import contextlib
import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from adapters.tracking.platforms import PLATFORMS, bigcommerce
from adapters.tracking.platforms import bigcommerce_shapes as shapes
from adapters.tracking.platforms.platform import Knock
from adapters.tracking.platforms.reading import UNREADABLE
from adapters.tracking.platforms.whole import read_whole
from kernel.errors import DomainError
from kernel.ids import CustomerId, PersonId
from tests.features.tracking.platform_shop import ChargedBack, PlatformShop
from tests.features.tracking.platform_shops import SHOPS
from tests.support.bigcommerce import Store
from tracking.domain.delivery import Unreadable
from tracking.domain.order import OrderFacts, amounts
from tracking.domain.report import Identity, OpenedTokens, OrderReport

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
BEN = Identity(customer_id=CustomerId(UUID(int=1)), person_id=PersonId(UUID(int=2)))
ODD: list[Any] = [
    None,
    True,
    -1,
    0.1,
    1e308,
    2**63,
    2**70,
    "",
    "NaN",
    "-Infinity",
    "1e999999",
    "9.9e999999",
    "1e99999999",
    "-1E-999999",
    "0." + "1" * 400,
    "\x00\u2028x",
    "x" * 70_000,
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "Fri, 31 Dec 9999 23:59:59 -1400",
    [],
    {},
]


class Stored(msgspec.Struct, frozen=True):
    topic: str
    body: bytes
    received_at: datetime = NOON


PROBE = [{"nobody": "expects this"}]
Read = Callable[[Any], object]


def outcome(read: Read, said: Any) -> object:
    try:
        return read(said)
    except (DomainError, *UNREADABLE) as refusal:
        return type(refusal)


def places(said: Any, read: Read) -> Iterator[tuple[Any, ...]]:
    """Where it makes a difference what stands there."""
    plain = outcome(read, said)
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), said)]
    while waiting:
        path, value = waiting.pop()
        children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for name, child in children:
            place = (*path, name)
            if outcome(read, put(said, place, PROBE)) != plain:
                yield place
                waiting.append((place, child))


def put(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    """`value` with something odd at the place; only what leads there is copied."""
    if not path:
        return odd
    changed = copy.copy(value)
    changed[path[0]] = put(value[path[0]], path[1:], odd)
    return changed


def seen(report: OrderReport) -> None:
    """What follows from a report must work, too."""
    facts = report.check(report.currency or "EUR").facts("EUR", BEN, OpenedTokens())
    text = msgspec.json.encode(facts.merge(facts))
    assert b"\\u0000" not in text, "PostgreSQL's texts cannot hold this"
    assert 0 <= amounts(msgspec.json.decode(text, type=OrderFacts)).final_base_minor <= 10**15


def messages(shop: PlatformShop) -> Iterator[tuple[str, Any]]:
    steps = [shop.placed(2, "40.00"), shop.refunded("20.00"), shop.came_to_nothing()]
    if isinstance(shop, ChargedBack):
        steps.append(shop.charged_back())
    for topic, body in steps:
        said = json.loads(body)
        named = topic if shop.kind in {"shopify", "woocommerce"} else said.get("type") or said["data"]["event"]
        yield named, said


def try_everything(said: Any, read: Read) -> int:
    """How many places there were."""
    found = list(places(said, read))
    for path in found:
        for odd in ODD:
            with contextlib.suppress(DomainError, *UNREADABLE):
                report = read(put(said, path, odd))
                assert isinstance(report, OrderReport)
                seen(report)
    return len(found)


@pytest.mark.parametrize(
    ("name", "most"), [("Shopify", 30), ("WooCommerce", 30), ("Shopware", 40), ("Stripe", 30), ("its own webshop", 25)]
)
def test_an_oddity_anywhere_is_read_or_refused(name: str, most: int) -> None:
    shop = SHOPS[name](2**60 + 1, NOON)
    platform = PLATFORMS[shop.kind]
    tried = 0
    for topic, said in messages(shop):

        def read(said: Any, topic: str = topic) -> OrderReport:
            return platform.read(Stored(topic, msgspec.json.encode(said)))

        tried += try_everything(said, read)
    assert tried >= most


def test_an_oddity_anywhere_in_what_bigcommerce_answers_is_read_or_refused() -> None:
    store = Store()
    shop = SHOPS["BigCommerce"](250, NOON, store)
    shop.placed(2, "40.00")
    shop.refunded("20.00")
    parts = {"order": store.orders[250], "products": store.products[250], "refunds": {"data": store.refunds[250]}}

    def read(said: Any) -> OrderReport:
        raw = {name: msgspec.json.encode(part) for name, part in said.items()}
        fetched = shapes.FetchedOrder(
            order=shapes.order_resource.decode(raw["order"]),
            products=shapes.products.decode(raw["products"]),
            coupons=[],
            refunds=shapes.refund_list.decode(raw["refunds"]).data,
        )
        return bigcommerce.order_report(fetched)

    assert try_everything(parts, read) >= 30


@pytest.mark.parametrize("name", ["Shopify", "WooCommerce", "Shopware", "Stripe", "its own webshop"])
def test_a_text_that_is_cut_within_a_character_costs_no_order(name: str) -> None:
    shop = SHOPS[name](2**60 + 1, NOON)
    platform = PLATFORMS[shop.kind]
    for topic, said in messages(shop):
        whole, cut = (
            json.dumps(said).encode(),
            json.dumps(said | {"note": "Thank you \ud83d", "and": "\ude00"}).encode(),
        )
        assert read_whole(platform.read, Stored(topic, cut)) == read_whole(platform.read, Stored(topic, whole))
        knocks = [Knock(lambda name: b"", body, (), NOON) for body in (whole, cut)]
        assert len({platform.topic(knock) for knock in knocks}) == 1
        assert len({platform.delivery_id(knock) for knock in knocks}) == 1


def test_a_buyer_whose_name_and_address_are_cut_is_a_guest() -> None:
    shop = SHOPS["Shopify"](2**60 + 1, NOON)
    topic, body = shop.placed(2, "40.00")
    said = json.loads(body) | {"email": "ben\ud83d@example.com", "customer": {"first_name": "Ben \ud83d"}}
    report = read_whole(PLATFORMS["shopify"].read, Stored(topic, json.dumps(said).encode()))
    assert report.order is not None
    assert (report.order.buyer.email, report.order.buyer.first_name) == (None, "Ben \ufffd")


@pytest.mark.parametrize(
    "changes", [{"id": "7\ud83d"}, {"line_items": [{"id": "\ud83d", "price": "1.00", "quantity": 1}]}]
)
def test_an_order_whose_own_name_is_cut_is_put_aside(changes: dict[str, Any]) -> None:
    topic, body = SHOPS["Shopify"](2**60 + 1, NOON).placed(2, "40.00")
    with pytest.raises(Unreadable, match="breaks off within a character"):
        read_whole(PLATFORMS["shopify"].read, Stored(topic, json.dumps(json.loads(body) | changes).encode()))
