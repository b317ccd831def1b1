"""Shopify's payloads, as captured and as they may come."""

import json
from datetime import UTC, datetime
from functools import reduce
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.tracking.platforms import own, shopify
from kernel.errors import CurrencyMismatch, DomainError, InvalidAmount
from kernel.ids import CustomerId, PersonId
from tests.support.testdata import platform_payload
from tracking.domain.delivery import UnhandledTopic, Unreadable
from tracking.domain.order import OrderFacts, OrderKey, amounts, gross_of
from tracking.domain.report import Identity, OpenedTokens

BEN = Identity(customer_id=CustomerId(UUID(int=1)), person_id=PersonId(UUID(int=2)))


def captured(name: str) -> dict[str, Any]:
    body: dict[str, Any] = platform_payload(name)["body"]
    return body


def read(topic: str, payload: dict[str, Any]) -> Any:
    return shopify.read(topic, json.dumps(payload).encode())


def test_the_captured_order() -> None:
    report = read("orders/create", captured("shopify_orders_create"))
    assert report.key == OrderKey("shopify", "820982911946154500")
    assert report.currency == "USD"
    assert report.cancelled_at == datetime(2022, 1, 1, tzinfo=UTC)
    assert (report.order.payment, report.order.test) == ("voided", True)
    assert [line.net_minor for line in report.order.lines] == [18_900, 18_900]
    assert report.order.total_minor == 38_800
    assert report.order.buyer.reference == "115310627314723950"
    assert report.order.buyer.email == "jon@example.com"
    assert report.order.buyer.locale == "en"


def test_the_captured_refund() -> None:
    report = read("refunds/create", captured("shopify_refunds_create"))
    assert report.key == OrderKey("shopify", "820982911946154500")
    (refund,) = report.refunds
    assert refund.refund_id == "890088186047892400"
    assert [(line.line_id, line.quantity, line.net_minor) for line in refund.lines] == [
        ("866550311766439000", 1, 19_900),
        ("141249953214522980", 1, 19_900),
    ]


def order(**changes: Any) -> dict[str, Any]:
    return captured("shopify_orders_create") | {"cancelled_at": None, "test": False, "currency": "EUR"} | changes


def line(**changes: Any) -> dict[str, Any]:
    return {"id": 2**60 + 1, "price": "59.50", "quantity": 2} | changes


def test_ids_above_two_to_the_53_are_exact() -> None:
    payload = order(id=820982911946154508, line_items=[line()])
    report = read("orders/create", payload)
    assert report.key.external_id == "820982911946154508"
    assert report.order.lines[0].line_id == str(2**60 + 1)


def test_tax_and_discount_leave_the_base() -> None:
    parts = {"tax_lines": [{"price": "19.00"}], "discount_allocations": [{"amount": "6.00"}, {"amount": "4.00"}]}
    included = read("orders/create", order(taxes_included=True, line_items=[line(**parts)]))
    added = read("orders/create", order(taxes_included=False, line_items=[line(**parts)]))
    assert (included.order.lines[0].net_minor, added.order.lines[0].net_minor) == (9_000, 10_900)


def test_amounts_as_json_numbers_are_exact() -> None:
    body = json.dumps(captured("shopify_refunds_create")).replace('"subtotal": 199', '"subtotal": 0.29')
    report = shopify.read("refunds/create", body.encode())
    assert [part.net_minor for part in report.refunds[0].lines] == [29, 29]


@pytest.mark.parametrize(
    ("adjustments", "net", "gross"),
    [
        ([{"kind": "refund_discrepancy", "amount": "-15.00", "tax_amount": "0.00"}], 0, 1500),
        ([{"kind": "refund_discrepancy", "amount": "135.00"}, {"kind": "shipping_refund", "amount": "-135.00"}], 0, 0),
        ([{"kind": "refund_discrepancy", "amount": "-15.00", "tax_amount": "-2.85"}], 1500, 0),
        ([{"kind": "shipping_refund", "amount": "-4.90", "tax_amount": "-0.78"}], 0, 0),
    ],
)
def test_adjustments(adjustments: list[dict[str, Any]], net: int, gross: int) -> None:
    payload = {"id": 1, "order_id": 2, "refund_line_items": [], "order_adjustments": adjustments, "transactions": []}
    (refund,) = read("refunds/create", payload).refunds
    assert (refund.net_minor, refund.gross_minor) == (net, gross)


def test_less_than_the_lines_is_less_by_what_they_are_at_most() -> None:
    lines = [{"line_item_id": 3, "quantity": 1, "subtotal": 20.00}]
    for short, gross in (("5.00", -500), ("24.90", -2000)):
        adjustments = [{"kind": "refund_discrepancy", "amount": short}]
        payload = {"id": 1, "order_id": 2, "refund_line_items": lines, "order_adjustments": adjustments}
        assert read("refunds/create", payload).refunds[0].gross_minor == gross


