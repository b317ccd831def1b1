"""Steps about programmes and their offers."""

import json
from datetime import timedelta

from pytest_bdd import given, parsers, then, when

from adapters.shared.http.ids import from_wire
from tests.features.referral.desk import Desk, euros, terms_of


@given(parsers.parse('a live programme "{deal}"'))
def live_programme(desk: Desk, deal: str) -> None:
    desk.draft(deal)


@given(parsers.parse('a draft programme "{deal}"'))
def draft_programme(desk: Desk, deal: str) -> None:
    desk.draft(deal)


@given(parsers.parse("the minimum order is €{amount:d}, first orders only, with {days:d} days of hold"))
def conditions(desk: Desk, amount: int, days: int) -> None:
    desk.change_draft(minimum_order=euros(str(amount)), first_order_only=True, hold_days=days)
    desk.launch()
    desk.programme["state"] = "live"


@when(parsers.parse('the marketer drafts "{deal}" in Swedish kronor'))
def draft_in_kronor(desk: Desk, deal: str) -> None:
    text = json.dumps({"title": "Friends", "terms": terms_of(deal)}).replace("EUR", "SEK")
    desk.answers.append(desk.post("/programmes", json.loads(text)))


@then(parsers.parse("the draft is refused, because the shop trades in {currency}"))
def refused_currency(desk: Desk, currency: str) -> None:
    (answer,) = desk.answers
    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault["pointer"]) == (422, "/terms/currency")
    assert fault["detail"] == f"The shop trades in {currency}."
    assert desk.get("/programmes")["items"] == []


@when(parsers.parse('the marketer changes the draft to "{deal}"'))
def change_draft(desk: Desk, deal: str) -> None:
    desk.change_draft(**terms_of(deal))


@then("nobody outside knows more than that there is a programme")
def only_drafted(desk: Desk) -> None:
    query = "SELECT name, payload->>'programme_id' FROM referral.outbox WHERE shop_id = %s"
    programme_id = str(from_wire("prg", desk.programme["id"]))
    assert desk.shop.world.sql(query, desk.shop.shop_id) == [("referral.programme_drafted", programme_id)]


@when("the programme is launched")
def launch(desk: Desk) -> None:
    desk.launch()


@when(parsers.re("the programme is (?P<moved>paused|resumed|ended)"))
def move(desk: Desk, moved: str) -> None:
    desk.ensure_live()
    answer = desk.move({"paused": "pause", "resumed": "resume", "ended": "end"}[moved])
    assert answer.status_code == 200, answer.text
    desk.shop.move_clock(seconds=3600)


@given(parsers.parse('the offer was changed to "{deal}" since'))
@when(parsers.parse('an hour later the offer is changed to "{deal}"'))
def change_offer(desk: Desk, deal: str) -> None:
    desk.shop.move_clock(seconds=3600)
    answer = desk.post(f"/programmes/{desk.programme['id']}/offers", {"terms": desk.terms | terms_of(deal)})
    assert answer.status_code == 201, answer.text
    assert answer.json()["offer"]["version"] == 2
    desk.shop.move_clock(seconds=60)


@then("changing its terms is refused")
def terms_fixed(desk: Desk) -> None:
    answer = desk.patch(f"/programmes/{desk.programme['id']}", {"terms": desk.terms})
    assert answer.status_code == 409, answer.text
    assert answer.json()["code"] == "offer_immutable"
    assert desk.get(f"/programmes/{desk.programme['id']}")["offer"]["terms"]["advocate_reward"]["amount"] == euros("15")


@then(parsers.parse('changing its title to "{title}" works'))
def title_changes(desk: Desk, title: str) -> None:
    answer = desk.patch(f"/programmes/{desk.programme['id']}", {"title": title})
    assert answer.status_code == 200, answer.text
    assert answer.json()["title"] == title


@when("two marketers change the title on the same revision")
def edit_twice(desk: Desk) -> None:
    etag = desk.shop.client.get(f"/api/v1/programmes/{desk.programme['id']}", headers=desk.shop.headers).headers["etag"]
    path = f"/programmes/{desk.programme['id']}"
    desk.answers = [desk.patch(path, {"title": title}, **{"if-match": etag}) for title in ("One", "Two")]


@then("the second one is told to read it again")
def second_refused(desk: Desk) -> None:
    first, second = desk.answers
    assert first.status_code == 200
    assert second.status_code == 412
    assert second.json()["code"] == "programme_outdated"
    assert desk.get(f"/programmes/{desk.programme['id']}")["title"] == "One"


@then("it can be neither launched, paused nor resumed")
def stays_ended(desk: Desk) -> None:
    assert [desk.move(move).status_code for move in ("launch", "pause", "resume")] == [409, 409, 409]


@given("the shop is not in test mode")
def real_shop(desk: Desk) -> None:
    desk.shop.world.sql(
        "UPDATE referral.known_shop SET facts = (facts::jsonb || '{\"test_mode\": false}')::json WHERE shop_id = %s",
        desk.shop.shop_id,
    )


@given(parsers.parse("{days:d} days pass"))
@when(parsers.parse("{days:d} days pass"))
def days_pass(desk: Desk, days: int) -> None:
    desk.shop.move_clock(days=days + timedelta(seconds=2) / timedelta(days=1))
