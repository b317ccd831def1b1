"""Steps about customers."""

from typing import Any

from pytest_bdd import given, parsers, then, when

from tests.features.shops.office import Office


def identify(office: Office, **said: str) -> dict[str, Any]:
    met: dict[str, Any] = office.done(office.ask("POST", "/customers", json=said))
    office.customers.append(met)
    return met


def record(office: Office, reference: str) -> dict[str, Any]:
    met = office.done(office.ask("POST", "/customers", json={"reference": reference}))
    found: dict[str, Any] = office.get(f"/customers/{met['id']}")
    return found


@given(parsers.parse('Ada bought as a guest with "{email}"'))
def guest(office: Office, email: str) -> None:
    identify(office, email=email)


@given(parsers.parse('the shop\'s customer "{reference}" has the address "{email}"'))
@when(parsers.parse('the shop reports its customer "{reference}" with "{email}"'))
def reported(office: Office, reference: str, email: str) -> None:
    identify(office, reference=reference, email=email)


@when(parsers.parse('the shop reports its customer "{reference}" called "{name}"'))
def named(office: Office, reference: str, name: str) -> None:
    identify(office, reference=reference, first_name=name)


@when(parsers.parse('somebody called "{name}" buys as a guest with "{email}"'))
def guest_called(office: Office, name: str, email: str) -> None:
    identify(office, email=email, first_name=name)


@when(parsers.parse('somebody types "{email}" as their address'))
def mistyped(office: Office, email: str) -> None:
    office.ask("POST", "/customers", json={"email": email})


@when(parsers.parse('the customer "{reference}" asks to be forgotten'))
def forget(office: Office, reference: str) -> None:
    office.done(office.ask("DELETE", f"/customers/{record(office, reference)['id']}"))


@then("both are the same customer")
def same(office: Office) -> None:
    assert office.customers[0]["id"] == office.customers[1]["id"]


@then("they are two customers but one person")
def one_person(office: Office) -> None:
    first, second = office.customers
    assert first["id"] != second["id"]
    assert first["person_id"] == second["person_id"]


@then("they are two customers and two people")
def two_people(office: Office) -> None:
    first, second = office.customers
    assert first["id"] != second["id"]
    assert first["person_id"] != second["person_id"]


@then(parsers.parse('the customer "{reference}" is called "{name}"'))
def is_called(office: Office, reference: str, name: str) -> None:
    assert record(office, reference)["first_name"] == name


@then(parsers.parse('the customer "{reference}" is not called "{name}"'))
def is_not_called(office: Office, reference: str, name: str) -> None:
    assert record(office, reference)["first_name"] != name


@then(parsers.parse('the customer "{reference}" is reached at "{email}"'))
def reached_at(office: Office, reference: str, email: str) -> None:
    assert record(office, reference)["email"] == email


@then("nothing is known of that customer any more")
def forgotten(office: Office) -> None:
    known = office.customers[0]
    assert office.ask("GET", f"/customers/{known['id']}").status_code == 410
    left = office.shop.world.sql(
        "SELECT concat(reference, email, first_name, last_name, locale, phone) FROM shops.customer"
        " WHERE shop_id = %s AND erased_at IS NOT NULL",
        office.shop.shop_id,
    )
    assert left == [("",)]


@then(parsers.parse('whoever comes with "{email}" is somebody new'))
def somebody_new(office: Office, email: str) -> None:
    before = office.customers[0]
    assert identify(office, email=email)["id"] != before["id"]


@then(parsers.parse('the people of "{title}" find no such customer'))
def not_found_next_door(office: Office, title: str) -> None:
    assert office.neighbour is not None
    assert office.neighbour.details["title"] == title
    for method in ("GET", "DELETE"):
        path = f"/customers/{office.customers[0]['id']}"
        assert office.ask(method, path, key=office.neighbour.key).status_code == 404


@then(parsers.parse('Ada is another person at "{title}"'))
def another_person_next_door(office: Office, title: str) -> None:
    assert office.neighbour is not None
    assert office.neighbour.details["title"] == title
    said = {"reference": "1042", "email": "ada@example.com"}
    there = office.done(office.ask("POST", "/customers", key=office.neighbour.key, json=said))
    assert there["person_id"] != office.customers[0]["person_id"]
