"""Steps about invite codes."""

from datetime import UTC, datetime, timedelta

from pytest_bdd import given, parsers, then, when

from adapters.shared.http.ids import to_wire
from tests.acquisition.support import facts_of_invites, tell_of_the_past
from tests.features.acquisition.friends import Friends

EXPIRES = timedelta(days=30)


@given(parsers.parse('Ada invited friends with the code "{code}", which has {seats:d} seat left'))
@given(parsers.parse('Ada invited friends with the code "{code}", which has {seats:d} seats left'))
def invited(friends: Friends, code: str, seats: int) -> None:
    body = {
        "inviter": {"email": "ada@example.com", "first_name": "Ada"},
        "code": code,
        "seats": seats,
        "expires_at": (datetime.now(UTC) + EXPIRES).isoformat(),
    }
    answer = friends.deal.api("POST", "/invites", json=body)
    assert answer.status_code == 201, answer.text


@given(parsers.parse('the campaign "{campaign}" has a code with {seats:d} seats'))
def campaign(friends: Friends, campaign: str, seats: int) -> None:
    expires_at = (datetime.now(UTC) + EXPIRES).isoformat()
    body = {"campaign": campaign, "prefix": "FAIR", "seats": seats, "expires_at": expires_at}
    answer = friends.deal.api("POST", "/invites", json=body)
    assert answer.status_code == 201, answer.text
    friends.campaign_code = answer.json()["code"]
    assert friends.campaign_code.startswith("FA1R")


@given(parsers.parse('{who} has redeemed "{code}"'))
@when(parsers.parse('{who} redeems "{code}"'))
def redeem(friends: Friends, who: str, code: str) -> None:
    body = {"code": code, "customer": {"email": f"{who.lower()}@example.com", "first_name": who}}
    friends.answer = friends.deal.api("POST", "/redemptions", json=body)


@when("Bob redeems the campaign's code")
def redeem_campaign(friends: Friends) -> None:
    redeem(friends, "Bob", friends.campaign_code)


@given("that was before others heard of invite codes")
def unheard_of(friends: Friends) -> None:
    """As an older version left it."""
    shop = friends.deal.shop
    shop.world.sql("UPDATE acquisition.invite SET told = false WHERE shop_id = %s", shop.shop_id)


@when("Grapevine has been brought up to date")
def up_to_date(friends: Friends) -> None:
    for _ in range(2):
        tell_of_the_past(friends.deal.shop.world)


@then(parsers.parse('others are told of the code "{code}", once more'))
def told_once_more(friends: Friends, code: str) -> None:
    assert facts_of_invites(friends.deal.shop) == [code.replace("-", "")] * 2


@then("Bob is credited to Ada")
def credited(friends: Friends) -> None:
    assert friends.answer.status_code == 201, friends.answer.text
    ada = friends.deal.know(email="ada@example.com")
    assert friends.answer.json()["inviter_id"] == to_wire("cus", ada.customer_id)


@then(parsers.parse("the code has {seats:d} seats left"))
def seats_left(friends: Friends, seats: int) -> None:
    assert friends.invite("ADA22026")["seats_left"] == seats


@then(parsers.parse('Bob is counted for "{campaign}"'))
def counted(friends: Friends, campaign: str) -> None:
    assert friends.answer.status_code == 201, friends.answer.text
    assert (friends.answer.json()["campaign"], friends.answer.json()["inviter_id"]) == (campaign, None)


@then("she is told that no seats are left")
def exhausted(friends: Friends) -> None:
    _refused(friends, 409, "invite_exhausted")


@then("she is told that this is her own invitation")
def own(friends: Friends) -> None:
    _refused(friends, 409, "self_referral")


@then("he is told that the code has expired")
def expired(friends: Friends) -> None:
    _refused(friends, 410, "invite_expired")


@then("he is told that he has used the code already")
def used(friends: Friends) -> None:
    _refused(friends, 409, "invite_limit_reached")


def _refused(friends: Friends, status: int, code: str) -> None:
    assert (friends.answer.status_code, friends.answer.json()["code"]) == (status, code)
