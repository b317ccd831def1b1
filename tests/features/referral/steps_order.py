"""Steps about friends' orders and the deals they took, as other contexts tell of them."""

from datetime import datetime, timedelta
from uuid import UUID

from pytest_bdd import given, parsers, then, when

from adapters.shared.http.ids import to_wire
from adapters.shared.ids import new_id
from tests.features.referral.desk import Desk, minor

AMOUNT = r"€(?P<amount>[\d.]+)"


@given(parsers.re(rf"(?P<name>\w+) orders for {AMOUNT} with Ada's code"))
@when(parsers.re(rf"(?P<name>\w+)(?: herself)? orders for {AMOUNT} with Ada's code"))
def orders(desk: Desk, name: str, amount: str) -> None:
    desk.order(name, minor(amount))


@when(parsers.re(rf"an hour later (?P<name>\w+) orders for {AMOUNT} with Ada's code"))
def orders_later(desk: Desk, name: str, amount: str) -> None:
    desk.shop.move_clock(seconds=3600)
    desk.order(name, minor(amount))


@when(parsers.re(rf"(?P<name>\w+) orders for {AMOUNT} with Ada's code, and it is not the first order"))
def not_first(desk: Desk, name: str, amount: str) -> None:
    desk.order(name, minor(amount), first_order=False)


@when(parsers.parse("{name} orders for SEK {amount:d} with Ada's code"))
def orders_in_kronor(desk: Desk, name: str, amount: int) -> None:
    desk.order(name, amount * 100, currency="SEK")


@when(parsers.re(rf"(?P<name>\w+) makes a test order for {AMOUNT} with Ada's code"))
def test_order(desk: Desk, name: str, amount: str) -> None:
    desk.order(name, minor(amount), test=True)


@when(parsers.parse("the order of {name} is told again"))
def told_again(desk: Desk, name: str) -> None:
    desk.tell_order(name)


@when(parsers.parse("the order of {name} is credited to {advocate} instead"))
def credited_elsewhere(desk: Desk, name: str, advocate: str) -> None:
    desk.change_order(name, attribution=desk.attribution(advocate))


@when(parsers.parse("the order of {name} is credited to nobody after all"))
def credited_to_nobody(desk: Desk, name: str) -> None:
    desk.change_order(name, attribution=None)


@given(parsers.re(rf"{AMOUNT} of the order of (?P<name>\w+) is returned"))
@when(parsers.re(rf"{AMOUNT} of the order of (?P<name>\w+) is returned"))
def returned(desk: Desk, name: str, amount: str) -> None:
    desk.change_order(name, final_base_minor=desk.orders[name]["final_base_minor"] - minor(amount))


@when(parsers.parse("the return of {name}'s order is taken back"))
def taken_back(desk: Desk, name: str) -> None:
    desk.change_order(name, final_base_minor=desk.orders[name]["base_minor"])


@when(parsers.parse("the order of {name} is cancelled"))
def cancelled(desk: Desk, name: str) -> None:
    desk.change_order(name, state="cancelled", final_base_minor=0)


@when(parsers.parse("the payment for the order of {name} is charged back"))
def charged_back(desk: Desk, name: str) -> None:
    desk.change_order(name, dispute="lost", final_base_minor=0)


@when(parsers.parse("older news of the order of {name} arrives late"))
def older_news(desk: Desk, name: str) -> None:
    newest = dict(desk.orders[name])
    desk.orders[name] |= {"revision": 1, "state": "open", "final_base_minor": newest["base_minor"]}
    desk.tell_order(name)


@given(parsers.parse("the order of {name} is not paid yet"))
def unpaid(desk: Desk, name: str) -> None:
    desk.change_order(name, payment="pending")


@given(parsers.parse("the order of {name} is paid"))
@when(parsers.parse("the order of {name} is paid"))
def paid(desk: Desk, name: str) -> None:
    desk.change_order(name, payment="paid")


@when(parsers.parse("it turns out that {name} had ordered before"))
def ordered_before(desk: Desk, name: str) -> None:
    desk.change_order(name, first_order=False)


@given(parsers.parse("{name} takes {advocate}'s deal"))
@when(parsers.re(r"(?P<name>\w+)(?: herself)? takes (?P<advocate>\w+)'s deal"))
def takes_deal(desk: Desk, name: str, advocate: str) -> None:
    desk.claim(name, advocate)


@given(parsers.parse("{name} took {advocate}'s deal, and nobody has said so yet"))
def took_deal(desk: Desk, name: str, advocate: str) -> None:
    desk.claim(name, advocate, told=False)


@when(parsers.parse("the word comes that {name} took the deal"))
def word_comes(desk: Desk, name: str) -> None:
    desk.tell_claim(name)


@when("an order comes that names a programme nobody knows")
def unknown_programme(desk: Desk) -> None:
    desk.order("Ben", 12000, attribution=desk.attribution("Ada") | {"programme_id": str(new_id())})


@when("an order comes that names an advocate nobody knows")
def unknown_advocate(desk: Desk) -> None:
    desk.order("Cleo", 12000, attribution=desk.attribution("Ada") | {"advocate_id": str(new_id())})


@then("both orders are refused with a reason")
def both_refused(desk: Desk) -> None:
    def check() -> bool:
        codes = {}
        for name in ("Ben", "Cleo"):
            order = to_wire("ord", UUID(desk.orders[name]["order_id"]))
            (verdict,) = desk.get("/verdicts", order_id=order)["items"]
            codes[name] = (verdict["outcome"], verdict["reason"]["code"])
        assert codes == {"Ben": ("refused", "unknown_programme"), "Cleo": ("refused", "unknown_advocate")}
        return True

    desk.shop.eventually(check)


def later(moment: str, days: int) -> str:
    return (datetime.fromisoformat(moment) + timedelta(days=days)).isoformat()
