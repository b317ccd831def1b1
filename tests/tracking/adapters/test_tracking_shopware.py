"""Shopware's webhooks, from its own order fixture and as they may come."""

import json
from datetime import UTC, datetime
from functools import reduce
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from adapters.tracking.platforms import shopware
from kernel.errors import CurrencyMismatch, DomainError, InvalidAmount
from kernel.ids import CustomerId, PersonId
from tests.support.testdata import platform_payload
from tracking.domain.delivery import UnhandledTopic, Unreadable
from tracking.domain.order import OrderFacts, OrderKey, amounts
from tracking.domain.report import Identity, OpenedTokens

WHO = UUID(int=1)


def order(**changes: Any) -> dict[str, Any]:
    payload: dict[str, Any] = platform_payload("shopware_order_transaction")["order"]
    return payload | changes


def read(payload: dict[str, Any], event: str = "checkout.order.placed") -> Any:
    webhook = {"data": {"payload": {"order": payload}, "event": event}, "source": {"eventId": "e"}, "timestamp": 1}
    return shopware.read(event, json.dumps(webhook).encode())


def item(total: float, tax: float, **changes: Any) -> dict[str, Any]:
    price = {"totalPrice": total, "calculatedTaxes": [{"tax": tax, "taxRate": 19, "price": total}]}
    return {"id": f"i{total}", "quantity": 1, "type": "product", "price": price, "payload": []} | changes


def with_state(thing: dict[str, Any], state: str, **changes: Any) -> dict[str, Any]:
    return thing | {"stateMachineState": {"technicalName": state}} | changes


def test_the_fixtures_order() -> None:
    report = read(order(affiliateCode="partner-7"))
    assert (report.key, report.currency) == (OrderKey("shopware", "8f69d4874c53486a95383b2126161738"), "EUR")
    found = report.order
    (line,) = found.lines
    assert (line.net_minor + line.tax_minor, line.tax_minor) == (39_501, 19_751)  # its tax is 197.505
    assert (found.number, found.total_minor, found.payment, found.fulfilment) == ("10077", 39_501, "pending", "open")
    assert found.updated_at == datetime(2023, 5, 4, 13, 36, 54, 209_000, tzinfo=UTC)
    assert (found.buyer.email, found.buyer.reference) == ("test@example.com", "5e5d6cd8917c45839b2f6aa7b4bf1425")
    assert found.attributes == (("affiliate_code", "partner-7"),)


@pytest.mark.parametrize(
    ("status", "net", "tax"), [("gross", 100_00, 19_00), ("net", 119_00, 19_00), ("tax-free", 119_00, 0)]
)
def test_the_tax_status_says_what_prices_hold(status: str, net: int, tax: int) -> None:
    shipping = {"totalPrice": 5.95, "calculatedTaxes": [{"tax": 0.95}]}
    found = read(order(taxStatus=status, lineItems=[item(119.0, 19.0)], shippingCosts=shipping)).order
    (line,) = found.lines
    assert (line.net_minor, line.tax_minor) == (net, tax)
    assert found.shipping_minor + (found.shipping_tax_minor if status == "gross" else 0) == 595
    assert found.shipping_tax_minor == (0 if status == "tax-free" else 95)


def test_promotions_take_their_part_of_every_line_and_name_their_code() -> None:
    promotion = item(-10.0, -1.6, type="promotion", payload={"code": "ADA2-2026"})
    inside = item(5.0, 0.8, parentId="bundle")
    found = read(order(lineItems=[item(40.0, 6.39), item(20.0, 3.19), promotion, inside])).order
    assert [(line.net_minor, line.tax_minor) for line in found.lines] == [(28_01, 5_32), (14_01, 2_66)]
    assert sum(line.net_minor + line.tax_minor for line in found.lines) == 50_00
    assert (found.codes, found.discount_minor) == (("ADA2-2026",), 10_00)


