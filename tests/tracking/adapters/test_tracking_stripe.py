"""Stripe's events, as captured and as they may come."""

import json
from typing import Any

import pytest

from adapters.tracking.platforms import stripe
from kernel.errors import InvalidAmount
from tests.support.testdata import platform_payload
from tracking.domain.delivery import UnhandledTopic, Unreadable
from tracking.domain.order import OrderFacts, OrderKey

INTENT = "pi_1"


def event(topic: str = "checkout.session.completed", created: int = 1_677_834_000, **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = platform_payload("stripe_checkout_session_completed")["body"]
    thing = body["data"]["object"] | {"payment_intent": INTENT, "currency": "eur", "mode": "payment"} | changes
    return body | {"type": topic, "created": created, "data": {"object": thing}}


def read(payload: dict[str, Any]) -> Any:
    return stripe.read(json.dumps(payload).encode())


def about(topic: str, thing: dict[str, Any], created: int = 1_677_834_100, **previous: Any) -> dict[str, Any]:
    data = {"object": thing} | ({"previous_attributes": previous} if previous else {})
    return {"id": f"evt_{created}", "type": topic, "created": created, "data": data, "livemode": True}


def test_the_captured_session() -> None:
    report = read(platform_payload("stripe_checkout_session_completed")["body"])
    assert (report.key, report.currency) == (OrderKey("stripe", "in_1MhUT5E0b6fckueSfPlY05Fw"), "USD")
    assert (report.order.payment, report.order.test, report.order.total_minor) == ("paid", True, 0)
    assert (report.order.buyer.reference, report.order.buyer.email) == ("cus_NSPHp4fOlXGw8P", "hook@me.com")


def test_the_sums_of_a_session_split_exactly() -> None:
    totals = {"amount_discount": 500, "amount_shipping": 490, "amount_tax": 1900}
    shipping = {"amount_subtotal": 490, "amount_tax": 78, "amount_total": 490}
    found = read(event(amount_total=11_900, total_details=totals, shipping_cost=shipping)).order
    (line,) = found.lines
    assert (line.net_minor, line.tax_minor) == (9_588, 1_822)
    assert (found.shipping_minor, found.shipping_tax_minor, found.discount_minor) == (412, 78, 500)
    assert line.net_minor + line.tax_minor + found.shipping_minor + found.shipping_tax_minor == found.total_minor


@pytest.mark.parametrize(
    ("topic", "status", "payment"),
    [
        ("checkout.session.completed", "unpaid", "pending"),
        ("checkout.session.completed", "no_payment_required", "paid"),
        ("checkout.session.async_payment_succeeded", "paid", "paid"),
        ("checkout.session.async_payment_failed", "unpaid", "voided"),
    ],
)
def test_payment(topic: str, status: str, payment: str) -> None:
    assert read(event(topic, payment_status=status)).order.payment == payment


def test_what_the_storefront_wrote() -> None:
    metadata = {"grapevine_claim": "c", "grapevine_click": "k", "grapevine_code": "7k2m", "name": "Ben"}
    found = read(event(metadata=metadata)).order
    assert (found.claim_token, found.click_token, found.codes) == ("c", "k", ("7k2m",))
    assert found.attributes == (("grapevine_code", "7k2m"),)


def charge(refunded: int) -> dict[str, Any]:
    return {"id": "ch_1", "currency": "eur", "amount_refunded": refunded, "payment_intent": INTENT}


def test_several_refunds_in_any_order_and_twice() -> None:
    first = about("charge.refunded", charge(300), 1, amount_refunded=0)
    second = about("charge.refunded", charge(1000), 2, amount_refunded=300)
    twin = second | {"id": "evt_twin"}
    for news in ([first, second, twin], [twin, second, first, first]):
        facts = OrderFacts()
        for each in news:
            report = read(each)
            assert report.key == OrderKey("stripe", INTENT)
            facts = facts.merge(OrderFacts(refunds=report.refunds))
        assert sum(refund.gross_minor for refund in facts.refunds) == 1000


def test_refunds_of_a_charge_that_does_not_say_what_was_paid_back_before() -> None:
    news = [about("charge.refunded", charge(300), 1), about("charge.refunded", charge(1000), 2)]
    for said in (news, [*reversed(news), news[0]]):
        facts = OrderFacts()
        for each in said:
            facts = facts.merge(OrderFacts(refunds=read(each).refunds))
        assert sum(refund.gross_minor for refund in facts.refunds) == 1000


@pytest.mark.parametrize(
    "news",
    [
        event(invoice="in_1"),
        about("charge.refunded", charge(300) | {"invoice": "in_1"}, 1, amount_refunded=0),
        about("invoice.paid", {"id": "in_1", "payment_intent": INTENT, "billing_reason": "subscription_create"}),
        about("invoice_payment.paid", {"invoice": "in_1", "payment": {"payment_intent": INTENT}}),
    ],
)
def test_what_tells_both_names_of_an_order(news: dict[str, Any]) -> None:
    report = read(news)
    assert (report.key, report.also) == (OrderKey("stripe", INTENT), ("in_1",))
    assert report.namesakes == {OrderKey("stripe", "in_1"): OrderFacts(also=(INTENT,))}


@pytest.mark.parametrize(
    "news",
    [
        about("invoice.paid", {"id": "in_1"}),
        about("invoice.paid", {"id": "in_1", "payment_intent": INTENT, "billing_reason": "subscription_cycle"}),
        about("invoice_payment.paid", {"invoice": "in_1", "payment": {"type": "charge", "charge": "ch_1"}}),
    ],
)
def test_invoices_that_name_no_other_way_to_an_order(news: dict[str, Any]) -> None:
    with pytest.raises(UnhandledTopic):
        read(news)


def test_a_refund_that_failed_gives_its_amount_back() -> None:
    failed = {"id": "re_1", "amount": 300, "currency": "eur", "status": "failed", "payment_intent": INTENT}
    (refund,) = read(about("refund.failed", failed)).refunds
    assert refund.gross_minor == -300
    for topic in ("charge.refund.updated", "refund.updated"):
        for status in ("failed", "canceled"):
            assert read(about(topic, failed | {"status": status})).refunds == (refund,)
        with pytest.raises(UnhandledTopic):
            read(about(topic, failed | {"status": "succeeded"}))


@pytest.mark.parametrize(
    ("topic", "status", "state"),
    [
        ("charge.dispute.created", "needs_response", "open"),
        ("charge.dispute.updated", "under_review", "open"),
        ("charge.dispute.closed", "won", "won"),
        ("charge.dispute.closed", "lost", "lost"),
        ("charge.dispute.closed", "warning_closed", "won"),
    ],
)
def test_disputes(topic: str, status: str, state: str) -> None:
    thing = {"id": "dp_1", "amount": 1000, "currency": "eur", "status": status, "payment_intent": INTENT}
    (dispute,) = read(about(topic, thing | {"reason": "fraudulent"})).disputes
    assert (dispute.dispute_id, dispute.state, dispute.gross_minor, dispute.reason) == (
        "dp_1",
        state,
        1000,
        "fraudulent",
    )


def test_icelandic_crowns_come_in_hundredths() -> None:
    assert read(event(currency="isk", amount_total=5_000)).order.total_minor == 50
    with pytest.raises(InvalidAmount):
        read(event(currency="isk", amount_total=5_050))


def test_shipping_that_was_not_asked_for_is_none() -> None:
    totals = {"amount_discount": 0, "amount_shipping": None, "amount_tax": 0}
    found = read(event(amount_total=1_000, amount_subtotal=None, total_details=totals)).order
    assert (found.lines[0].net_minor, found.shipping_minor) == (1_000, 0)


def test_a_session_that_sells_nothing_is_no_order() -> None:
    with pytest.raises(UnhandledTopic):
        read(event(mode="setup", amount_total=None, amount_subtotal=None, currency=None, payment_intent=None))


def test_what_cannot_be_is_refused() -> None:
    for odd in (
        event(amount_total="12.50"),
        event(created=-1),
        event(created=2**40),
        event(currency=None),
        about("charge.refunded", charge(1) | {"payment_intent": None}),
    ):
        with pytest.raises(Unreadable):
            read(odd)
    with pytest.raises(UnhandledTopic):
        read(event("customer.created"))
