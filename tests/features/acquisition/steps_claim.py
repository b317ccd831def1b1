"""Steps about claims."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from pytest_bdd import given, parsers, then, when

from tests.acquisition.support import code_on, storefront_on
from tests.features.acquisition.friends import Friends


@given(parsers.parse('{friend} has claimed Ada\'s deal as "{email}"'))
@when(parsers.parse('{friend} claims Ada\'s deal as "{email}"'))
@when(parsers.parse('{friend} claims her own deal as "{email}"'))
def claim(friends: Friends, friend: str, email: str) -> None:
    friends.page = friends.deal.claim(email=email, first_name=friend)
    if friends.page.status_code == 200:
        friends.codes.setdefault(friend, []).append(code_on(friends.page).replace("-", ""))


@when(parsers.parse("{days:d} days pass"))
def days_pass(friends: Friends, days: int) -> None:
    friends.shop.move_clock(days=days)


@when("the checkout asks about Ben's code")
def ask_about_ben(friends: Friends) -> None:
    friends.answer = friends.deal.api("GET", f"/deals/{friends.codes['Ben'][0]}")


@when("the checkout asks about Ben's code in small letters with dashes")
def ask_forgivingly(friends: Friends) -> None:
    code = friends.codes["Ben"][0].lower()
    friends.answer = friends.deal.api("GET", f"/deals/{code[:2]}-{code[2:5]}-{code[5:]}".replace("0", "o"))


@when("the checkout asks about Ada's code")
def ask_about_ada(friends: Friends) -> None:
    friends.answer = friends.deal.api("GET", f"/deals/{friends.deal.codes['Ada']}")


@then(parsers.parse("he gets a code of his own that is good for {days:d} days"))
def good_for(friends: Friends, days: int) -> None:
    assert friends.page.status_code == 200, friends.page.text
    (made,) = friends.claims()
    assert made["code"] == code_on(friends.page)
    expires = datetime.fromisoformat(made["expires_at"])
    assert abs(expires - datetime.now(UTC) - timedelta(days=days)) < timedelta(minutes=1)


@then("the way to the shop carries his code and the proof of his claim")
def carried(friends: Friends) -> None:
    address = storefront_on(friends.page)
    assert address.startswith(friends.shop.details["storefront_url"])
    query = parse_qs(urlsplit(address).query)
    assert query["gv_code"] == friends.codes["Ben"]
    assert len(query["gv_claim"][0]) > 100


@then("the other contexts hear that Ben claimed Ada's deal")
def heard(friends: Friends) -> None:
    (fact,) = friends.shop.world.sql(
        "SELECT payload->>'code', payload->>'advocate_id' FROM acquisition.outbox"
        " WHERE shop_id = %s AND name = 'acquisition.deal_claimed'",
        friends.shop.shop_id,
    )
    assert fact == (friends.codes["Ben"][0], str(friends.deal.advocates["Ada"].advocate_id))


@then("he gets the same code again")
def same_code(friends: Friends) -> None:
    assert friends.page.status_code == 200, friends.page.text
    first, again = friends.codes["Ben"]
    assert first == again


@then("only one claim is on record")
def one_claim(friends: Friends) -> None:
    assert len(friends.claims()) == 1


@then("no claim is on record")
def no_claim(friends: Friends) -> None:
    assert friends.claims() == []


@then("she is told that this is her own recommendation")
def own(friends: Friends) -> None:
    assert friends.page.status_code == 422
    assert "Das ist deine eigene Empfehlung" in friends.page.text


@then("he is asked for a valid e-mail address")
def asked_again(friends: Friends) -> None:
    assert friends.page.status_code == 422
    assert "Bitte gib eine gültige E-Mail-Adresse ein" in friends.page.text


@then("what he typed is still there")
def still_there(friends: Friends) -> None:
    assert 'value="ben@"' in friends.page.text
    assert 'value="Ben"' in friends.page.text


@then("the two codes are different")
def different(friends: Friends) -> None:
    assert friends.codes["Ben"] != friends.codes["Cleo"]


@then("he is told that his deal has expired")
def expired(friends: Friends) -> None:
    assert friends.page.status_code == 410
    assert "Dein Angebot ist abgelaufen" in friends.page.text


@then(parsers.parse("it learns that the code takes €{euros:d} off orders from €{minimum:d}"))
def learns(friends: Friends, euros: int, minimum: int) -> None:
    assert friends.answer.status_code == 200, friends.answer.text
    found = friends.answer.json()
    assert found["valid"] is True
    assert found["deal"]["amount"] == {"amount_minor": euros * 100, "currency": "EUR"}
    assert found["deal"]["minimum_order"] == {"amount_minor": minimum * 100, "currency": "EUR"}


@then("it learns that the code has expired")
def learns_expired(friends: Friends) -> None:
    found = friends.answer.json()
    assert (found["valid"], found["refusal"]) == (False, "claim_expired")
