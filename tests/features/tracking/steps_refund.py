"""Steps about refunds that cannot be as they are told."""

from pytest_bdd import parsers, then, when

from tests.features.tracking.payloads import euros
from tests.features.tracking.shopfront import Shopfront


@when(parsers.parse("the own webshop tells a refund of {amount} euros, dated 2 days ahead"))
def refund_ahead(front: Shopfront, amount: str) -> None:
    front.connect_own()
    data = {"order_id": front.found()["order_id"], "refund_id": "r-ahead", "amount": euros(amount)}
    answer = front.post_own({"type": "order.refunded", "timestamp": front.in_days(2), "data": data})
    assert answer.status_code == 200, answer.text


@when(parsers.parse("the webshop reports that {amount} euros of it are paid back"))
def much_paid_back(front: Shopfront, amount: str) -> None:
    body = {"refund_id": "r-much", "amount": euros(amount)}
    answer = front.api("POST", f"/orders/{front.found()['id']}/refunds", json=body)
    assert answer.status_code == 201, answer.text


@then("nothing is said to be paid back beyond the order")
def nothing_beyond(front: Shopfront) -> None:
    beyond(front, "0.00")


@then(parsers.parse("{amount} euros are said to be paid back beyond the order"))
def beyond(front: Shopfront, amount: str) -> None:
    assert front.found()["refunded_beyond"] == euros(amount)
