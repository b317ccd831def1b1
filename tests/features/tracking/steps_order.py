"""Steps about orders, returns and cancellations."""

import json
from datetime import datetime, timedelta
from typing import Any

from pytest_bdd import given, parsers, then, when

from tests.features.tracking.payloads import euros, lamp, returned
from tests.features.tracking.shopfront import Shopfront


def _later(payload: dict[str, Any], seconds: int = 60, **changes: Any) -> dict[str, Any]:
    at = datetime.fromisoformat(payload["updated_at"]) + timedelta(seconds=seconds)
    return payload | {"updated_at": at.isoformat()} | changes


@when(
    parsers.parse(
        "Ben orders {count:d} lamps for {price} euros each, {tax:d} euros of it tax, with {off:d} euros off"
        " and {shipping} euros of shipping"
    )
)
def order_in_detail(front: Shopfront, count: int, price: str, tax: int, off: int, shipping: str) -> None:
    line = lamp(price, count, tax=f"{tax}.00", discount=f"{off}.00")
    total = float(price) * count - off + float(shipping)
    front.report("orders/create", front.order("Ben", line_items=[line], total_price=f"{total:.2f}"))


@when(parsers.parse("Shopify reports Ben's order of {price} euros {times:d} times"))
def report_often(front: Shopfront, price: str, times: int) -> None:
    payload = front.order("Ben", line_items=[lamp(price)], total_price=price)
    for _ in range(times):
        front.report("orders/create", payload, delivery="the-same-delivery")
    front.settled()


@given(parsers.parse("Ben ordered for {price} euros and has not paid"))
def ordered_unpaid(front: Shopfront, price: str) -> None:
    front.report("orders/create", front.order("Ben", line_items=[lamp(price)], financial_status="pending"))
    front.found()


@given(parsers.parse("Ben ordered for {price} euros and has paid"))
def ordered_paid(front: Shopfront, price: str) -> None:
    front.report("orders/create", front.order("Ben", line_items=[lamp(price)]))
    front.found()


@given(parsers.parse("Ben ordered {count:d} lamps for {price} euros each"))
def ordered_lamps(front: Shopfront, count: int, price: str) -> None:
    front.report("orders/create", front.order("Ben", line_items=[lamp(price, count)]))
    front.found()


@when("Ben pays")
def pays(front: Shopfront) -> None:
    front.report("orders/paid", _later(front.orders[-1], financial_status="paid"))


@when("Shopify's first message about it, not paid yet, arrives late")
def old_news(front: Shopfront) -> None:
    front.report("orders/create", _later(front.orders[-1], -60, financial_status="pending"))
    front.settled()


@when(parsers.re("Ben returns (1|another) lamp"))
def return_one(front: Shopfront) -> None:
    price = float(front.orders[-1]["line_items"][0]["price"])
    front.report("refunds/create", returned(front.orders[-1], 1, price))


@when("Shopify reports that 1 lamp of an order nobody knows was returned")
def return_first(front: Shopfront) -> None:
    payload = front.order("Ben", line_items=[lamp("40.00", 2)])
    front.report("refunds/create", returned(payload, 1, 40))
    front.settled()
    assert front.get(f"/orders?order_id={payload['id']}")["items"] == []


@when(parsers.parse("then the order of 2 lamps for 40.00 euros each"))
def then_the_order(front: Shopfront) -> None:
    front.report("orders/create", front.orders[-1])


@when("Shopify repeats everything in the opposite order")
def repeat(front: Shopfront) -> None:
    front.settled()
    for topic, payload, _ in list(reversed(front.sent)):
        front.report(topic, payload)
    front.settled()


@when(parsers.parse("the shop pays {amount} euros back"))
def pay_back(front: Shopfront, amount: str) -> None:
    refund = returned(front.orders[-1], 1, 0) | {
        "refund_line_items": [],
        "order_adjustments": [{"kind": "refund_discrepancy", "amount": f"-{amount}", "tax_amount": "0.00"}],
    }
    front.report("refunds/create", refund)


