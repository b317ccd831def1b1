"""Steps about replays."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from pytest_bdd import given, parsers, then, when

from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.ids import new_id
from tests.features.tracking.payloads import euros
from tests.features.tracking.shopfront import Shopfront
from tests.features.tracking.steps_attribution import order_with
from tests.features.tracking.steps_steering import USUAL

CHAINS = {
    "the present chain": USUAL,
    "the click before the coupon code": ("manual", "click_id", "coupon_code"),
    "the click alone": ("manual", "click_id"),
    "the invite code besides": (*USUAL, "invite_code"),
}


@given(parsers.parse('Cleo ordered with the code "{code}"'))
def cleo_ordered(front: Shopfront, code: str) -> None:
    order_with(front, "Cleo", code)


@given(parsers.parse('Dora ordered with the code "{code}"'))
def dora_ordered_with(front: Shopfront, code: str) -> None:
    order_with(front, "Dora", code)
    front.settled()


@given(parsers.parse('Eva ordered with the code "{code}", to test the shop'))
def eva_tested(front: Shopfront, code: str) -> None:
    front.report("orders/create", front.order("Eva", discount_codes=[{"code": code}], test=True))
    front.settled()


@given(parsers.parse('the marketer credited the third order to Ada, because "{reason}"'))
def third_by_hand(front: Shopfront, reason: str) -> None:
    body = {"advocate_id": to_wire("adv", front.advocates["Ada"]["advocate_id"]), "reason": reason}
    answer = front.api("POST", f"/orders/{front.found(front.orders[2])['id']}/credits", json=body)
    assert answer.status_code == 201, answer.text


@given("Dora ordered without any code")
def dora_ordered(front: Shopfront) -> None:
    order_with(front, "Dora")
    front.settled()


@given("the marketer drafts a chain with the click alone")
def draft(front: Shopfront) -> None:
    path = f"/attribution/chains/{to_wire('prg', front.programme_id)}"
    answer = front.api("PUT", f"{path}/draft", json=_plan(CHAINS["the click alone"]))
    assert answer.status_code == 200, answer.text
    assert [step["method"] for step in front.get(path)["draft"]["steps"]] == ["manual", "click_id"]


def granted(front: Shopfront, order: int, side: str, amount_minor: int, currency: str = "EUR") -> dict[str, Any]:
    """As referral tells of a reward."""
    found = front.found(front.orders[order])
    fact = {
        "reward_id": new_id(),
        "revision": 1,
        "order_id": from_wire("ord", found["id"]),
        "side": side,
        "state": "pending",
        "amount_minor": amount_minor,
        "currency": currency,
    }
    front.shop.tell("tracking", "referral.reward_changed", fact)
    return fact


@given("Zoe was granted 8.00 euros and Ben 10.00 euros for the first order")
def both_granted(front: Shopfront) -> None:
    granted(front, 0, "advocate", 800)
    granted(front, 0, "friend", 1000)


@given("Ada was granted 8.00 euros for the second order, which were taken back since")
def granted_and_taken_back(front: Shopfront) -> None:
    fact = granted(front, 1, "advocate", 800)
    gone = fact | {"revision": 2, "state": "reversed", "amount_minor": 0}
    front.shop.tell("tracking", "referral.reward_changed", gone)


@given("Zoe was granted 70.00 kronor for the third order")
def granted_elsewhere(front: Shopfront) -> None:
    granted(front, 2, "advocate", 7000, "SEK")


@when(parsers.re("the marketer replays the last (?P<days>\\d+) days with (?P<which>the .*)"))
def replay(front: Shopfront, days: str, which: str) -> None:
    body: dict[str, Any] = {"programme_id": to_wire("prg", front.programme_id), "days": int(days)}
    if which != "the draft":
        body["plan"] = _plan(CHAINS[which])
    answer = front.api("POST", "/attribution/replays", json=body)
    assert answer.status_code == 202, answer.text
    front.replay = answer.json()["id"]
    front.shop.eventually(lambda: _replay(front)["state"] == "done")


@then(parsers.parse("the replay looked at {count:d} orders and would change none"))
def no_change(front: Shopfront, count: int) -> None:
    found = _replay(front)
    assert (found["orders_total"], found["orders_done"]) == (count, count)
    assert (found["changes"], found["by_method"], _differences(front)) == ([], [], [])


@then(parsers.parse("the replay looked at {count:d} orders"))
def looked_at(front: Shopfront, count: int) -> None:
    found = _replay(front)
    assert (found["orders_total"], found["orders_done"]) == (count, count)


@then(parsers.parse("1 order of {amount} euros would move from Zoe to Ada"))
def moves(front: Shopfront, amount: str) -> None:
    (sums,) = [each for each in _replay(front)["changes"] if each["change"] == "moved"]
    assert (sums["orders"], sums["base"], sums["final_base"]) == (1, euros(amount), euros(amount))
    (moved,) = [each for each in _differences(front) if each["change"] == "moved"]
    people = {name: to_wire("adv", fact["advocate_id"]) for name, fact in front.advocates.items()}
    assert (moved["before"]["advocate_id"], moved["after"]["advocate_id"]) == (people["Zoe"], people["Ada"])
    by_method = {(each["side"], each["method"]): each["orders"] for each in _replay(front)["by_method"]}
    assert by_method[("after", "click_id")] == 1


@then(parsers.re(r"(?P<count>\d+) orders? of (?P<amount>[\d.]+) euros in all would be lost"))
def would_be_lost(front: Shopfront, count: str, amount: str) -> None:
    (sums,) = [each for each in _replay(front)["changes"] if each["change"] == "lost"]
    assert (sums["orders"], sums["base"]) == (int(count), euros(amount))


@then(parsers.parse("1 order of {amount} euros would be won for Ada"))
def would_be_won(front: Shopfront, amount: str) -> None:
    (sums,) = _replay(front)["changes"]
    assert (sums["change"], sums["orders"], sums["base"]) == ("gained", 1, euros(amount))
    (won,) = _differences(front)
    ada = to_wire("adv", front.advocates["Ada"]["advocate_id"])
    assert (won["after"]["advocate_id"], won["after"]["method"]) == (ada, "invite_code")


@then("of the moved order the advocate would lose 8.00 euros and the friend 10.00 euros")
def at_stake_of_moved(front: Shopfront) -> None:
    expected = [_at_stake("advocate", 800), _at_stake("friend", 1000)]
    assert _sums(front, "moved")["rewards_at_stake"] == expected
    (moved,) = [each for each in _differences(front) if each["change"] == "moved"]
    assert moved["rewards_at_stake"] == expected


@then("of the lost orders the advocate would lose 70.00 kronor")
def at_stake_of_lost(front: Shopfront) -> None:
    expected = [_at_stake("advocate", 7000, "SEK")]
    assert _sums(front, "lost")["rewards_at_stake"] == expected
    told = [each["rewards_at_stake"] for each in _differences(front) if each["change"] == "lost"]
    assert sorted(told, key=len) == [[], expected]


@then("1 order would newly be credited to an advocate")
def newly_credited(front: Shopfront) -> None:
    found = {each["change"]: each["newly_credited"] for each in _replay(front)["changes"]}
    assert found == {"moved": 1, "lost": 0}


@then("the file of the replay tells these rewards")
def rewards_in_file(front: Shopfront) -> None:
    answer = front.api("GET", f"/attribution/replays/{front.replay}/differences.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    told = [row["rewards_at_stake"] for row in csv.DictReader(io.StringIO(answer.text))]
    assert sorted(told) == ["", "advocate 70.00 SEK", "advocate 8.00 EUR; friend 10.00 EUR"]


@then(parsers.re('for the (?P<change>moved|lost) orders? it says "(?P<sentence>.*)"'))
def says(front: Shopfront, change: str, sentence: str) -> None:
    assert {each["reason"] for each in _differences(front) if each["change"] == change} == {sentence}


@then(parsers.parse('in German it says "{moved}" and "{lost}"'), target_fixture="in_german")
def says_in_german(front: Shopfront, moved: str, lost: str) -> dict[str, str]:
    """By the address or by what the browser accepts."""
    path = f"/attribution/replays/{front.replay}/differences"
    headers = front.shop.headers | {"accept-language": "de-AT, en;q=0.5"}
    asked = front.get(f"{path}?locale=de")
    assert asked == front.shop.client.get(f"/api/v1{path}", headers=headers).json()
    assert asked["locale"] == "de"
    told = {each["order_id"]: each["reason"] for each in asked["items"]}
    assert sorted(told.values()) == sorted((moved, lost, lost))
    return told


@then("the file of the replay says so in German, too")
def file_in_german(front: Shopfront, in_german: dict[str, str]) -> None:
    answer = front.api("GET", f"/attribution/replays/{front.replay}/differences.csv?locale=de")
    assert answer.headers["content-language"] == "de"
    assert {row["order_id"]: row["reason"] for row in csv.DictReader(io.StringIO(answer.text))} == in_german


@then("no other order would change")
def no_other(front: Shopfront) -> None:
    assert len(_differences(front)) == 1


@then("the file of the replay says the same")
def as_file(front: Shopfront) -> None:
    answer = front.api("GET", f"/attribution/replays/{front.replay}/differences.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    listed = _differences(front)
    assert [row["order_id"] for row in rows] == [each["order_id"] for each in listed]
    assert [(row["change"], row["base"], row["currency"]) for row in rows] == [("moved", "80.00", "EUR")]


@then("the first order is still credited to Zoe by the coupon code")
def untouched(front: Shopfront) -> None:
    found = front.found(front.orders[0])
    assert (found["attribution"]["method"], found["revision"]) == ("coupon_code", 1)


def _plan(methods: Sequence[str]) -> dict[str, Any]:
    return {"steps": [{"method": method} for method in methods]}


def _at_stake(side: str, amount_minor: int, currency: str = "EUR") -> dict[str, Any]:
    return {"side": side, "rewards": 1, "amount": {"amount_minor": amount_minor, "currency": currency}}


def _sums(front: Shopfront, change: str) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {each["change"]: each for each in _replay(front)["changes"]}
    return found[change]


def _replay(front: Shopfront) -> dict[str, Any]:
    return front.get(f"/attribution/replays/{front.replay}")


def _differences(front: Shopfront) -> list[dict[str, Any]]:
    """All of them, a page of one at a time."""
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = front.get(f"/attribution/replays/{front.replay}/differences?limit=1{cursor}")
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = f"&cursor={page['next_cursor']}"
