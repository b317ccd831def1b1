"""Steps about names and telephone numbers, of which tracking knows no more than that two are the same."""

from pytest_bdd import given, parsers, then, when

from adapters.shared.http.ids import to_wire
from adapters.shared.ids import new_code
from tests.features.tracking.shopfront import Shopfront
from tests.features.tracking.steps_steering import USUAL, set_chain


@given("the programme credits whom the friend names, from now on")
def by_name(front: Shopfront) -> None:
    set_chain(front, (*USUAL, "refer_by_name"))


@given("the programme credits who claimed the deal with the same telephone number, from now on")
def by_phone(front: Shopfront) -> None:
    set_chain(front, (*USUAL, "phone"))


@given("the programme credits a tap from the same address, from now on")
def by_address(front: Shopfront) -> None:
    set_chain(front, (*USUAL, "same_address"))


@given(parsers.re('(?P<which>an|another) advocate is called "(?P<name>.*)"'))
def called(front: Shopfront, which: str, name: str) -> None:
    who = name if which == "an" else f"Another {name}"
    front.advocate(who, new_code(8), name_key=front.ids("Ben", refers_to=name).refers_to)


@given(parsers.parse('Ben claimed Ada\'s deal with the number "{number}"'))
def claimed_with_number(front: Shopfront, number: str) -> None:
    front.claim("Ben", "Ada", "BEN4-4444", phone_id=front.ids("Ben", phone=number).phone_id)


@when(parsers.parse('Ben orders and names "{name}" as the friend who sent him'))
def names(front: Shopfront, name: str) -> None:
    front.report("orders/create", front.order("Ben", note_attributes=[{"name": "grapevine_friend_of", "value": name}]))
    front.settled()


@when(parsers.parse('Cleo orders with the number "{number}"'))
def orders_with_number(front: Shopfront, number: str) -> None:
    front.report("orders/create", front.order("Cleo", phone=number))


@then(parsers.parse("the order is credited to {name} by the name"))
def credited_by_name(front: Shopfront, name: str) -> None:
    attribution = front.found()["attribution"]
    assert (attribution["method"], attribution["needs_review"]) == ("refer_by_name", False)
    assert attribution["advocate_id"] == to_wire("adv", front.advocates[name]["advocate_id"])


@then("the name is kept nowhere with the order")
def name_not_kept(front: Shopfront) -> None:
    query = "SELECT facts::text || coalesce(decided::text, '') FROM tracking.orders WHERE shop_id = %s"
    ((kept,),) = front.shop.world.sql(query, front.shop.shop_id)
    assert "lovelace" not in kept.lower()


@when(parsers.parse("the personal data of {name} is erased"))
def advocate_erased(front: Shopfront, name: str) -> None:
    front.shop.tell("tracking", "shops.customer_erased", {"customer_id": front.advocates[name]["customer_id"]})


@then("nothing that stands for the name is kept with the orders")
def no_key_kept(front: Shopfront) -> None:
    """Wherever the key could stand: with orders, hints and decisions."""
    key = str(front.advocates["Ada Lovelace"]["name_key"])
    for table in ("orders", "order_hint", "known_advocate"):
        query = f"SELECT t::text FROM tracking.{table} t WHERE shop_id = %s"
        assert key not in str(front.shop.world.sql(query, front.shop.shop_id)), table


@then(parsers.parse('a person has to look at the order, because the name was "{code}"'))
def to_review(front: Shopfront, code: str) -> None:
    (review,) = front.get("/attribution/reviews")["items"]
    assert review["order_id"] == front.found()["id"]
    assert [loser["reason_code"] for loser in review["attribution"]["losers"]] == [code]


@then("nobody has to look at any order")
def nothing_to_review(front: Shopfront) -> None:
    assert front.get("/attribution/reviews")["items"] == []
