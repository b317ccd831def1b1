"""Steps about consent and unsubscribing."""

from typing import Any

from pytest_bdd import given, parsers, then, when

from adapters.shared.http.ids import to_wire
from tests.features.engagement.desk import Desk


def decide(desk: Desk, decision: str) -> Any:
    return desk.post(
        "/consents",
        {
            "customer_id": to_wire("cus", desk.customers["Ada"]),
            "purpose": "rewards",
            "channel": "email",
            "decision": decision,
            "text_version": "account-settings-3",
            "proof": "account:8812",
        },
    )


def history(desk: Desk) -> list[dict[str, Any]]:
    answer = desk.get("/consents", customer_id=to_wire("cus", desk.customers["Ada"]))
    assert answer.status_code == 200, answer.text
    entries: list[dict[str, Any]] = answer.json()["history"]
    return entries


@given(parsers.parse('the shop suppresses Ada\'s address, typed as "{typed}"'))
def _(desk: Desk, typed: str) -> None:
    desk.answer = desk.post("/suppressions", {"email": typed})
    assert desk.answer.status_code == 201, desk.answer.text


@when("Ada follows its unsubscribe link and confirms")
def _(desk: Desk) -> None:
    asked = desk.shop.client.get(desk.unsubscribe_path())
    assert asked.status_code == 200
    assert asked.headers["content-type"] == "text/html; charset=utf-8"
    assert "Yes, no more e-mails" in asked.text
    desk.answer = desk.shop.client.post(desk.unsubscribe_path(), data={"confirm": "yes"})


@when("a mail scanner opens its unsubscribe link")
def _(desk: Desk) -> None:
    assert desk.shop.client.get(desk.unsubscribe_path()).status_code == 200


@when("her mail program unsubscribes her with one click")
def _(desk: Desk) -> None:
    assert desk.mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    answer = desk.shop.client.post(desk.unsubscribe_path(), data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200, answer.text


@when("somebody follows its unsubscribe link with a letter changed")
def _(desk: Desk) -> None:
    path = desk.unsubscribe_path()
    changed = path[:-3] + ("A" if path[-3] != "A" else "B") + path[-2:]
    desk.answer = desk.shop.client.get(changed, headers={"accept-language": "en"})


@when("the shop takes her address off the list")
def _(desk: Desk) -> None:
    (entry,) = desk.get("/suppressions").json()["items"]
    path = f"/api/v1/suppressions/{entry['address_hash']}"
    assert desk.shop.client.delete(path, headers=desk.shop.headers).status_code == 204
    assert desk.shop.client.delete(path, headers=desk.shop.headers).status_code == 404


@when("Ada withdraws her consent to mails about rewards")
def _(desk: Desk) -> None:
    assert decide(desk, "withdrawn").status_code == 201


@when("Ada gives her consent to mails about rewards")
def _(desk: Desk) -> None:
    assert decide(desk, "granted").status_code == 201


@then(parsers.parse('she reads "{text}"'))
def _(desk: Desk, text: str) -> None:
    assert desk.answer.status_code == 200
    assert text in desk.answer.text


@then("they read that the link does not work")
def _(desk: Desk) -> None:
    assert desk.answer.status_code == 404
    assert "This link does not work" in desk.answer.text


@then("when Ada earns another reward, she gets no mail because she is suppressed")
def _(desk: Desk) -> None:
    desk.another_reward()
    newest = desk.settled("Ada")[0]
    assert (newest["state"], newest["reason"]) == ("skipped", "suppressed")


@then("when Ada earns another reward, she gets no mail because she withdrew her consent")
def _(desk: Desk) -> None:
    desk.another_reward()
    newest = desk.settled("Ada")[0]
    assert (newest["state"], newest["reason"]) == ("skipped", "consent_withdrawn")


@then("when Ada earns another reward, she gets a mail")
def _(desk: Desk) -> None:
    desk.another_reward()
    assert desk.settled("Ada")[0]["state"] == "sent"
    desk.next_mail("Ada", "Your friend ordered: €7.00 for you")


@then(parsers.parse('the shop sees one withdrawal, proven by "{proof}"'))
def _(desk: Desk, proof: str) -> None:
    (entry,) = history(desk)
    assert (entry["decision"], entry["proof"], entry["country"]) == ("withdrawn", proof, "DE")


@then("nothing in the list reads like her address")
def _(desk: Desk) -> None:
    answer = desk.get("/suppressions")
    assert len(answer.json()["items"]) == 1
    assert "ada" not in answer.text.lower().replace(answer.json()["items"][0]["address_hash"], "")
    assert "example" not in answer.text


@then("the shop sees both decisions, the newer first")
def _(desk: Desk) -> None:
    assert [entry["decision"] for entry in history(desk)] == ["granted", "withdrawn"]
