"""Steps about reports."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from pytest_bdd import given, parsers, then, when

from adapters.shared.http.ids import to_wire
from adapters.shared.ids import new_id
from tests.features.tracking.payloads import euros
from tests.features.tracking.shopfront import Shopfront

STEPS = {"share": "shares", "click": "clicks", "claim": "claims", "order": "orders", "preview": "previews"}


def _funnel(front: Shopfront, query: str = "") -> dict[str, Any]:
    today = front.now().astimezone(ZoneInfo("Europe/Berlin")).date().isoformat()
    return front.get(f"/reports/funnel?from=2026-01-01&to={today}{query}")


@given("Ada shared the deal by WhatsApp")
def ada_shared(front: Shopfront) -> None:
    fact = {"share_id": new_id(), "advocate_id": front.advocates["Ada"]["advocate_id"], "locale": "de"}
    front.shop.tell("tracking", "engagement.deal_shared", fact | {"channel": "whatsapp", "shared_at": front.now()})


@given("Ben came by the link that Ada shared by WhatsApp")
def ben_came(front: Shopfront) -> None:
    code = front.advocates["Ada"]["link_code"]
    front.visit(code, "utm_source=whatsapp&utm_medium=referral&utm_campaign=friends")


@given(parsers.parse('{name} bought for {amount} euros with the code "{code}"'))
@when(parsers.parse('{name} buys for {amount} euros with the code "{code}"'))
def buys_with_code(front: Shopfront, name: str, amount: str, code: str) -> None:
    _buy(front, name, amount, [code])


@given(parsers.parse("{name} bought for {amount} euros without any code"))
def buys_without(front: Shopfront, name: str, amount: str) -> None:
    _buy(front, name, amount, [])


def _buy(front: Shopfront, name: str, amount: str, codes: list[str]) -> None:
    order = front.own_order(name) | {
        "total": euros(amount),
        "lines": [{"line_id": "1", "quantity": 1, "net": euros(amount)}],
        "coupon_codes": codes,
        "payment": "paid",
    }
    answer = front.api("POST", "/orders", json=order)
    assert answer.status_code == 201, answer.text


@when(parsers.parse("Ada's reward of {amount} euros for it is approved"))
def reward_approved(front: Shopfront, amount: str) -> None:
    from adapters.shared.http.ids import from_wire

    fact = {"reward_id": new_id(), "order_id": from_wire("ord", front.found()["id"]), "side": "advocate"}
    fact |= {"amount_minor": int(Decimal(amount) * 100)}
    for revision, state in ((2, "approved"), (1, "pending")):
        front.shop.tell("tracking", "referral.reward_changed", fact | {"revision": revision, "state": state})


@when("Ben's order is paid back")
def paid_back(front: Shopfront) -> None:
    answer = front.api("POST", f"/orders/{front.found()['id']}/refunds", json={"refund_id": "R-1", "whole": True})
    assert answer.status_code < 300, answer.text


@when(parsers.parse("the marketer looks at {day:d} October 2026 hour by hour"))
def hour_by_hour(front: Shopfront, day: int) -> None:
    when_ = date(2026, 10, day).isoformat()
    front.answer = front.get(f"/reports/series?grain=hour&from={when_}&to={when_}")


@when(parsers.parse("the marketer looks at 1 to 30 November 2026 week by week"))
def week_by_week(front: Shopfront) -> None:
    front.answer = front.get("/reports/series?grain=week&from=2026-11-01&to=2026-11-30")


@when(parsers.parse("the marketer asks for a report from {first} to {last}"))
def asks_for(front: Shopfront, first: str, last: str) -> None:
    front.api("GET", f"/reports/funnel?from={first}&to={last}")


@when("the marketer narrows a report by the weather")
def narrows_by_weather(front: Shopfront) -> None:
    front.api("GET", "/reports/funnel?weather=rain")


@then("the report is refused, and names what it can be narrowed by")
def names_what_it_knows(front: Shopfront) -> None:
    assert front.answer.status_code == 400, front.answer.text
    [fault] = front.answer.json()["errors"]
    assert fault["pointer"] == "/weather"
    assert {"channel", "country", "device"} <= set(fault["detail"].rstrip(".").replace(",", "").split())


@then("the report is complete")
def complete(front: Shopfront) -> None:
    assert _funnel(front, "&by=channel")["about"]["rows_since"] is None


@then("a report by channels on phones says that older clicks are no longer kept")
def says_since(front: Shopfront) -> None:
    since = datetime.fromisoformat(_funnel(front, "&by=channel&device=phone")["about"]["rows_since"])
    assert since < front.now() - timedelta(days=14 * 30)
    today = front.now().astimezone(ZoneInfo("Europe/Berlin")).date()
    steps = front.get(f"/reports/steps?steps=click,order&from=2026-01-01&to={today}")
    assert datetime.fromisoformat(steps["about"]["rows_since"]) == since


@given(parsers.re(r"the report counts (?P<said>\d.*)"))
@then(parsers.re(r"the report counts (?P<said>\d.*)"))
def report_counts(front: Shopfront, said: str) -> None:
    parts = [part.split() for part in said.replace(" and ", ", ").split(", ")]
    wanted = {STEPS.get(word.rstrip("s"), word): int(number) for number, word in parts}

    def look() -> bool:
        total = _funnel(front)["total"]
        assert {name: total[name] for name in wanted} == wanted
        return True

    front.shop.eventually(look)


@then(parsers.parse('the channel "{channel}" brought {count:d} click'))
def channel_brought(front: Shopfront, channel: str, count: int) -> None:
    lines = {line["value"]: line["figures"] for line in _funnel(front, "&by=channel")["lines"]}
    assert lines[channel]["clicks"] == count


@then(parsers.parse("by programme the report names Nordlicht's programme alone, with {count:d} order"))
def by_programme(front: Shopfront, count: int) -> None:
    _all_counted(front)
    lines = {line["value"]: line["figures"]["orders"] for line in _funnel(front, "&by=programme")["lines"]}
    assert lines == {to_wire("prg", front.programme_id): count}


@then(parsers.parse("the credited orders come to {base} euros, of which {left} are left"))
def credited_orders(front: Shopfront, base: str, left: str) -> None:
    def look() -> bool:
        total = _funnel(front)["total"]
        assert (total["base"], total["final_base"]) == (euros(base), euros(left))
        return True

    front.shop.eventually(look)


@then(parsers.parse("Ada is the first of the advocates, with {count:d} order"))
def first_advocate(front: Shopfront, count: int) -> None:
    first = front.get("/reports/advocates")["items"][0]
    assert (first["figures"]["orders"], first["first_name"]) == (count, None)


@then(parsers.parse("a referred customer's order is {referred} euros on average, any other's {other}"))
def averages(front: Shopfront, referred: str, other: str) -> None:
    def look() -> bool:
        answer = front.get("/reports/customers")
        said = (answer["referred"]["average_order"], answer["others"]["average_order"])
        assert said == (euros(referred), euros(other))
        return True

    front.shop.eventually(look)


@then("every referred customer is new")
def all_new(front: Shopfront) -> None:
    assert front.get("/reports/customers")["referred"]["new_share"] == 1.0


@then(parsers.parse("the day has {count:d} hours, two of which begin at 2 o'clock"))
def hours_of_day(front: Shopfront, count: int) -> None:
    starts = [point["start"] for point in front.answer["points"]]
    assert len(starts) == count
    assert [start for start in starts if "T02:00" in start] == [
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
    ]


@then("the weeks begin on 1, 2, 9, 16, 23 and 30 November")
def weeks(front: Shopfront) -> None:
    assert [int(point["start"][8:10]) for point in front.answer["points"]] == [1, 2, 9, 16, 23, 30]


@then(parsers.parse("{bought:d} of {tapped:d} who tapped a link bought on the shop's pages afterwards"))
def bought_afterwards(front: Shopfront, bought: int, tapped: int) -> None:
    _all_counted(front)
    steps = front.get("/reports/steps?steps=click,purchase")["steps"]
    assert [step["people"] for step in steps] == [tapped, bought]


@then(parsers.parse('the channel "{channel}" brought {count:d} click from phones and none from desktops'))
def channel_by_device(front: Shopfront, channel: str, count: int) -> None:
    _all_counted(front)
    for device, wanted in (("phone", {channel: count}), ("desktop", {})):
        lines = _funnel(front, f"&by=channel&device={device}")["lines"]
        assert {line["value"]: line["figures"]["clicks"] for line in lines} == wanted


def _all_counted(front: Shopfront) -> None:
    """Wait until what happened so far is in the figures."""
    told = datetime.now(UTC)
    front.shop.eventually(lambda: datetime.fromisoformat(front.get("/reports/funnel")["about"]["as_of"]) > told)
