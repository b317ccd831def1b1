"""Steps about a second store of a platform that numbers orders within one."""

import json

from pytest_bdd import parsers, then, when

from tests.features.tracking.shopfront import Shopfront
from tests.features.tracking.steps_platform import Counter, joined_to, paid_back_there
from tests.support.bigcommerce import OUTLET, STORE

_OUTLET = "https://outlet.example/"


@when(parsers.parse("the shop connects a second {platform} too, which sells somebody else an order of the same number"))
def second_store(counter: Counter, platform: str) -> None:
    other = Counter(counter.front, counter.platform, joined_to(counter.front, platform, OUTLET), [], _OUTLET)
    topic, body = counter.sent[0]
    said = json.loads(body)
    if platform == "WooCommerce":
        later = counter.platform.later.replace(tzinfo=None).isoformat()
        said |= {"billing": {"email": "cleo@example.com"}, "total": "15.00", "date_modified_gmt": later}
    else:
        said |= {"producer": f"stores/{OUTLET}"}
    other.tell((topic, json.dumps(said).encode()))


@when(parsers.parse("the shop removes its {platform} and connects it anew"))
def connected_anew(counter: Counter, platform: str) -> None:
    answer = counter.front.api("DELETE", f"/connections/{counter.connection['id']}")
    assert answer.status_code == 204, answer.text
    counter.connection = joined_to(counter.front, platform, STORE)


@when(parsers.parse("the shop's WooCommerce moves to a new address and is connected anew"))
def moves_anew(counter: Counter) -> None:
    counter.address = "https://www.nordlicht-neu.example/shop/"
    connected_anew(counter, "WooCommerce")


@when("the shop's WooCommerce speaks by its Dutch address")
def speaks_dutch(counter: Counter) -> None:
    counter.address = "https://nordlicht-nl.example/"


@when("the shop says that it is the same store, and has the message tried again")
def same_store(counter: Counter) -> None:
    front = counter.front
    answer = front.api("PATCH", f"/connections/{counter.connection['id']}", json={"same_store": True})
    assert answer.status_code == 200, answer.text
    assert front.api("POST", "/parked-deliveries/replay", json={}).json() == {"replayed": 1}
    front.settled()


@when(parsers.parse("{amount} euros are paid back by the new connection"))
def paid_back_anew(counter: Counter, amount: str) -> None:
    paid_back_there(counter, amount)


@then("Ben's order is still Ben's, of 80.00 euros")
def still_bens(front: Shopfront) -> None:
    order = front.found()
    assert (order["total"]["amount_minor"], order["state"]) == (8000, "open")
    assert len(front.get("/orders")["items"]) == 1


@then("the shop is told which store the message is from, and which it knows")
def told_which(front: Shopfront) -> None:
    health = [each["health"] for each in front.get("/connections")["items"]]
    assert sorted(each["parked"] for each in health) == [0, 1]
    (item,) = front.get("/parked-deliveries")["items"]
    assert item["code"] == "second_store"
    for name in ("outlet.example", "nordlicht.example"):
        assert name in item["reason"]
