"""Invite codes over HTTP, and the race for the last seat."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from acquisition.application import tell_old_invites
from tests.acquisition.support import DealWorld, facts_of_invites, tell_of_the_past
from tests.support.world import World

LATER = (datetime.now(UTC) + timedelta(days=30)).isoformat()


def create(deal: DealWorld, **changes: Any) -> Any:
    body = {"campaign": "Fair", "seats": 3, "expires_at": LATER} | changes
    return deal.api("POST", "/invites", json=body)


def redeem(deal: DealWorld, code: str, email: str) -> Any:
    return deal.api("POST", "/redemptions", json={"code": code, "customer": {"email": email}})


def test_fifty_at_once_for_the_last_seat(deal: DealWorld) -> None:
    code = create(deal, seats=1).json()["code"]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda i: redeem(deal, code, f"friend{i}@example.com"), range(50)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"invite_exhausted"}
    assert deal.api("GET", f"/invites/{code}").json()["seats_left"] == 0
    seats = "SELECT count(*) FROM acquisition.invite_seat WHERE shop_id = %s"
    facts = "SELECT count(*) FROM acquisition.outbox WHERE shop_id = %s AND name = 'acquisition.invite_redeemed'"
    for query in (seats, facts):
        assert deal.shop.world.sql(query, deal.shop.shop_id) == [(1,)]


def test_one_person_at_once_takes_what_one_person_may(deal: DealWorld) -> None:
    code = create(deal, seats=20, per_person=2).json()["code"]
    with ThreadPoolExecutor(10) as pool:
        spelled = ("ben@example.com", "Ben@example.com", "BEN@Example.com") * 3
        answers = list(pool.map(lambda email: redeem(deal, code, email), spelled))
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [409] * 7


def test_what_a_code_does_not_admit_names_what_is_at_odds(deal: DealWorld) -> None:
    now = datetime.now(UTC)
    later = create(deal, seats=1, valid_from=(now + timedelta(days=1)).isoformat()).json()["code"]
    full = create(deal, seats=1).json()["code"]
    once = create(deal, seats=9).json()["code"]
    hers = create(deal, campaign="", inviter={"email": "ada@example.com"}).json()["code"]
    taken = [redeem(deal, full, "cleo@example.com"), redeem(deal, once, "ben@example.com")]
    assert [answer.status_code for answer in taken] == [201, 201]
    refused = [
        redeem(deal, later, "ben@example.com"),
        redeem(deal, full, "ben@example.com"),
        redeem(deal, once, "ben@example.com"),
        redeem(deal, hers, "ada@example.com"),
    ]
    assert [(answer.json()["code"], answer.json()["errors"][0]["pointer"]) for answer in refused] == [
        ("invite_not_yet_valid", "/code"),
        ("invite_exhausted", "/code"),
        ("invite_limit_reached", "/customer"),
        ("self_referral", "/customer"),
    ]


def test_codes_from_before_are_told_of_in_bounded_batches_and_once(
    deal: DealWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tell_old_invites, "MOST_AT_ONCE", 2)
    codes = sorted(create(deal, code=f"FA1R-{number}").json()["code"].replace("-", "") for number in range(5))
    tell_of_the_past(deal.shop.world)
    assert facts_of_invites(deal.shop) == codes
    forget = "UPDATE acquisition.invite SET told = false WHERE shop_id = %s AND code <> %s"
    deal.shop.world.sql(forget, deal.shop.shop_id, codes[0])
    for _ in range(2):
        tell_of_the_past(deal.shop.world)
    assert facts_of_invites(deal.shop) == sorted(codes + codes[1:])


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"campaign": ""}, 422, "invalid_invite"),
        ({"inviter": {"email": "ada@example.com"}}, 422, "invalid_invite"),
        ({"inviter": {"email": "ada@"}, "campaign": ""}, 422, "invalid_email"),
        ({"inviter": {}, "campaign": ""}, 422, "nobody_named"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 422, "invalid_invite"),
        ({"expires_at": "2036-01-01T00:00:00"}, 400, "invalid_request"),
        ({"code": "AB"}, 422, "invalid_invite"),
        ({"code": "AB?DEF"}, 422, "malformed_code"),
        ({"prefix": "é"}, 422, "malformed_code"),
        ({"seats": 0}, 400, "invalid_request"),
        ({"seats": 2**63}, 400, "invalid_request"),
        ({"more": 1}, 400, "invalid_request"),
    ],
)
def test_what_makes_no_sense_is_refused(deal: DealWorld, changes: dict[str, Any], status: int, code: str) -> None:
    answer = create(deal, **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert deal.api("GET", "/invites").json()["items"] == []


def test_a_wanted_code_is_given_once_and_told_once(deal: DealWorld) -> None:
    assert create(deal, code="SUMMER-26").status_code == 201
    again = create(deal, code="5ummer26".replace("5", "S"))
    assert (again.status_code, again.json()["code"]) == (409, "code_taken")
    taken = create(deal, code=deal.codes["Ada"])
    assert (taken.status_code, taken.json()["code"]) == (409, "code_taken")
    query = "SELECT payload->>'code', payload->>'campaign' FROM acquisition.outbox WHERE shop_id = %s AND name = %s"
    told = deal.shop.world.sql(query, deal.shop.shop_id, "acquisition.invite_created")
    assert told == [("SVMMER26", "Fair")]


def test_lists_go_page_by_page(deal: DealWorld) -> None:
    made = [create(deal, campaign=f"Fair {i}").json()["code"] for i in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        query = f"/invites?limit=2{'&cursor=' + cursor if cursor else ''}"
        page = deal.api("GET", query).json()
        seen += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]
    assert deal.api("GET", "/invites?cursor=nonsense").status_code == 422


def test_no_shop_sees_anothers_codes(deal: DealWorld, world: World) -> None:
    code = create(deal).json()["code"]
    other = DealWorld(world.open_shop())
    assert other.api("GET", f"/invites/{code}").status_code == 404
    assert redeem(other, code, "ben@example.com").status_code == 404
    assert other.api("GET", "/invites").json()["items"] == []


def test_unknown_codes_are_not_found(deal: DealWorld) -> None:
    answer = redeem(deal, "7K2M-9QX0", "ben@example.com")
    assert (answer.status_code, answer.json()["code"]) == (404, "invite_not_found")
    assert redeem(deal, "?", "ben@example.com").status_code == 422


@pytest.mark.parametrize(
    ("field", "moment"),
    [("expires_at", "9999-12-31T23:59:59-14:00"), ("valid_from", "0001-01-01T00:00:00+14:00")],
)
def test_a_moment_outside_the_calendar_is_refused_and_spoils_no_list(deal: DealWorld, field: str, moment: str) -> None:
    refused = create(deal, **{field: moment})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"/{field}")
    made = create(deal, expires_at="9999-12-31T12:00:00+02:00")
    assert made.json()["expires_at"] == "9999-12-31T10:00:00Z"
    assert [one["code"] for one in deal.api("GET", "/invites").json()["items"]] == [made.json()["code"]]