@when("the order is cancelled")
@when("the first of them is cancelled")
def cancel(front: Shopfront) -> None:
    first = front.orders[0]
    front.report("orders/cancelled", _later(first, cancelled_at=first["updated_at"]))


@given("Ben ordered a second time a day later")
@when("Ben orders a second time a day later")
def second_order(front: Shopfront) -> None:
    at = datetime.fromisoformat(front.orders[0]["created_at"]) + timedelta(days=1)
    times = dict.fromkeys(("created_at", "processed_at", "updated_at"), at.isoformat())
    front.report("orders/create", front.order("Ben", **times))
    front.found()


@given(parsers.parse('the customer "{reference}" ordered as {name}'))
def customer_ordered(front: Shopfront, reference: str, name: str, days_later: int = 0) -> None:
    at = front.now().replace(microsecond=0) + timedelta(days=days_later)
    times = dict.fromkeys(("created_at", "processed_at", "updated_at"), at.isoformat())
    customer = {"id": int(reference.removeprefix("c-")), "email": f"{name.lower()}@example.com"}
    front.report("orders/create", front.order(name, customer=customer, **times))
    front.settled()


@when(parsers.parse('the customer "{reference}" orders as {name} a day later'))
def customer_orders(front: Shopfront, reference: str, name: str) -> None:
    customer_ordered(front, reference, name, days_later=1)


@then("only the last of the three counts as no first order")
def last_of_three(front: Shopfront) -> None:
    def check() -> bool:
        orders = sorted(front.get("/orders")["items"], key=lambda order: order["placed_at"])
        return [order["first_order"] for order in orders] == [True, True, False]

    front.shop.eventually(check)


@when("Shopify reports that Ben had ordered a week before")
def earlier_order(front: Shopfront) -> None:
    at = datetime.fromisoformat(front.orders[0]["created_at"]) - timedelta(days=7)
    times = dict.fromkeys(("created_at", "processed_at", "updated_at"), at.isoformat())
    front.report("orders/create", front.order("Ben", **times))


@when(parsers.parse("Shopify reports an order with the number {number:d}"))
def order_number(front: Shopfront, number: int) -> None:
    front.report("orders/create", front.order("Ben", id=number))


@when(parsers.re("Shopify reports an order (?P<oddity>in dollars|with a negative price|of a trillion euros|dated.*)"))
def odd_order(front: Shopfront, oddity: str) -> None:
    changes: dict[str, dict[str, Any]] = {
        "in dollars": {"currency": "USD"},
        "with a negative price": {"line_items": [lamp("-80.00")]},
        "of a trillion euros": {"total_price": "1e12", "line_items": [lamp("1e15", 1000)]},
        "dated a year ahead": {"processed_at": front.in_days(365)},
    }
    front.report("orders/create", front.order("Ben", **changes[oddity]))


@when("Shopify reports an order that is cut off")
def cut_off(front: Shopfront) -> None:
    assert front.post_shopify("orders/create", json.dumps(front.order("Ben")).encode()[:200]).status_code == 200


@when("Shopify reports an order with words for an amount")
def words(front: Shopfront) -> None:
    front.report("orders/create", front.order("Ben", total_price="eighty"))


@given(parsers.re("a message was put aside because it is (?P<oddity>in dollars|dated a year ahead)"))
def put_aside(front: Shopfront, oddity: str) -> None:
    odd_order(front, oddity)
    front.settled()
    assert front.parked()


@when("the operator has it tried again")
def try_again(front: Shopfront) -> None:
    (queue,) = front.shop.world.installation.contexts["tracking"].offer.parked
    items = [item for item in front.shop.world.call(queue.list) if item.shop_id == str(front.shop.shop_id)]
    assert len(items) == 1
    assert front.parked()[0][0] in items[0].error
    assert front.shop.world.call(queue.replay, items[0].item) == 1


