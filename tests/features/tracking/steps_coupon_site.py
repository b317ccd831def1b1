"""Steps about codes that strangers use."""

from datetime import datetime, timedelta
from typing import Any

from pytest_bdd import given, parsers, then, when

from adapters.shared.http.ids import to_wire
from tests.features.tracking.shopfront import Shopfront
from tests.features.tracking.steps_steering import set_chain

EXEMPT = "/attribution/exempt-codes"


@given(parsers.parse("the shop holds {orders:d} orders within {hours:d} hours too many, from now on"))
def shop_rule(front: Shopfront, orders: int, hours: int, **more: Any) -> None:
    body = {"rule": {"orders": orders, "hours": hours, "share_percent": 60, **more}}
    answer = front.api("POST", "/attribution/coupon-site-rules", json=body)
    assert answer.status_code == 201, answer.text


@given("the shop switches that off")
def shop_rule_off(front: Shopfront) -> None:
    front.shop.move_clock(seconds=2)
    shop_rule(front, 3, 2, on=False)
    rules = front.get("/attribution/coupon-site-rules")["items"]
    assert [(each["version"], each["rule"]["on"]) for each in rules] == [(3, False), (2, True), (1, True)]


@given("the programme leaves to the shop what is too much, from now on")
def left_to_shop(front: Shopfront) -> None:
    front.shop.move_clock(seconds=2)
    set_chain(front)
    versions = front.get(f"/attribution/chains/{to_wire('prg', front.programme_id)}")["versions"]
    assert [bool(each["plan"]["coupon_site"]) for each in versions] == [False, True, False]


@given(parsers.parse('the marketer exempts Ada\'s code, because "{reason}"'))
@when(parsers.parse('the marketer exempts Ada\'s code, because "{reason}"'))
def exempts(front: Shopfront, reason: str) -> None:
    answer = front.api("PUT", f"{EXEMPT}/ada2-2o26", json={"reason": reason})
    assert answer.status_code == 200, answer.text
    (listed,) = front.get(EXEMPT)["items"]
    assert answer.json() == listed
    assert (listed["code"], listed["reason"], listed["watched_at"]) == ("ADA2-2026", reason, None)


@when("the marketer has Ada's code watched again")
def watched_again(front: Shopfront) -> None:
    assert front.api("DELETE", f"{EXEMPT}/ada2-2026").status_code == 204
    again = front.api("DELETE", f"{EXEMPT}/ada2-2026")
    assert (again.status_code, again.json()["code"]) == (404, "code_not_exempt")


@then("everybody can read who exempted the code and who had it watched again")
def who_exempted(front: Shopfront) -> None:
    (listed,) = front.get(EXEMPT)["items"]
    key = listed["exempted_by"]
    assert (key[:4], listed["watched_by"]) == ("key_", key)
    query = """SELECT payload->>'action', payload->>'key_id', payload->>'code' FROM tracking.outbox
        WHERE shop_id = %s AND name = 'tracking.attribution_steered' ORDER BY event_id"""
    told = front.shop.world.sql(query, front.shop.shop_id)
    assert told[1:] == [("code.exempted", key, "ADA22026"), ("code.watched", key, "ADA22026")]


@given(parsers.parse("{count:d} strangers ordered with Ada's code"))
@when(parsers.parse("{count:d} strangers order with Ada's code"))
def strangers_order(front: Shopfront, count: int, later_s: int = 0, **attributes: str) -> None:
    at = (front.now().replace(microsecond=0) + timedelta(seconds=later_s)).isoformat()
    times = dict.fromkeys(("created_at", "processed_at", "updated_at"), at)
    for _ in range(count):
        name = f"stranger{len(front.orders)}"
        notes = [{"name": f"grapevine_{key}", "value": value} for key, value in attributes.items()]
        codes = [{"code": front.advocates["Ada"]["code"], "amount": "10.00", "type": "fixed_amount"}]
        front.report("orders/create", front.order(name, discount_codes=codes, note_attributes=notes, **times))
    front.settled()


@when(parsers.parse("{count:d} strangers order with Ada's code a minute later"))
def strangers_later(front: Shopfront, count: int) -> None:
    strangers_order(front, count, 60)


@when(parsers.parse("{count:d} people order with Ada's code and the click's mark"))
def people_with_click(front: Shopfront, count: int) -> None:
    strangers_order(front, count, click=front.click_token())


@then(parsers.parse("{count:d} orders are credited to Ada"))
def credited_to_ada(front: Shopfront, count: int) -> None:
    ada = to_wire("adv", front.advocates["Ada"]["advocate_id"])
    front.shop.eventually(
        lambda: [order["attribution"]["advocate_id"] for order in front.get("/orders")["items"]].count(ada) == count
    )


@then(parsers.parse("the code did not count for {count:d} orders because of the coupon site"))
def not_counted(front: Shopfront, count: int) -> None:
    def check() -> bool:
        decisions = [order["attribution"] for order in front.get("/orders")["items"]]
        withheld = [each for each in decisions if each["reason_code"] == "coupon_site"]
        said = {(each["method"], each["reason"].partition(" the code ")[0]) for each in withheld}
        return len(withheld) == count and said == {(None, "Many strangers use")}

    front.shop.eventually(check)


@when(parsers.parse("the shop takes the code off the last {count:d} orders"))
def code_taken_off(front: Shopfront, count: int) -> None:
    for order in front.orders[-count:]:
        later = datetime.fromisoformat(order["updated_at"]) + timedelta(seconds=9)
        front.report("orders/updated", order | {"discount_codes": [], "updated_at": later.isoformat()})
    front.settled()


@then("there is no alert any more")
def alert_gone(front: Shopfront) -> None:
    front.shop.eventually(lambda: front.get("/attribution/alerts")["items"] == [])


@then("there is no alert")
def no_alert(front: Shopfront) -> None:
    assert front.get("/attribution/alerts")["items"] == []


@given("there is an alert about Ada's code")
@then("there is an alert about Ada's code")
def alert(front: Shopfront) -> None:
    def look() -> Any:
        items = front.get("/attribution/alerts?in_state=open")["items"]
        return items[0] if items else None

    found = front.shop.eventually(look)
    assert (found["code"], found["orders"], found["orders_without_touch"]) == ("ADA2-2026", 4, 4)


@when(parsers.re('the marketer (?P<verb>releases|blocks) the code, because "(?P<reason>.*)"'))
def settle(front: Shopfront, verb: str, reason: str) -> None:
    body = {"state": "released" if verb == "releases" else "blocked", "reason": reason}
    answer = front.api("POST", "/attribution/alerts/ada2-2026/settle", json=body)
    assert answer.status_code == 200, answer.text


@then(parsers.parse("the alert is settled as {state}"))
def settled_as(front: Shopfront, state: str) -> None:
    found = front.get("/attribution/alerts/ADA2-2026")
    assert found["state"] == state
    assert found["reason"]
