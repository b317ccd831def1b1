"""Claims and deals over the API, and facts that come in any order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.ids import new_id
from tests.acquisition.support import DealWorld, fixed
from tests.support.world import ShopWorld, World


def test_a_claim_says_all_that_a_shop_needs(deal: DealWorld) -> None:
    made = deal.claim_by_api(email="ben@example.com", first_name="Ben", reference="customer-1042")
    assert made.status_code == 201, made.text
    claim = made.json()
    assert claim["advocate_id"] == to_wire("adv", deal.advocates["Ada"].advocate_id)
    assert claim["deal"]["amount"] == {"amount_minor": 1000, "currency": "EUR"}
    assert claim["token"]
    assert deal.api("GET", f"/claims/{claim['id']}").json()["code"] == claim["code"]
    found = deal.api("GET", f"/deals/{claim['code']}").json()
    assert (found["valid"], found["source"], found["claim_id"]) == (True, "claim", claim["id"])
    assert "Ada" not in str(found)
    again = deal.claim_by_api(email="ben@example.com").json()
    assert again["id"] == claim["id"]


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"advocate_code": "0000"}, 404, "unknown_deal", "/advocate_code"),
        ({"advocate_code": "???"}, 422, "malformed_code", "/advocate_code"),
        ({"friend": {}}, 422, "nobody_named", "/friend"),
        ({"friend": {"email": "ben@@example.com"}}, 422, "invalid_email", "/friend/email"),
        ({"friend": {"email": "ADA@example.com"}}, 409, "self_referral", "/friend"),
        ({"locale": "xx"}, 400, "invalid_request", "/locale"),
        ({"click_token": "A" * 2000}, 400, "invalid_request", "/click_token"),
    ],
)
def test_what_cannot_be_claimed_is_refused(
    deal: DealWorld, body: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    sent = {"advocate_code": deal.codes["Ada"], "friend": {"email": "ben@example.com"}, "locale": "de"} | body
    answer = deal.api("POST", "/claims", json=sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(("state", "status"), [("paused", 409), ("ended", 410), ("draft", 404)])
def test_a_deal_that_is_not_live_is_not_claimed(deal: DealWorld, state: str, status: int) -> None:
    deal.programme(state)
    refused = deal.claim_by_api(email="ben@example.com")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (status, "/advocate_code")
    found = deal.api("GET", f"/deals/{deal.codes['Ada']}")
    if state == "draft":
        assert found.status_code == 404
    else:
        assert (found.json()["valid"], found.json()["refusal"]) == (False, f"deal_{state}")


def test_a_claimed_deal_stays_what_was_promised_when_the_offer_changes(deal: DealWorld) -> None:
    def amount(answer: Any) -> Any:
        return answer.json()["deal"]["amount"]["amount_minor"]

    made = deal.claim_by_api(email="ben@example.com")
    deal.programme("live", version=2, friend_deal=fixed(20))
    again = deal.claim_by_api(email="ben@example.com")
    assert (amount(made), amount(again)) == (1000, 1000)
    assert amount(deal.api("GET", f"/deals/{made.json()['code']}")) == 1000
    assert amount(deal.api("GET", f"/deals/{deal.codes['Ada']}")) == 2000
    assert amount(deal.claim_by_api(email="cleo@example.com")) == 2000
    told = "SELECT payload ->> 'offer_version' FROM acquisition.outbox WHERE shop_id = %s AND name = %s ORDER BY 1"
    assert deal.shop.world.sql(told, deal.shop.shop_id, "acquisition.deal_claimed") == [("1",), ("2",)]


def test_an_idempotency_key_gives_the_same_answer(deal: DealWorld) -> None:
    body = {"advocate_code": deal.codes["Ada"], "friend": {"email": "ben@example.com"}, "locale": "de"}
    answers = [deal.api("POST", "/claims", json=body, headers={"idempotency-key": "one"}).json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]


def test_claims_are_listed_page_by_page(deal: DealWorld) -> None:
    deal.advocate("Eva", "eva@example.com")
    made = [deal.claim_by_api(email=f"friend{i}@example.com").json()["id"] for i in range(3)]
    other = deal.claim_by_api("Eva", email="friend0@example.com").json()["id"]
    first = deal.api("GET", "/claims?limit=2").json()
    second = deal.api("GET", f"/claims?limit=2&cursor={first['next_cursor']}").json()
    assert [claim["id"] for claim in first["items"] + second["items"]] == [other, *made[::-1]]
    of_eva = deal.api("GET", f"/claims?advocate_id={to_wire('adv', deal.advocates['Eva'].advocate_id)}").json()
    assert [claim["id"] for claim in of_eva["items"]] == [other]
    assert deal.api("GET", "/claims?advocate_id=nonsense").status_code == 404


def test_no_shop_sees_anothers_claims(deal: DealWorld, world: World) -> None:
    claim = deal.claim_by_api(email="ben@example.com").json()
    other = DealWorld(world.open_shop())
    assert other.api("GET", f"/claims/{claim['id']}").status_code == 404
    assert other.api("GET", f"/deals/{claim['code']}").status_code == 404
    assert other.api("GET", "/claims").json()["items"] == []
    assert world.client.get(f"/d/{other.shop.slug}/{deal.codes['Ada']}").status_code == 404


def test_keys_need_the_scope(deal: DealWorld) -> None:
    reader = deal.shop.new_key("acquisition:read")
    body = {"advocate_code": deal.codes["Ada"], "friend": {"email": "ben@example.com"}, "locale": "de"}
    assert deal.api("POST", "/claims", json=body, key=reader).status_code == 403
    assert deal.api("GET", "/claims", key=reader).status_code == 200
    assert deal.api("GET", "/claims", key="nonsense").status_code == 401


def test_facts_may_come_in_any_order_and_again(shop: ShopWorld) -> None:
    deal = DealWorld(shop)
    deal.advocate()
    assert deal.page().status_code == 404
    deal.programme("paused")
    old = shop.world.sql("SELECT revision FROM acquisition.programme WHERE shop_id = %s", shop.shop_id)
    deal.revision = 4
    deal.programme("live")
    deal.revision = 2
    deal.programme("ended")
    assert old == [(1,)]
    shop.eventually(lambda: deal.page().status_code == 200, within=5)
    deal.enrol(deal.advocates["Ada"])
    assert deal.page().status_code == 200


def test_an_erasure_heard_first_is_remembered(deal: DealWorld) -> None:
    known = deal.know(email="eva@example.com", first_name="Eva")
    deal.shop.tell("acquisition", "shops.customer_erased", {"customer_id": str(known.customer_id)})
    deal.advocate("Eva", "eva@example.com")
    assert "Eva" not in deal.page("Eva").text


def test_claim_ids_are_made_for_their_time(deal: DealWorld) -> None:
    made = deal.claim_by_api(email="ben@example.com").json()
    claim_id = from_wire("clm", made["id"])
    assert abs((claim_id.int >> 80) / 1000 - datetime.now(UTC).timestamp()) < 60
    assert new_id().int > claim_id.int


def test_of_whom_no_deal_is_for_nothing_is_kept(deal: DealWorld) -> None:
    before = deal.shop.people_kept()
    friend = {"friend": {"email": "stranger@example.com"}, "locale": "de"}
    assert deal.api("POST", "/claims", json={"advocate_code": "0000", **friend}).status_code == 404
    deal.programme("paused")
    assert deal.api("POST", "/claims", json={"advocate_code": deal.codes["Ada"], **friend}).status_code == 409
    tomorrow, later = ((datetime.now(UTC) + timedelta(days=days)).isoformat() for days in (1, 2))
    period = {"valid_from": tomorrow, "expires_at": later}
    early = deal.api("POST", "/invites", json={"campaign": "Fair", "seats": 1, **period}).json()["code"]
    for code, refusal in (("NOBODYS1", "invite_not_found"), (early, "invite_not_yet_valid")):
        body = {"code": code, "customer": {"email": "stranger@example.com"}}
        assert deal.api("POST", "/redemptions", json=body).json()["code"] == refusal
    assert deal.shop.people_kept() == before


def test_of_whom_a_used_up_invite_is_for_nothing_is_kept(deal: DealWorld) -> None:
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = deal.api("POST", "/invites", json={"campaign": "Fair", "seats": 1, "expires_at": later}).json()

    def redeem(email: str) -> str:
        body = {"code": made["code"], "customer": {"email": email}}
        answer = deal.api("POST", "/redemptions", json=body)
        return str(answer.json().get("code") if answer.status_code != 201 else "redeemed")

    assert redeem("first@example.com") == "redeemed"
    kept = deal.shop.people_kept()
    assert redeem("second@example.com") == "invite_exhausted"
    assert redeem("first@example.com") == "invite_limit_reached"
    assert deal.shop.people_kept() == kept
