"""What each platform says of one order, in every order and more than once: always the same order."""

import itertools
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from adapters.tracking.platforms import PLATFORMS, bigcommerce
from adapters.tracking.platforms import bigcommerce_shapes as shapes
from kernel.ids import CustomerId, PersonId
from tests.features.tracking.platform_shop import Message, PlatformShop
from tests.features.tracking.platform_shops import SHOPS, OwnWebshop
from tests.support.bigcommerce import Store
from tracking.domain.delivery import Unreadable
from tracking.domain.namesakes import joined
from tracking.domain.order import OrderFacts, OrderKey, amounts, disputed
from tracking.domain.report import Identity, OpenedTokens, OrderReport, RefundKnown

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
BEN = Identity(customer_id=CustomerId(UUID(int=1)), person_id=PersonId(UUID(int=2)))
NUMBER = 2**60 + 1


class Stored(msgspec.Struct, frozen=True):
    topic: str
    body: bytes
    received_at: datetime = NOON


def report_of(shop: PlatformShop, message: Message) -> OrderReport:
    """As our door and intake would read it."""
    if shop.kind == "bigcommerce":
        return bigcommerce.order_report(_fetched(shop))
    topic, body = message
    said = json.loads(body)
    platform = PLATFORMS[shop.kind]
    named = topic if shop.kind in {"shopify", "woocommerce"} else said.get("type") or said["data"]["event"]
    assert named in platform.topics
    return platform.read(Stored(named, body))


def _fetched(shop: PlatformShop) -> shapes.FetchedOrder:
    assert shop.store is not None
    store, number = shop.store, shop.number
    encode: Callable[[Any], bytes] = msgspec.json.encode
    return shapes.FetchedOrder(
        order=shapes.order_resource.decode(encode(store.orders[number])),
        products=shapes.products.decode(encode(store.products[number])),
        coupons=[],
        refunds=shapes.refund_list.decode(encode({"data": store.refunds.get(number, [])})).data,
    )


Said = dict[OrderKey, OrderFacts]


def told(shop: PlatformShop, *steps: str) -> list[Said]:
    found = []
    for step in steps:
        given = {"placed": (2, "40.00"), "refunded": ("20.00",)}.get(step, ())
        options = {"paid": False} if step == "placed" else {}
        message = getattr(shop, step)(*given, **options)
        for each in (message, *shop.beside()) if step == "placed" else (message,):
            report = report_of(shop, each).check("EUR")
            found.append({report.key: report.facts("EUR", BEN, OpenedTokens())} | report.namesakes)
    assert shop.order_id in {key.external_id for said in found for key in said}
    return found


def shop_of(name: str) -> PlatformShop:
    return SHOPS[name](NUMBER, NOON, Store())


def merged(parts: list[Said]) -> Said:
    whole: Said = {}
    for part in parts:
        for key, facts in part.items():
            whole[key] = whole.get(key, OrderFacts()).merge(facts)
        whole = joined(whole)
    return whole


def always(parts: list[Said]) -> OrderFacts:
    """What the parts come to, having seen that it is the same in every order and with repetitions."""
    expected = merged(parts)
    chance = random.Random(7)
    for order in itertools.permutations(parts):
        assert merged([*order, *chance.choices(parts, k=2)]) == expected
    (found,) = (facts for facts in expected.values() if facts.snapshot is not None)
    return found


@pytest.mark.parametrize("name", SHOPS)
def test_paid_and_partly_paid_back(name: str) -> None:
    facts = always(told(shop_of(name), "placed", "pay", "refunded"))
    assert facts.snapshot is not None
    assert (facts.snapshot.payment, amounts(facts)) == ("paid", (8_000, 6_000))
    assert facts.snapshot.total_minor == 8_000