def test_of_a_refund_that_changes_the_newest_word_counts() -> None:
    def told(topic: str, minute: int, amount: str) -> OrderFacts:
        adjustments = [{"kind": "refund_discrepancy", "amount": amount}]
        said = {"id": 1, "order_id": 2, "order_adjustments": adjustments}
        at = f"2026-11-22T12:{minute:02d}:00Z"
        payload = said if topic == "refunds/create" else order(refunds=[said], updated_at=at)
        return OrderFacts(refunds=read(topic, payload).refunds)

    said = [told("refunds/create", 0, "-9.00"), told("orders/updated", 2, "-1.00"), told("orders/updated", 1, "-5.00")]
    for order_of_arrival in permutations(said):
        assert [refund.gross_minor for refund in reduce(OrderFacts.merge, order_of_arrival).refunds] == [100]


def test_a_refund_of_money_only() -> None:
    paid = [{"kind": "refund", "status": "success", "amount": "7.50", "currency": "EUR"}]
    report = read("refunds/create", {"id": 1, "order_id": 2, "transactions": paid})
    assert (report.currency, report.refunds[0].gross_minor) == ("EUR", 750)


def test_shipping_paid_back_leaves_the_base_alone() -> None:
    paid = [{"kind": "refund", "status": "success", "amount": "4.90", "currency": "EUR"}]
    lines = [{"id": 1, "subtotal_amount_set": {"shop_money": {"amount": "4.90", "currency_code": "EUR"}}}]
    report = read("refunds/create", {"id": 1, "order_id": 2, "transactions": paid, "refund_shipping_lines": lines})
    assert report.refunds[0].gross_minor == 0


def test_money_paid_back_in_the_buyers_currency() -> None:
    paid = [{"kind": "refund", "status": "success", "amount": "74.60", "currency": "DKK"}]
    total = {"presentment_money": {"amount": "746.00", "currency_code": "DKK"}}
    report = read("orders/updated", order(total_price="100.00", total_price_set=total, refunds=[refund(paid)]))
    assert report.refunds[0].gross_minor == 1000


def both(shop: str, buyer: str) -> dict[str, Any]:
    money = {"shop_money": shop, "presentment_money": buyer}
    return {name: {"amount": "0.00", "currency_code": currency} for name, currency in money.items()}


def test_money_paid_back_in_the_buyers_currency_that_is_told_alone_waits_for_the_orders_rate() -> None:
    paid = [{"kind": "refund", "status": "success", "amount": "74.60", "currency": "DKK"}]
    alone = read("refunds/create", refund(paid) | {"total_duties_set": both("EUR", "DKK")})
    assert alone.check("EUR").currency == "EUR"
    total = {"presentment_money": {"amount": "746.00", "currency_code": "DKK"}}
    lines = [{"id": 1, "price": "40.00", "quantity": 2}]
    placed = read(
        "orders/create", order(total_price="100.00", total_price_set=total, line_items=lines, financial_status="paid")
    ).check("EUR")
    for said in permutations((alone, placed)):
        facts = reduce(OrderFacts.merge, (each.facts("EUR", BEN, OpenedTokens()) for each in said))
        assert amounts(facts) == (8_000, 7_000)
        assert facts.snapshot is not None
        assert gross_of(facts.refunds[0], facts.snapshot) == 1_000


def test_what_goes_back_beyond_the_lines_is_in_the_shops_currency_whatever_the_buyer_paid_in() -> None:
    paid = [{"kind": "refund", "status": "success", "amount": "74.60", "currency": "DKK"}]
    beyond = [{"kind": "refund_discrepancy", "amount": "-10.00", "amount_set": both("EUR", "DKK")}]
    report = read("refunds/create", refund(paid) | {"order_adjustments": beyond}).check("EUR")
    assert (report.refunds[0].gross_minor, report.refunds[0].asked_milli) == (1_000, 0)


def test_a_refund_that_says_nothing_in_the_shops_currency_is_in_that_of_its_payment() -> None:
    paid = [{"kind": "refund", "status": "success", "amount": "7.50", "currency": "EUR"}]
    assert read("refunds/create", refund(paid) | {"total_duties_set": both("USD", "USD")}).currency == "EUR"


def test_a_refunded_lines_amount_may_be_the_rest_of_a_sum() -> None:
    payload = {
        "id": 1,
        "order_id": 2,
        "refund_line_items": [{"line_item_id": 3, "quantity": 1, "subtotal": 19.900000002}],
    }
    assert read("refunds/create", payload).refunds[0].lines[0].net_minor == 1990


