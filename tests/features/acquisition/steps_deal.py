"""Steps about the deal and its page."""

from pytest_bdd import given, parsers, then, when

from adapters.shared.texts import LOCALES
from tests.acquisition.support import fixed
from tests.features.acquisition.friends import Friends

WITHIN_A_SECOND = 5.0
"""A second, and patience with a busy machine."""
STATES = {"pauses": "paused", "ends": "ended"}


@given(parsers.parse("Nordlicht gives friends €{euros:d} off their first order from €{minimum:d}, for {days:d} days"))
def programme(friends: Friends, euros: int, minimum: int, days: int) -> None:
    friends.deal.programme(
        friend_deal=fixed(euros),
        minimum_order_minor=minimum * 100,
        claim_days=days,
        first_order_only=True,
    )


@given("Nordlicht sells in all nine languages")
def all_languages(friends: Friends) -> None:
    friends.shop.details |= {"locales": list(LOCALES), "revision": 2}
    friends.shop.tell("acquisition", "shops.shop_changed", friends.shop.details)


@given("Ada passes the deal on")
def ada(friends: Friends) -> None:
    friends.deal.advocate()


@given("somebody whose name is not known passes the deal on")
def nameless(friends: Friends) -> None:
    friends.deal.advocate(first_name="", email="nobody@example.com")


@given("Ben has seen Ada's deal")
@when("Ben opens Ada's deal")
def open_deal(friends: Friends) -> None:
    friends.page = friends.deal.page()


@when(parsers.parse('Ben, whose browser speaks "{language}", opens Ada\'s deal'))
def open_in(friends: Friends, language: str) -> None:
    friends.page = friends.deal.page(**{"accept-language": f"{language},x;q=0.5"})


@when("Ben, whose browser speaks Finnish best and then English, opens Ada's deal")
def open_as_a_finn(friends: Friends) -> None:
    friends.page = friends.deal.page(**{"accept-language": "fi-FI,fi;q=0.9,en-US;q=0.8,en;q=0.7,de;q=0.1"})


@when("Ben opens their deal")
def open_nameless(friends: Friends) -> None:
    friends.page = friends.deal.page("")


@when("Ben opens a deal with a code that nobody has")
def open_unknown(friends: Friends) -> None:
    friends.page = friends.shop.client.get(f"/d/{friends.shop.slug}/0000-0000")
    assert friends.page.status_code == 404


@when("Ada asks the shop to be forgotten")
def forget(friends: Friends) -> None:
    erased = {"customer_id": str(friends.deal.advocates["Ada"].customer_id)}
    friends.shop.tell("acquisition", "shops.customer_erased", erased)


@when(parsers.parse("Nordlicht raises the deal to €{euros:d}"))
def raise_deal(friends: Friends, euros: int) -> None:
    friends.deal.programme(friend_deal=fixed(euros))


@when(parsers.parse("Nordlicht {does} the programme"))
def change_state(friends: Friends, does: str) -> None:
    friends.deal.programme(STATES[does])


@then("he reads that Ada thought of him")
def greeted(friends: Friends) -> None:
    reads(friends, "Ada hat an dich gedacht")


@then(parsers.parse("he reads that he gets €{euros:d} off from an order value of €{minimum:d}"))
def reads_deal(friends: Friends, euros: int, minimum: int) -> None:
    reads(friends, f"{euros}\xa0€")
    reads(friends, f"Ab einem Bestellwert von {minimum}\xa0€")


@then(parsers.parse('he reads "{text}"'))
def reads(friends: Friends, text: str) -> None:
    assert text in friends.page.text


@then("within a second nobody reads Ada's name on the deal")
def unnamed(friends: Friends) -> None:
    friends.shop.eventually(lambda: "Ada" not in friends.deal.page().text, within=WITHIN_A_SECOND)
    assert "Jemand hat an dich gedacht" in friends.deal.page().text


@then(parsers.parse("within a second Ben reads that he gets €{euros:d} off"))
def reads_soon(friends: Friends, euros: int) -> None:
    friends.shop.eventually(lambda: f"{euros}\xa0€" in friends.deal.page().text, within=WITHIN_A_SECOND)


@then(parsers.parse('Ben reads "{text}" on Ada\'s deal, and no form'))
def explained(friends: Friends, text: str) -> None:
    friends.shop.eventually(lambda: text in friends.deal.page().text, within=WITHIN_A_SECOND)
    page = friends.deal.page()
    assert page.status_code in {404, 410}
    assert 'method="post"' not in page.text
