"""Steps about chains, about what a person decides, and about codes on coupon sites."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pytest_bdd import given, parsers, then, when

from adapters.shared.http.ids import to_wire
from adapters.shared.ids import new_id
from adapters.tracking.tokens import ClickToken
from kernel.ids import ClickId
from tests.features.tracking.shopfront import Shopfront
from tests.features.tracking.steps_attribution import order_with
from tracking.application.note_order_hints import NoteOrderHints
from tracking.domain.hint import OrderHint

USUAL = ("manual", "signed_claim", "coupon_code", "click_id", "cookie", "friend_email")


def set_chain(front: Shopfront, methods: Sequence[str] = USUAL, since: str | None = None, **plan: Any) -> None:
    body = {"plan": {"steps": [{"method": method} for method in methods], **plan}, "from": since}
    answer = front.api("POST", f"/attribution/chains/{to_wire('prg', front.programme_id)}/versions", json=body)
    assert answer.status_code == 201, answer.text


def tell_of_click(front: Shopfront, number: str) -> None:
    """As the tag's worker does with what a browser sent."""
    keys = front.shop.world.installation.settings.keys()
    token = keys.signer("click").open(front.click_token(), ClickToken, now=front.now())
    tell(front, OrderHint(order_ref=number, click_id=ClickId(token.click_id), at=front.now()))


def tell(front: Shopfront, hint: OrderHint) -> None:
    note = NoteOrderHints(front.shop.world.installation.contexts["tracking"].container.begin())
    front.shop.world.call(note, front.shop.shop_id, [hint])


@when("Ben orders without any code, and his browser tells of the click")
def with_hint(front: Shopfront) -> None:
    order_with(front, "Ben")
    front.settled()
    tell_of_click(front, front.orders[-1]["name"])


@given("Ben's browser tells of the click at the checkout of an order that is not known yet")
def hint_first(front: Shopfront) -> None:
    tell_of_click(front, str(front.order("Ben")["id"]))


@when("that order of Ben's arrives")
def order_after_hint(front: Shopfront) -> None:
    front.report("orders/create", front.orders[-1])


@given("the programme lets the click count before the coupon code, from now on")
@when("the programme lets the click count before the coupon code, from now on")
def click_first(front: Shopfront) -> None:
    set_chain(front, ("manual", "click_id", "coupon_code"))


@given("the programme has the coupon code switched off, from now on")
def code_off(front: Shopfront) -> None:
    set_chain(front, steps=[{"method": "manual"}, {"method": "coupon_code", "on": False}, {"method": "click_id"}])


@given("the programme credits nobody when several advocates are pointed at, from now on")
def refuse_conflicts(front: Shopfront) -> None:
    set_chain(front, conflict="refuse")


@given(parsers.parse('the programme credits the campaign "{name}", from now on'))
def with_campaign(front: Shopfront, name: str) -> None:
    set_chain(front, (*USUAL, "campaign_utm"), campaigns=[name])


@given("the programme credits who invited the friend, from now on")
def with_invites(front: Shopfront) -> None:
    set_chain(front, ("manual", "invite_code"))


@given(parsers.parse('the programme credits who invited the friend, and the campaign "{name}", from now on'))
def with_invites_of(front: Shopfront, name: str) -> None:
    set_chain(front, (*USUAL, "invite_code"), campaigns=[name])


@given(parsers.parse("{orders:d} orders within {hours:d} hours are too many for strangers, from now on"))
def strangers(front: Shopfront, orders: int, hours: int) -> None:
    set_chain(front, coupon_site={"orders": orders, "hours": hours, "share_percent": 60})


@given(parsers.parse("the programme lets the click count before the coupon code, in {days:d} days"))
def click_first_later(front: Shopfront, days: int) -> None:
    set_chain(front, ("manual", "click_id", "coupon_code"), front.in_days(days))


@when("the marketer withdraws that chain")
def withdraw_chain(front: Shopfront) -> None:
    path = f"/attribution/chains/{to_wire('prg', front.programme_id)}"
    front.api("POST", f"{path}/versions/{front.get(path)['versions'][0]['version']}/withdraw")


@when(parsers.parse("Ben taps Ada's link, and orders with Zoe's code \"{code}\" and the click's mark"))
def taps_and_orders(front: Shopfront, code: str) -> None:
    front.advocate("Zoe", code)
    front.visit(front.advocates["Ada"]["link_code"])
    order_with(front, "Ben", code, click=front.click_token())


@then("everybody can read when the chain was withdrawn, and who did it")
def chain_withdrawn(front: Shopfront) -> None:
    versions = front.get(f"/attribution/chains/{to_wire('prg', front.programme_id)}")["versions"]
    assert [(each["version"], each["in_force"]) for each in versions] == [(2, False), (1, True)]
    assert versions[0]["withdrawn_at"] < versions[0]["from"]
    query = """SELECT payload->>'action', payload->>'key_id', payload->>'rules_version' FROM tracking.outbox
        WHERE shop_id = %s AND name = 'tracking.attribution_steered' ORDER BY event_id"""
    key = front.get("/attribution/chains/" + to_wire("prg", front.programme_id))["versions"][0]["withdrawn_by"]
    assert key.startswith("key_")
    assert front.shop.world.sql(query, front.shop.shop_id)[1:] == [("chain.withdrawn", key, "2")]