def test_of_an_own_order_that_does_not_say_since_when_the_one_told_last_counts() -> None:
    shop = shop_of(OwnWebshop.name)
    parts = []
    for minute, price in enumerate(("40.00", "50.00", "30.00")):
        said = json.loads(shop.placed(2, price)[1]) | {"timestamp": (NOON + timedelta(minutes=minute)).isoformat()}
        report = report_of(shop, ("order.reported", json.dumps(said).encode()))
        parts.append({report.key: report.facts("EUR", BEN, OpenedTokens())})
    assert amounts(always(parts)) == (6_000, 6_000)
    changed = report_of(shop, shop.pay())
    assert changed.order is not None
    assert changed.order.told_at is None  # it says since when
    for timestamp in (None, 1700000000, "yesterday", "2026-11-01T12:00:00"):
        unsaid = json.loads(shop.placed(2, "40.00")[1]) | {"timestamp": timestamp}
        report = report_of(shop, ("order.reported", json.dumps(unsaid).encode()))
        assert report.order is not None
        assert report.order.told_at is None


def test_of_an_own_refund_that_was_put_right_the_one_told_last_counts() -> None:
    shop = shop_of(OwnWebshop.name)
    parts = told(shop, "placed")
    for minute, amount in enumerate(("15.00", "9.00", "12.00")):
        said = json.loads(shop.refunded(amount)[1]) | {"timestamp": (NOON + timedelta(minutes=minute)).isoformat()}
        report = report_of(shop, ("order.refunded", json.dumps(said).encode()))
        parts.append({report.key: report.facts("EUR", BEN, OpenedTokens())})
    facts = always(parts)
    assert amounts(facts) == (8_000, 6_800)
    (refund,) = facts.refunds
    again = OrderReport(key=report.key, currency="EUR", refunds=(replace(refund, version=0),))
    again.check_refunds(facts)  # the same by API is no other
    with pytest.raises(RefundKnown):
        replace(again, refunds=(replace(refund, gross_minor=1),)).check_refunds(facts)


def test_spaces_around_an_own_orders_id_make_no_other_order() -> None:
    shop = OwnWebshop(NUMBER, NOON, Store())
    messages = [shop.placed(1, "40.00"), shop.refunded("1.00"), shop.came_to_nothing(), shop.charged_back()]
    for _, body in messages:
        said = json.loads(body)
        padded = said | {"data": said["data"] | {"order_id": f" {shop.order_id}  "}}
        report = report_of(shop, (said["type"], json.dumps(padded).encode()))
        assert report == report_of(shop, (said["type"], body))
        with pytest.raises(Unreadable) as refused:
            report_of(shop, (said["type"], json.dumps(said | {"data": said["data"] | {"order_id": " "}}).encode()))
        assert refused.value.pointer == "/order_id"


@pytest.mark.parametrize("name", SHOPS)
def test_come_to_nothing(name: str) -> None:
    assert amounts(always(told(shop_of(name), "placed", "came_to_nothing"))) == (8_000, 0)


@pytest.mark.parametrize("name", ["Shopify", "Shopware", "Stripe", "Stripe by invoice", "its own webshop"])
def test_charged_back(name: str) -> None:
    facts = always(told(shop_of(name), "placed", "pay", "charged_back"))
    assert (disputed(facts), amounts(facts)) == ("lost", (8_000, 0))


def test_facts_stored_before_there_were_more_platforms_are_still_read() -> None:
    stored = (
        '{"snapshot":{"updated_at":"2026-11-01T12:00:00Z","number":"#1","placed_at":"2026-11-01T12:00:00Z",'
        '"currency":"EUR","total_minor":8000,"lines":[{"line_id":"1","quantity":2,"net_minor":8000,"tax_minor":0}],'
        '"payment":"paid","refunded":false,"test":false,"codes":[],"claim_id":null,"click_id":null,"bad_claim":false,'
        '"bad_click":false,"customer_id":"00000000-0000-0000-0000-000000000001",'
        '"person_id":"00000000-0000-0000-0000-000000000002"},"refunds":[{"refund_id":"r","whole":false,'
        '"lines":[{"line_id":"1","quantity":1,"net_minor":0}],"net_minor":0,"gross_minor":0}],"cancelled_at":null}'
    )
    facts = msgspec.json.decode(stored, type=OrderFacts)
    assert amounts(facts) == (8_000, 4_000)
    assert msgspec.json.decode(msgspec.json.encode(facts), type=OrderFacts) == facts
