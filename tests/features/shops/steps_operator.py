"""Steps about the operator, who opens shops."""

import secrets
from typing import Any

from pytest_bdd import given, parsers, then, when

from kernel.errors import DomainError
from tests.features.shops.office import Office

REFUSALS = {
    "another shop has this address": "slug_taken",
    "the country is not supported": "unknown_country",
    "the currency is not supported": "unknown_currency",
    "the locale is not supported": "unknown_locale",
    "the address is not valid": "invalid_slug",
}
WISHES: dict[str, dict[str, Any]] = {
    "in Great Britain": {"country": "GB"},
    "selling in dollars": {"currency": "USD"},
    "speaking Portuguese": {"locales": ["pt"]},
    'under the address "A Shop"': {"slug": "A Shop"},
}


def try_to_open(office: Office, **details: Any) -> None:
    try:
        office.shop.world.open_shop(**details)
    except DomainError as refusal:
        office.refusal = refusal


@when(parsers.parse('the operator opens the shop "{title}" in Denmark, selling in Danish kroner'))
def open_in_denmark(office: Office, title: str) -> None:
    office.neighbour = office.shop.world.open_shop(
        title=title, country="DK", currency="DKK", locales=["da", "en"], time_zone="Europe/Copenhagen"
    )


@given(parsers.parse('the operator opened the shop "{title}" under the address "{slug}"'))
def opened_under(office: Office, title: str, slug: str) -> None:
    office.neighbour = office.shop.world.open_shop(title=title, slug=f"{slug}-{secrets.token_hex(4)}")


@when("the operator opens another shop under that address")
def open_under_the_same(office: Office) -> None:
    assert office.neighbour is not None
    try_to_open(office, slug=office.neighbour.slug)


@when(parsers.re(r"the operator opens a shop (?P<wish>(?:in Great|selling|speaking|under the address \").+)"))
def open_impossible(office: Office, wish: str) -> None:
    try_to_open(office, **WISHES[wish])


@then(parsers.parse('the people of "{title}" see their shop with the key they were given'))
def see_their_shop(office: Office, title: str) -> None:
    assert office.neighbour is not None
    shop = office.get("/shop", key=office.neighbour.key)
    assert (shop["title"], shop["country"], shop["currency"]) == (title, "DK", "DKK")
    assert shop["locales"] == ["da", "en"]


@then("their audit log begins with the opening, by the operator")
def opening_is_noted(office: Office) -> None:
    assert office.neighbour is not None
    first = office.get("/audit-log?limit=100", key=office.neighbour.key)["items"][-1]
    assert (first["position"], first["action"], first["actor"]["kind"]) == (1, "shop.opened", "operator")


@then(parsers.parse("the operator is told that {reason}"))
def operator_is_told(office: Office, reason: str) -> None:
    assert office.refusal is not None
    assert office.refusal.code == REFUSALS[reason]