@pytest.mark.parametrize(
    ("state", "payment", "refunded"),
    [
        ("open", "pending", False),
        ("authorized", "pending", False),
        ("paid", "paid", False),
        ("refunded_partially", "paid", False),
        ("refunded", "paid", True),
        ("failed", "voided", False),
    ],
)
def test_the_last_payment_counts(state: str, payment: str, refunded: bool) -> None:
    (first,) = order()["transactions"]
    later = with_state(first, state, id="t2", createdAt="2023-05-04T14:00:00.000+00:00", updatedAt=None)
    found = read(order(transactions=[later, with_state(first, "failed")])).order
    assert (found.payment, found.refunded) == (payment, refunded)


def test_deliveries_cancellations_and_chargebacks() -> None:
    (delivery,), (payment,) = order()["deliveries"], order()["transactions"]
    sent = [with_state(delivery, "shipped", updatedAt="2023-05-06T08:00:00.000+00:00")]
    found = read(order(deliveries=sent)).order
    assert (found.fulfilment, found.updated_at.day) == ("fulfilled", 6)
    assert read(order(deliveries=[*sent, with_state(delivery, "open")])).order.fulfilment == "partial"
    cancelled = read(with_state(order(), "cancelled")).order
    assert cancelled.cancelled_at == cancelled.updated_at
    report = read(order(transactions=[with_state(payment, "chargeback")]))
    assert [(dispute.state, report.order.payment) for dispute in report.disputes] == [("lost", "paid")]


def test_a_message_without_states_is_heard_by_its_name() -> None:
    (delivery,), (payment,) = order()["deliveries"], order()["transactions"]
    silent = {"deliveries": [delivery | {"stateMachineState": None}]}

    def told(event: str, minute: int) -> OrderFacts:
        at = f"2023-05-04T14:{minute:02d}:00.000+00:00"
        payments = [payment | {"stateMachineState": None, "updatedAt": at}]
        report = read(order(**silent, transactions=payments), event)
        who = Identity(customer_id=CustomerId(WHO), person_id=PersonId(WHO))
        facts: OrderFacts = report.facts("EUR", who, OpenedTokens())
        return facts

    entered = "state_enter.order_transaction.state."
    said = [
        told("checkout.order.placed", 0),
        told(f"{entered}paid", 1),
        told("state_enter.order_delivery.state.shipped", 2),
        told("state_enter.order.state.completed", 3),
    ]
    for order_of_arrival in permutations(said):
        found = reduce(OrderFacts.merge, order_of_arrival).snapshot
        assert found is not None
        assert (found.payment, found.fulfilment, found.updated_at.minute) == ("paid", "fulfilled", 3)
    back = reduce(OrderFacts.merge, [*said, told(f"{entered}refunded", 4), told("state_enter.order.state.open", 5)])
    assert amounts(back).final_base_minor == 0
    taken = read(order(transactions=[payment | {"stateMachineState": None}]), f"{entered}chargeback")
    assert [dispute.state for dispute in taken.disputes] == ["lost"]


def test_refunds_that_the_payment_app_recorded() -> None:
    (payment,) = order()["transactions"]
    done = with_state({"id": "r1", "amount": {"totalPrice": 12.5}}, "completed")
    waits = with_state({"id": "r2", "amount": {"totalPrice": 1.0}}, "open")
    report = read(order(transactions=[payment | {"captures": [{"refunds": [done, waits]}]}]))
    assert [(refund.refund_id, refund.gross_minor) for refund in report.refunds] == [("r1", 1250)]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"currency": {"isoCode": "XXX"}}, CurrencyMismatch),
        ({"amountTotal": 1e300}, InvalidAmount),
        ({"amountTotal": "much"}, Unreadable),
        ({"lineItems": None}, Unreadable),
        ({"id": ""}, Unreadable),
        ({"orderDateTime": "2023-05-04"}, Unreadable),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        read(order(**changes))


def test_other_events_are_not_handled() -> None:
    with pytest.raises(UnhandledTopic):
        shopware.read("product.written", b"{}")
