"""Steps about the shop's rules for all its programmes, how they are withdrawn, and about other programmes."""

from typing import Any
from uuid import UUID

from pytest_bdd import given, parsers, then, when

from adapters.shared.http.ids import to_wire
from adapters.shared.ids import new_id
from tests.features.tracking.shopfront import Shopfront
from tests.features.tracking.steps_steering import set_chain

BETWEEN = "/attribution/policies"
SITES = "/attribution/coupon-site-rules"


@given("another programme is being drafted")
def another_drafted(front: Shopfront) -> None:
    front.programme_id = new_id()
    fact = {"programme_id": front.programme_id, "drafted_at": front.now()}
    front.shop.tell("tracking", "referral.programme_drafted", fact)


@given("a programme that nobody knows")
def nobody_knows(front: Shopfront) -> None:
    front.programme_id = UUID("0190163d-8694-739b-aea5-966c26f8ad91")  # of 2024: nobody waits for news of it


@when("the marketer drafts a chain for it, sets one, or asks what one would change")
def chain_for_it(front: Shopfront) -> None:
    programme, plan = to_wire("prg", front.programme_id), {"steps": [{"method": "manual"}]}
    path = f"/attribution/chains/{programme}"
    front.answers = [
        front.api("GET", path),
        front.api("PUT", f"{path}/draft", json=plan),
        front.api("POST", f"{path}/versions", json={"plan": plan}),
        front.api("POST", f"{path}/versions/2/withdraw"),
        front.api("POST", "/attribution/replays", json={"programme_id": programme, "plan": plan}),
    ]


@then(parsers.parse('each time the answer is "{code}"'))
def each_time(front: Shopfront, code: str) -> None:
    status = 409 if code == "programme_not_live_yet" else 404
    assert {(answer.status_code, answer.json()["code"]) for answer in front.answers} == {(status, code)}
    named = {fault["pointer"] for answer in front.answers for fault in answer.json()["errors"]}
    assert named == {"/programme_id"}  # of the replay; the others have it in their address


@then("a link can be made for it")
def link_for_it(front: Shopfront) -> None:
    answer = front.api("POST", "/links", json=_link_of(front))
    assert answer.status_code == 201, answer.text
    front.link = answer.json()


@when("the marketer makes a link for it, or gives the link to it")
def links_for_it(front: Shopfront) -> None:
    path, body = f"/links/{front.link['id']}", _link_of(front)
    front.answers = [
        front.api("POST", "/links", json=body),
        front.api("PATCH", path, json={"programme_id": body["programme_id"]}),
    ]
    assert front.get(path) == front.link


@when("the marketer gives Ada's link to another programme, or to none")
def give_advocates_link(front: Shopfront) -> None:
    front.link = front.get("/links")["items"][0]
    assert front.link["programme_id"]
    path, another = f"/links/{front.link['id']}", to_wire("prg", new_id())
    front.answers = [front.api("PATCH", path, json={"programme_id": programme}) for programme in (another, None)]


@then(parsers.parse('both times it is refused as "{code}"'))
def both_refused(front: Shopfront, code: str) -> None:
    assert [(answer.status_code, answer.json()["code"]) for answer in front.answers] == [(422, code)] * 2
    assert {answer.json()["errors"][0]["pointer"] for answer in front.answers} == {"/programme_id"}


@then("the marketer can give it a title")
def can_title(front: Shopfront) -> None:
    body = {"title": "Ada's", "programme_id": front.link["programme_id"]}
    answer = front.api("PATCH", f"/links/{front.link['id']}", json=body)
    assert (answer.status_code, answer.json()["title"]) == (200, "Ada's")


@when("the other programme goes live")
def goes_live(front: Shopfront) -> None:
    front.programme(30)


@then("the marketer can set a chain for it")
def can_set(front: Shopfront) -> None:
    set_chain(front)


@given(parsers.parse('Zoe is an advocate of another programme, with the code "{code}"'))
def advocate_of_another(front: Shopfront, code: str) -> None:
    front.advocate("Zoe", code, programme_id=new_id())


@given(parsers.parse("nobody shall have an order that two programmes want, in {days:d} days"))
def nobody_has_it(front: Shopfront, days: int) -> None:
    _set(front, BETWEEN, {"conflict": "refuse", "from": front.in_days(days)})


@given(parsers.parse("the shop holds {orders:d} orders within {hours:d} hours too many, in {days:d} days"))
def sites_later(front: Shopfront, orders: int, hours: int, days: int) -> None:
    rule = {"orders": orders, "hours": hours, "share_percent": 60}
    _set(front, SITES, {"rule": rule, "from": front.in_days(days)})


@when("the marketer withdraws that rule between programmes")
def withdraw_between(front: Shopfront) -> None:
    front.api("POST", f"{BETWEEN}/2/withdraw")


@when("the marketer withdraws the shop's rule")
def withdraw_sites(front: Shopfront) -> None:
    front.api("POST", f"{SITES}/2/withdraw")


@then("everybody can read when the rule between programmes was withdrawn, and who did it")
def between_withdrawn(front: Shopfront) -> None:
    _withdrawn(front, BETWEEN, "policy")


@then("everybody can read when the shop's rule was withdrawn, and who did it")
def sites_withdrawn(front: Shopfront) -> None:
    _withdrawn(front, SITES, "coupon_site")


@then(parsers.parse('the rule between programmes stays, because it is "{code}"'))
def between_stays(front: Shopfront, code: str) -> None:
    _stays(front, BETWEEN, code)


@then(parsers.parse('the shop\'s rule stays, because it is "{code}"'))
def sites_stay(front: Shopfront, code: str) -> None:
    _stays(front, SITES, code)


@then("one like it can be set from the same moment on, and withdrawn again")
def set_again(front: Shopfront) -> None:
    since = front.get(BETWEEN)["items"][0]["from"]
    _set(front, BETWEEN, {"conflict": "refuse", "from": since})
    items = front.api("POST", f"{BETWEEN}/3/withdraw").json()["items"]
    assert [(each["version"], each["withdrawn_at"] is None) for each in items] == [(3, False), (2, False), (1, True)]


def _link_of(front: Shopfront) -> dict[str, Any]:
    """A link for the programme in question."""
    programme = to_wire("prg", front.programme_id)
    return {"destination": front.shop.details["storefront_url"], "programme_id": programme}


def _set(front: Shopfront, path: str, body: dict[str, Any]) -> None:
    answer = front.api("POST", path, json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json() == front.get(path)["items"][0]


def _withdrawn(front: Shopfront, path: str, subject: str) -> None:
    items = front.get(path)["items"]
    assert [(each["version"], each["in_force"]) for each in items] == [(2, False), (1, True)]
    assert items[0]["withdrawn_at"] < items[0]["from"]
    key = items[0]["withdrawn_by"]
    assert key.startswith("key_")
    query = """SELECT payload->>'action', payload->>'key_id', payload->>'rules_version' FROM tracking.outbox
        WHERE shop_id = %s AND name = 'tracking.attribution_steered' ORDER BY event_id"""
    assert front.shop.world.sql(query, front.shop.shop_id)[-1] == (f"{subject}.withdrawn", key, "2")


def _stays(front: Shopfront, path: str, code: str) -> None:
    assert (front.answer.status_code, front.answer.json()["code"]) == (409, code), front.answer.text
    assert [(each["version"], each["in_force"]) for each in front.get(path)["items"]] == [(2, True), (1, False)]