@then(parsers.parse('the chain stays, because it is "{code}"'))
def chain_stays(front: Shopfront, code: str) -> None:
    assert (front.answer.status_code, front.answer.json()["code"]) == (409, code), front.answer.text
    versions = front.get(f"/attribution/chains/{to_wire('prg', front.programme_id)}")["versions"]
    assert [(each["version"], each["in_force"]) for each in versions] == [(2, True), (1, False)]


CLICK_TWICE = [{"method": method} for method in ("manual", "click_id", "click_id")]


@when("the programme shall use the click twice")
def twice(front: Shopfront) -> None:
    front.api("POST", "/attribution/chains/check", json={"steps": CLICK_TWICE})


@then(parsers.parse('the chain is refused as "{code}", at the method\'s second place'))
def chain_refused(front: Shopfront, code: str) -> None:
    assert front.answer.status_code == 422, front.answer.text
    assert front.answer.json()["code"] == code
    assert front.answer.json()["errors"][0]["pointer"] == "/steps/2/method"
    path = f"/attribution/chains/{to_wire('prg', front.programme_id)}/versions"
    refused = front.api("POST", path, json={"plan": {"steps": CLICK_TWICE}})
    assert refused.json()["errors"][0]["pointer"] == "/plan/steps/2/method"


@then(parsers.parse("the decision names version {version:d} of the chain"))
def names_version(front: Shopfront, version: int) -> None:
    attribution = front.found()["attribution"]
    assert attribution["chain_version"] == version
    assert [each["version"] for each in attribution["chain_versions"]] == [version]


@when(parsers.parse('Cleo orders, having come through the campaign "{name}"'))
def through_campaign(front: Shopfront, name: str) -> None:
    front.report("orders/create", front.order("Cleo", note_attributes=[{"name": "utm_campaign", "value": name}]))


@then(parsers.parse('the order is credited to the campaign "{name}"'))
def campaign_credited(front: Shopfront, name: str) -> None:
    attribution = front.found()["attribution"]
    assert (attribution["campaign"], attribution["advocate_id"]) == (name, None), attribution
    query = "SELECT payload->'campaign'->>'campaign', payload->>'attribution' FROM tracking.outbox WHERE shop_id = %s"
    assert front.shop.world.sql(f"{query} AND name = 'tracking.order_changed'", front.shop.shop_id) == [(name, None)]


@given(parsers.parse('Ben ordered with the code "{code}" and the click\'s mark'))
def ordered_with_both(front: Shopfront, code: str) -> None:
    """Some minutes ago: what comes into force now does not decide it."""
    before = (front.now() - timedelta(minutes=4)).replace(microsecond=0).isoformat()
    times = dict.fromkeys(("created_at", "processed_at", "updated_at"), before)
    order_with(front, "Ben", code, times=times, click=front.click_token())
    front.found()


@given(parsers.parse('Ben ordered with the code "{code}"'))
def ordered_with(front: Shopfront, code: str) -> None:
    order_with(front, "Ben", code)
    front.found()


@given(parsers.parse('the marketer credited the order to Ada, because "{reason}"'))
@when(parsers.parse('the marketer credits the order to Ada, because "{reason}"'))
def by_hand(front: Shopfront, reason: str) -> None:
    body = {"advocate_id": to_wire("adv", front.advocates["Ada"]["advocate_id"]), "reason": reason}
    answer = front.api("POST", f"/orders/{front.found()['id']}/credits", json=body)
    assert answer.status_code == 201, answer.text


@when("the marketer credits the order to somebody that nobody knows")
def by_hand_to_nobody(front: Shopfront) -> None:
    body = {"advocate_id": to_wire("adv", new_id()), "reason": "He said so."}
    front.api("POST", f"/orders/{front.found()['id']}/credits", json=body)


@when(parsers.parse('the marketer takes that back, because "{reason}"'))
def taken_back(front: Shopfront, reason: str) -> None:
    answer = front.api("POST", f"/orders/{front.found()['id']}/credits/withdraw", json={"reason": reason})
    assert answer.status_code == 200, answer.text


@then(parsers.parse('everybody can read who said so, and that the reason was "{reason}"'))
def who_said_so(front: Shopfront, reason: str) -> None:
    (said,) = front.get(f"/orders/{front.found()['id']}/credits")["credits"]
    assert (said["reason"], said["withdrawn_at"]) == (reason, None)
    assert said["credited_by"].startswith("key_")
    query = "SELECT payload->>'action', payload->>'key_id' FROM tracking.outbox WHERE shop_id = %s AND name = %s"
    told = front.shop.world.sql(query, front.shop.shop_id, "tracking.attribution_steered")
    assert told == [("order.credited", said["credited_by"])]