def refund(paid: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": 1, "order_id": 2, "transactions": paid}


def test_tokens_and_codes_of_the_cart() -> None:
    attributes = [{"name": "grapevine_claim", "value": "c"}, {"name": "grapevine_click", "value": "k"}, {"name": "x"}]
    codes = [{"code": "7k2m"}, {"code": "7k2m"}, {"code": None}]
    report = read("orders/create", order(note_attributes=attributes, discount_codes=codes))
    assert (report.order.claim_token, report.order.click_token, report.order.codes) == ("c", "k", ("7k2m",))


def test_a_guest_without_an_address_is_known_by_the_order() -> None:
    report = read("orders/create", order(id=7, email=None, contact_email=None, customer=None))
    assert (report.order.buyer.reference, report.order.buyer.otherwise) == (None, "guest-of-order-7")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"currency": "JPY"}, CurrencyMismatch),
        ({"total_price": "NaN"}, InvalidAmount),
        ({"total_price": "1e400"}, InvalidAmount),
        ({"total_price": "12.345"}, InvalidAmount),
        ({"total_price": "twelve"}, Unreadable),
        ({"total_price": None}, Unreadable),
        ({"id": 1.5}, Unreadable),
        ({"id": ""}, Unreadable),
        ({"created_at": "2026-01-01T00:00:00"}, Unreadable),
        ({"processed_at": "0001-01-01T00:00:00+14:00"}, Unreadable),
        ({"processed_at": "9999-12-31T23:59:59Z"}, Unreadable),
        ({"line_items": None}, Unreadable),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        read("orders/create", order(**changes))


def test_the_captured_orders_split() -> None:
    shipping = [{"price": "11.90", "discount_allocations": [{"amount": "5.95"}], "tax_lines": [{"price": "0.95"}]}]
    included = read("orders/create", order(taxes_included=True, shipping_lines=shipping)).order
    added = read("orders/create", order(taxes_included=False, shipping_lines=shipping)).order
    assert (included.shipping_minor, included.shipping_tax_minor, included.tax_included) == (500, 95, True)
    assert (added.shipping_minor, added.shipping_tax_minor, added.tax_included) == (595, 95, False)
    assert added.discount_minor == 2_000


@pytest.mark.parametrize(
    ("status", "fulfilment"),
    [(None, "open"), ("partial", "partial"), ("fulfilled", "fulfilled"), ("restocked", "returned"), ("odd", "open")],
)
def test_fulfilment(status: str | None, fulfilment: str) -> None:
    left = [
        {"created_at": "2026-11-03T10:00:00+01:00", "status": "success"},
        {"created_at": "2026-11-02T10:00:00+01:00", "status": "success"},
        {"created_at": "2026-11-01T10:00:00+01:00", "status": "cancelled"},
    ]
    found = read("orders/updated", order(fulfillment_status=status, fulfillments=left)).order
    assert found.fulfilment == fulfilment
    assert found.fulfilled_at == datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "state"),
    [("needs_response", "open"), ("under_review", "open"), ("won", "won"), ("lost", "lost"), ("accepted", "lost")],
)
def test_disputes(status: str, state: str) -> None:
    payload = {"id": 9, "order_id": 2**60 + 1, "status": status, "amount": "11.50", "currency": "EUR"}
    report = read("disputes/update", payload | {"initiated_at": "2026-11-03T10:00:00Z", "reason": "fraudulent"})
    (dispute,) = report.disputes
    assert report.key.external_id == str(2**60 + 1)
    assert (dispute.state, dispute.gross_minor, dispute.reason) == (state, 1150, "fraudulent")


def test_a_dispute_about_no_order_is_not_ours() -> None:
    with pytest.raises(UnhandledTopic):
        read("disputes/create", {"id": 9, "order_id": None, "status": "lost", "amount": "1.00", "currency": "EUR"})


def test_a_deleted_order_is_only_named() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    report = shopify.read("orders/delete", b'{"id": 820982911946154508}', now)
    assert (report.key.external_id, report.gone_at) == ("820982911946154508", now)


def test_other_topics_are_not_handled() -> None:
    with pytest.raises(UnhandledTopic):
        shopify.read("customers/create", b"{}")


@given(st.one_of(st.binary(), st.text().map(json.dumps), st.lists(st.none() | st.integers()).map(json.dumps)))
def test_any_bytes_are_read_or_refused(body: bytes | str) -> None:
    raw = body.encode() if isinstance(body, str) else body
    for topic in ("orders/create", "refunds/create"):
        with pytest.raises(DomainError):
            shopify.read(topic, raw)
    with pytest.raises(DomainError):
        own.read(raw)


@given(st.text(), st.sampled_from(["name", "email", "phone", "customer_locale"]))
def test_any_text_is_cleaned(text: str, place: str) -> None:
    body = json.dumps(order(**{place: text})).encode()
    report: Any = shopify.read("orders/create", body)
    for value in (report.order.number, report.order.buyer.email or "", report.order.buyer.phone or ""):
        assert "\x00" not in value
        assert "\n" not in value
        assert len(value) <= 254
