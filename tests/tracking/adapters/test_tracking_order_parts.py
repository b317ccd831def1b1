"""An order's parts over the API: its split, its chargebacks, and refunds that name lines it does not have."""

from datetime import timedelta
from typing import Any

import pytest

from tests.features.tracking.payloads import euros
from tests.features.tracking.shopfront import Shopfront
from tests.support.world import ShopWorld


@pytest.fixture
def front(shop: ShopWorld) -> Shopfront:
    return Shopfront(shop)


def reported(front: Shopfront, **changes: Any) -> dict[str, Any]:
    answer = front.api("POST", "/orders", json=front.own_order("Ben") | changes)
    assert answer.status_code in {200, 201}, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_the_parts_make_the_total(front: Shopfront) -> None:
    line = {"line_id": "1", "sku": "LAMP", "quantity": 2, "net": euros("80.00"), "tax": euros("15.20")}
    order = reported(
        front,
        total=euros("101.50"),
        lines=[line | {"discount": euros("5.00")}],
        shipping=euros("4.12"),
        shipping_tax=euros("0.78"),
        discount=euros("5.00"),
        tax_included=True,
        fulfilment="partial",
        fulfilled_at=front.now().isoformat(),
        attributes={"utm_source": "letter", "favourite_colour": "blue"},
    )
    (shown,) = order["lines"]
    assert (shown["sku"], shown["discount"]) == ("LAMP", euros("5.00"))
    parts = [shown["net"], shown["tax"], order["shipping"], order["shipping_tax"], order["other"]]
    assert sum(part["amount_minor"] for part in parts) == order["total"]["amount_minor"]
    assert order["other"] == euros("1.40")
    assert (order["fulfilment"], order["tax_included"]) == ("partial", True)
    assert order["attributes"] == {"utm_source": "letter"}


def test_amounts_of_another_currency_are_refused(front: Shopfront) -> None:
    answer = front.api(
        "POST", "/orders", json=front.own_order("Ben") | {"shipping": euros("4.12") | {"currency": "CHF"}}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "currency_mismatch")


def test_a_chargeback_from_its_opening_to_its_end(front: Shopfront) -> None:
    order = reported(front)

    def dispute(state: str, minutes: int) -> dict[str, Any]:
        body = {"dispute_id": "d-1", "state": state, "at": (front.now() + timedelta(minutes=minutes)).isoformat()}
        answer = front.api("POST", f"/orders/{order['id']}/disputes", json=body | {"amount": euros("80.00")})
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    opened = dispute("open", 0)
    assert (opened["dispute"], opened["final_base"]) == ("open", euros("80.00"))
    lost = dispute("lost", 10)
    assert (lost["dispute"], lost["final_base"]) == ("lost", euros("0.00"))
    late = dispute("open", 5)
    assert (late["dispute"], late["revision"]) == ("lost", lost["revision"])
    assert [each["state"] for each in late["disputes"]] == ["lost"]


def test_a_refund_of_a_line_that_the_order_does_not_have_is_refused(front: Shopfront) -> None:
    order = reported(front)
    lines = [{"line_id": "1", "quantity": 1}, {"line_id": "zzz", "quantity": 1}]
    answer = front.api("POST", f"/orders/{order['id']}/refunds", json={"refund_id": "r", "lines": lines})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_line")
    assert answer.json()["errors"][0]["pointer"] == "/lines/1/line_id"
    untouched = front.get(f"/orders/{order['id']}")
    assert (untouched["refunds"], untouched["revision"]) == ([], order["revision"])
    answer = front.api("POST", f"/orders/{order['id']}/refunds", json={"refund_id": "r", "lines": lines[:1]})
    assert answer.json()["final_base"] == euros("0.00")


def test_another_refund_with_a_known_id_is_refused(front: Shopfront) -> None:
    order = reported(front)
    first = {"refund_id": "R-1", "amount": euros("8.00")}
    told = front.api("POST", f"/orders/{order['id']}/refunds", json=first).json()
    again = front.api("POST", f"/orders/{order['id']}/refunds", json=first).json()
    assert (again["final_base"], again["revision"]) == (told["final_base"], told["revision"])
    for other in ({"refund_id": "R-1", "whole": True}, first | {"amount": euros("0.10")}):
        answer = front.api("POST", f"/orders/{order['id']}/refunds", json=other)
        assert (answer.status_code, answer.json()["code"]) == (409, "refund_known")
        assert answer.json()["errors"][0]["pointer"] == "/refund_id"
    assert front.get(f"/orders/{order['id']}")["revision"] == told["revision"]


def test_a_webhooks_refund_of_an_unknown_line_stays_visible(front: Shopfront) -> None:
    order = reported(front)
    front.connect_own()
    data = {"order_id": order["order_id"], "refund_id": "r", "lines": [{"line_id": "zzz", "quantity": 1}]}
    assert front.post_own({"type": "order.refunded", "data": data}).status_code == 200
    front.settled()
    (refund,) = front.get(f"/orders/{order['id']}")["refunds"]
    assert (refund["line_ids"], refund["unknown_line_ids"]) == (["zzz"], ["zzz"])


def test_a_webhook_about_a_chargeback(front: Shopfront) -> None:
    order = reported(front)
    front.connect_own()
    data = {"order_id": order["order_id"], "dispute_id": "d", "state": "lost", "at": front.now().isoformat()}
    assert front.post_own({"type": "order.disputed", "data": data}).status_code == 200
    front.settled()
    assert front.get(f"/orders/{order['id']}")["final_base"] == euros("0.00")
