"""WooCommerce's payloads, as documented and as they may come."""

import json
from datetime import UTC, datetime
from functools import reduce
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from adapters.tracking.platforms import woocommerce
from kernel.errors import CurrencyMismatch, DomainError, InvalidAmount
from kernel.ids import CustomerId, PersonId
from tests.support.testdata import platform_payload
from tracking.domain.delivery import UnhandledTopic, Unreadable
from tracking.domain.order import OrderFacts, OrderKey, Refund, amounts, refunds_of
from tracking.domain.report import Identity, OpenedTokens

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def order(**changes: Any) -> dict[str, Any]:
    payload: dict[str, Any] = platform_payload("woocommerce_order_v3")
    return payload | changes


def read(payload: dict[str, Any], topic: str = "order.updated") -> Any:
    return woocommerce.read(topic, json.dumps(payload).encode(), NOW)


def test_the_documented_order() -> None:
    report = read(order())
    assert (report.key, report.currency) == (OrderKey("woocommerce", "727"), "USD")
    found = report.order
    assert [(line.line_id, line.quantity, line.net_minor, line.tax_minor) for line in found.lines] == [
        ("315", 2, 600, 45),
        ("316", 1, 1200, 90),
    ]
    assert (found.total_minor, found.shipping_minor, found.shipping_tax_minor) == (2935, 1000, 0)
    assert (found.payment, found.fulfilment, found.cancelled_at) == ("paid", "open", None)
    assert found.updated_at == datetime(2017, 3, 22, 19, 28, 8, tzinfo=UTC)
    assert (found.buyer.reference, found.buyer.email) == (None, "john.doe@example.com")
    report.check("USD")


def test_a_fee_below_zero_is_a_discount_of_the_whole_order_to_the_cent() -> None:
    fees = [{"total": "-1.00", "total_tax": "-0.08"}, {"total": "2.50", "total_tax": "0.00"}]
    lines = read(order(fee_lines=fees)).order.lines
    assert [(line.net_minor, line.tax_minor) for line in lines] == [(567, 42), (1133, 85)]
    everything = read(order(fee_lines=[{"total": "-99.00"}])).order.lines
    assert [line.net_minor for line in everything] == [0, 0]


@pytest.mark.parametrize(
    ("status", "paid_at", "payment", "cancelled"),
    [
        ("pending", None, "pending", False),
        ("on-hold", None, "pending", False),
        ("processing", None, "paid", False),
        ("completed", None, "paid", False),
        ("failed", None, "voided", False),
        ("cancelled", None, "pending", True),
        ("cancelled", "2017-03-22T19:28:08", "paid", True),
        ("trash", None, "pending", True),
        ("some-plugins-own", "2017-03-22T19:28:08", "paid", False),
    ],
)
def test_the_status_in_our_words(status: str, paid_at: str | None, payment: str, cancelled: bool) -> None:
    found = read(order(status=status, date_paid_gmt=paid_at)).order
    assert (found.payment, found.cancelled_at is not None, found.refunded) == (payment, cancelled, False)


def test_refunds_carry_their_amount_with_tax() -> None:
    report = read(order(refunds=[{"id": 9, "reason": "", "total": "-5.35"}, {"id": 10, "total": "-1.00"}]))
    assert [(refund.refund_id, refund.gross_minor) for refund in report.refunds] == [("9", 535), ("10", 100)]
    assert read(order(status="refunded")).order.refunded


def test_what_the_storefront_wrote_and_nothing_personal() -> None:
    meta = [
        {"id": 1, "key": "grapevine_claim", "value": "c"},
        {"id": 2, "key": "grapevine_click", "value": "k"},
        {"id": 3, "key": "_wc_order_attribution_utm_source", "value": "newsletter"},
        {"id": 4, "key": "_billing_birthday", "value": "1990-01-01"},
        {"id": 5, "key": "_complicated", "value": {"a": [1]}},
    ]
    found = read(order(meta_data=meta, coupon_lines=[{"code": "ada2"}, {"code": "ada2"}])).order
    assert (found.claim_token, found.click_token, found.codes) == ("c", "k", ("ada2",))
    assert found.attributes == (("utm_source", "newsletter"),)


@pytest.mark.parametrize("as_list", [True, False])
def test_metadata_that_a_plugin_left_gaps_in(as_list: bool) -> None:
    kept = {"id": 1, "key": "grapevine_click", "value": "k"}
    meta: Any = [[], {}, kept] if as_list else {"3": kept, "7": []}
    assert read(order(meta_data=meta)).order.click_token == "k"


def test_a_deleted_order_is_only_named() -> None:
    report = woocommerce.read("order.deleted", b'{"id": 727}', NOW)
    assert (report.key.external_id, report.gone_at, report.order) == ("727", NOW, None)


def test_drafts_and_other_topics_are_no_orders() -> None:
    for payload, topic in ((order(status="checkout-draft"), "order.created"), (order(), "coupon.created")):
        with pytest.raises(UnhandledTopic):
            read(payload, topic)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"currency": "XXX"}, CurrencyMismatch),
        ({"total": "NaN"}, InvalidAmount),
        ({"total": "1e400"}, InvalidAmount),
        ({"total": "much"}, Unreadable),
        ({"id": "727a"}, Unreadable),
        ({"date_created_gmt": "soon"}, Unreadable),
        ({"date_created_gmt": "0001-01-01T00:00:00"}, Unreadable),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        read(order(**{"date_modified_gmt": None} | changes))


@pytest.mark.parametrize(("said", "pieces"), [("1.5", 2), (3, 3), ("0.25", 1)])
def test_fractions_of_a_piece_count_as_a_piece(said: str | int, pieces: int) -> None:
    line = order()["line_items"][0] | {"quantity": said}
    assert read(order(line_items=[line])).order.lines[0].quantity == pieces


@pytest.mark.parametrize("said", ["NaN", "Infinity", "1e999999999"])
def test_a_quantity_that_no_order_has_is_refused(said: str) -> None:
    line = order()["line_items"][0] | {"quantity": said}
    with pytest.raises(InvalidAmount):
        read(order(line_items=[line]))


def test_a_refund_that_was_deleted_is_taken_back() -> None:
    def told(minute: int, *refunds: dict[str, Any]) -> OrderFacts:
        report = read(order(refunds=list(refunds), date_modified_gmt=f"2017-03-22T20:{minute:02d}:00"))
        who = Identity(customer_id=CustomerId(UUID(int=1)), person_id=PersonId(UUID(int=1)))
        facts: OrderFacts = report.facts("USD", who, OpenedTokens())
        return facts

    one, other = {"id": 1, "total": "-6.45"}, {"id": 2, "total": "-2.00"}
    by_hand = OrderFacts(refunds=(Refund(refund_id="by hand", net_minor=100),))
    said = [told(1, one), told(2, one, other), told(3, other), by_hand]
    for order_of_arrival in permutations(said):
        found = reduce(OrderFacts.merge, order_of_arrival)
        assert {refund.refund_id: refund.withdrawn for refund in refunds_of(found)} == {
            "1": True,
            "2": False,
            "by hand": False,
        }
        assert amounts(found).final_base_minor == 1800 - 186 - 100
