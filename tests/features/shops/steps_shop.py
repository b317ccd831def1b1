"""Steps about the shop and its clock."""

from datetime import datetime
from typing import Any

from pytest_bdd import given, parsers, then, when

from tests.features.shops.office import Office

LANGUAGES = {"German": "de", "English": "en", "Danish": "da"}
FIELDS = {"time zone": "time_zone", "address": "storefront_url", "first language": "default_locale"}
TOLD = {
    "the time zone is not known": "unknown_time_zone",
    "the web address is not valid": "invalid_address",
    "the locale is not supported": "unknown_locale",
    "somebody else changed the shop in the meantime": "shop_was_changed",
    "the clock moves only forward": "clock_only_forward",
    "the clock cannot be moved that far": "clock_too_far",
    "only a shop in test mode has a clock that can be moved": "clock_not_movable",
    "the key is not for this": "missing_scope",
    "nobody can grant what they do not hold themselves": "scope_not_held",
    "this is not an e-mail address": "invalid_email",
}


@given("a shop that is not in test mode")
def real_shop(office: Office) -> None:
    office.shop = office.shop.world.open_shop(test_mode=False)


@given(parsers.parse('a shop "{title}" next door'))
def neighbour(office: Office, title: str) -> None:
    office.neighbour = office.shop.world.open_shop(title=title)


@given("Nora and Emil both look at the shop's details")
@when("Nora looks at the shop's details")
def look(office: Office) -> None:
    office.seen_etag = office.ask("GET", "/shop").headers["etag"]


@given(parsers.parse("the shop was renamed {times:d} times"))
def renamed(office: Office, times: int) -> None:
    for number in range(times):
        office.done(office.ask("PATCH", "/shop", json={"title": f"Nordlicht {number}"}))


@when(parsers.parse('Nora renames the shop to "{title}"'))
def rename(office: Office, title: str) -> None:
    office.done(office.ask("PATCH", "/shop", json={"title": title}))


@when(parsers.parse('Emil, who has not looked again, renames the shop to "{title}"'))
def rename_blindly(office: Office, title: str) -> None:
    assert office.seen_etag is not None
    office.ask("PATCH", "/shop", json={"title": title}, headers={"If-Match": office.seen_etag})


@when(parsers.parse('Nora gives the shop the colour "{colour}"'))
def recolour(office: Office, colour: str) -> None:
    office.done(office.ask("PATCH", "/shop", json={"brand": {"colour": colour}}))


@when(parsers.parse("Nora adds {language} to the shop's languages"))
def add_language(office: Office, language: str) -> None:
    locales = [*office.get("/shop")["locales"], LANGUAGES[language]]
    office.done(office.ask("PATCH", "/shop", json={"locales": locales}))


@when(parsers.parse('Nora sets the shop\'s {detail} to "{value}"'))
def set_detail(office: Office, detail: str, value: str) -> None:
    look(office)
    office.ask("PATCH", "/shop", json={FIELDS[detail]: value})


@when(parsers.parse("Nora moves the shop's clock forward by {days:d} days"))
@when(parsers.parse("Nora moves the shop's clock forward by {days:d} day"))
def move_clock(office: Office, days: int) -> None:
    office.done(office.ask("POST", "/shop/clock", json={"days": days}))


@when("Nora tries to move the shop's clock forward by 1 more day")
def try_to_move_clock(office: Office) -> None:
    office.ask("POST", "/shop/clock", json={"days": 1})


@when("Nora tries to move the shop's clock by no time at all")
def move_clock_nowhere(office: Office) -> None:
    office.ask("POST", "/shop/clock", json={"seconds": 0})


@then(parsers.parse('the shop is called "{title}", is in Germany and sells in euros'))
def details(office: Office, title: str) -> None:
    shop = office.get("/shop")
    assert (shop["title"], shop["country"], shop["currency"]) == (title, "DE", "EUR")


@then(parsers.parse('the shop is called "{title}"'))
def called(office: Office, title: str) -> None:
    assert office.get("/shop")["title"] == title


@then(parsers.parse('the shop\'s colour is "{colour}"'))
def coloured(office: Office, colour: str) -> None:
    assert office.get("/shop")["brand"]["colour"] == colour


@then(parsers.re(r"the shop speaks (?P<languages>.+), (?P<first>\w+) first"))
def speaks(office: Office, languages: str, first: str) -> None:
    shop = office.get("/shop")
    named = languages.replace(" and ", ", ").split(", ")
    assert shop["locales"] == [LANGUAGES[name] for name in named]
    assert shop["default_locale"] == LANGUAGES[first]


@then(parsers.parse("at the shop it is {days:d} days later"))
def later(office: Office, days: int) -> None:
    shop: dict[str, Any] = office.get("/shop")
    assert shop["clock_offset_seconds"] == days * 86_400
    since = datetime.fromisoformat(shop["now"]) - datetime.fromisoformat(shop["opened_at"])
    assert since.days == days


@then(parsers.re(r"(?:she|he|they) (?:is|are) told that (?P<reason>.+)"))
def told(office: Office, reason: str) -> None:
    assert 400 <= office.answer.status_code < 500, office.answer.text
    assert office.answer.json()["code"] == TOLD[reason]


@then("nothing about the shop has changed")
def unchanged(office: Office) -> None:
    before = office.seen_etag
    look(office)
    assert office.seen_etag == before