@when("the own webshop reports Ben's order of 80.00 euros")
def own_reports(front: Shopfront) -> None:
    order = front.own_order("Ben")
    assert front.post_own({"type": "order.reported", "timestamp": order["placed_at"], "data": order}).status_code == 200


@when("somebody plays a message of ten minutes ago again")
def replayed(front: Shopfront) -> None:
    order = front.own_order("Ben")
    front.post_own({"type": "order.reported", "data": order}, at=datetime.now().astimezone() - timedelta(minutes=10))


@when("the webshop reports Ben's order of 80.00 euros through the API")
def api_reports(front: Shopfront) -> None:
    order = front.own_order("Ben")
    front.orders[-1]["own"] = order
    answers = [front.api("POST", "/orders", json=order) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200], answers[-1].text


@when(parsers.parse("then of {one} and then of {other} euros"))
def api_reports_again(front: Shopfront, one: str, other: str) -> None:
    for price in (one, other):
        changes = {"total": euros(price), "lines": [{"line_id": "1", "quantity": 1, "net": euros(price)}]}
        answer = front.api("POST", "/orders", json=front.orders[-1]["own"] | changes)
        assert (answer.status_code, answer.json()["base"]) == (200, euros(price)), answer.text


@when("the webshop reports an order dated 2 days ahead through the API")
def api_reports_ahead(front: Shopfront) -> None:
    front.api("POST", "/orders", json=front.own_order("Ben") | {"placed_at": front.in_days(2)})


@when("the webshop reports it again with 15.00 euros paid back")
def api_refund(front: Shopfront) -> None:
    body = {"refund_id": "r-1", "amount": euros("15.00")}
    for _ in range(2):
        answer = front.api("POST", f"/orders/{front.found()['id']}/refunds", json=body)
        assert answer.status_code == 201, answer.text


@then(parsers.parse("the order's base is {amount} euros"))
def base(front: Shopfront, amount: str) -> None:
    assert front.found()["base"] == euros(amount)


@then(parsers.parse("{amount} euros of the order are left"))
def left(front: Shopfront, amount: str) -> None:
    front.shop.eventually(lambda: front.found()["final_base"] == euros(amount))


@then("the order is paid")
def is_paid(front: Shopfront) -> None:
    front.shop.eventually(lambda: front.found()["payment"] == "paid")


@then("there is 1 order of Ben")
def one_order(front: Shopfront) -> None:
    front.found()
    assert len(front.get("/orders")["items"]) == 1


@then(parsers.parse("there are {count:d} orders"))
def several_orders(front: Shopfront, count: int) -> None:
    front.shop.eventually(lambda: len(front.get("/orders")["items"]) == count)


@then("the news of it was told once")
def told_once(front: Shopfront) -> None:
    query = "SELECT count(*) FROM tracking.outbox WHERE shop_id = %s AND name = 'tracking.order_changed'"
    assert front.shop.world.sql(query, front.shop.shop_id) == [(1,)]


@then("only the earlier one counts as Ben's first order")
def earlier_is_first(front: Shopfront) -> None:
    def check() -> bool:
        orders = sorted(front.get("/orders")["items"], key=lambda order: order["placed_at"])
        return [order["first_order"] for order in orders] == [True, False]

    front.shop.eventually(check)


@then("both count as Ben's first order")
def both_first(front: Shopfront) -> None:
    front.shop.eventually(lambda: [order["first_order"] for order in front.get("/orders")["items"]] == [True, True])


@then(parsers.parse("the order is known by the number {number}"))
def known_number(front: Shopfront, number: str) -> None:
    assert front.found()["order_id"] == number


@then(parsers.parse('the message is put aside as "{code}"'))
def is_put_aside(front: Shopfront, code: str) -> None:
    front.settled()
    assert [row[0] for row in front.parked()] == [code]
    assert all(row[1] for row in front.parked())


@then("there is no order")
def no_order(front: Shopfront) -> None:
    front.settled()
    assert front.get("/orders")["items"] == []
