"""Engagement over HTTP: whose data it is, who may ask, and what hostile input does."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.di import Provide
from litestar.testing import TestClient

from adapters.engagement.http.outbox import OutboxController
from adapters.engagement.mail.folder import FolderPost
from adapters.shared.http.ids import to_wire
from adapters.shared.http.problems import HANDLERS
from adapters.shared.ids import new_id
from adapters.shared.settings import AppSettings
from tests.engagement.samples import BASE_URL, mail
from tests.features.engagement.desk import Desk
from tests.support.world import ShopWorld, World

HOSTILE = ["", " ", "\x00", "'; DROP TABLE consent; --", "<script>", "\u202e", "\ud7ff", "𝒳" * 300, "%00", "{}", "null"]


@pytest.fixture
def desk(shop: ShopWorld) -> Desk:
    desk = Desk(shop)
    desk.tell_programme()
    desk.enrol("Ada")
    return desk


def consent(**changes: Any) -> dict[str, Any]:
    return {
        "customer_id": to_wire("cus", new_id()),
        "purpose": "marketing",
        "channel": "email",
        "decision": "granted",
        "text_version": "newsletter-1",
        "proof": "form:1",
    } | changes


def test_another_shop_sees_nothing(desk: Desk, world: World) -> None:
    other = world.open_shop()
    kit = f"/api/v1/share-kits/{to_wire('adv', desk.advocate['advocate_id'])}"
    assert desk.shop.client.get(kit, headers=desk.shop.headers).status_code == 200
    assert desk.shop.client.get(kit, headers=other.headers).status_code == 404
    suppressed = desk.post("/suppressions", {"email": "ada@example.com"}).json()
    path = f"/api/v1/suppressions/{suppressed['address_hash']}"
    assert desk.shop.client.get(path, headers=other.headers).status_code == 404
    assert desk.shop.client.delete(path, headers=other.headers).status_code == 404
    assert desk.shop.client.get("/api/v1/suppressions", headers=other.headers).json()["items"] == []
    desk.tell_reward("Ada", "pending", 1250)
    assert desk.settled("Ada")
    assert desk.shop.client.get("/api/v1/messages", headers=other.headers).json()["items"] == []


def test_a_publishable_key_may_not_even_report_shares(desk: Desk) -> None:
    headers = {"authorization": f"Bearer {desk.shop.new_key(kind='publishable')}"}
    body = {"advocate_id": to_wire("adv", desk.advocate["advocate_id"]), "channel": "copy"}
    assert desk.shop.client.post("/api/v1/shares", json=body, headers=headers).status_code == 403
    assert desk.shop.client.get("/api/v1/messages", headers=headers).status_code == 403
    assert desk.shop.client.post("/api/v1/consents", json=consent(), headers=headers).status_code == 403
    assert desk.shop.client.get("/api/v1/messages").status_code == 401


def test_a_key_needs_its_scope(desk: Desk) -> None:
    reader = {"authorization": f"Bearer {desk.shop.new_key('engagement:read')}"}
    assert desk.shop.client.get("/api/v1/suppressions", headers=reader).status_code == 200
    refused = desk.shop.client.post("/api/v1/suppressions", json={"email": "a@b.example"}, headers=reader)
    assert refused.json()["code"] == "missing_scope"


def test_a_share_of_nobody_points_at_the_advocate(desk: Desk) -> None:
    answer = desk.post("/shares", {"advocate_id": to_wire("adv", new_id()), "channel": "x"})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_advocate")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/advocate_id"]


def test_a_repeated_request_counts_one_share(desk: Desk) -> None:
    body = {"advocate_id": to_wire("adv", desk.advocate["advocate_id"]), "channel": "copy"}
    headers = desk.shop.headers | {"idempotency-key": f"share-{new_id()}"}
    first, second = (desk.shop.client.post("/api/v1/shares", json=body, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    counted = desk.shop.world.sql("SELECT count(*) FROM engagement.share WHERE shop_id = %s", desk.shop.shop_id)
    assert counted == [(1,)]


@pytest.mark.parametrize("field", ["customer_id", "purpose", "text_version", "proof", "country", "unheard_of"])
def test_hostile_consent_is_refused_or_kept_as_it_is(desk: Desk, field: str) -> None:
    for hostile in HOSTILE:
        answer = desk.post("/consents", consent(**{field: hostile}))
        assert answer.status_code in (201, 400, 404, 422), answer.text
        if answer.status_code == 201:
            assert answer.json()[field] == hostile
        else:
            assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_questions_get_a_clear_answer(desk: Desk, hostile: str) -> None:
    asked = [
        desk.kit(text=hostile),
        desk.kit(locale=hostile),
        desk.get("/messages", cursor=hostile),
        desk.get("/messages", customer_id=hostile),
        desk.get("/suppressions", cursor=hostile),
        desk.get("/consents", customer_id=hostile),
        desk.post("/suppressions", {"email": hostile}),
    ]
    assert {answer.status_code for answer in asked} <= {200, 201, 400, 404, 422}, [a.text for a in asked]


@pytest.mark.parametrize(
    "name", ["x.svg", "7K2M9QX0.png", "7K2M9QX0", "....svg", "%00.svg", f"{'A' * 300}.svg", "-.svg"]
)
def test_pictures_of_nothing_are_not_found(desk: Desk, name: str) -> None:
    assert desk.shop.client.get(f"/qr/{name}").status_code == 404


def test_a_code_is_drawn_however_it_is_typed(desk: Desk) -> None:
    code = desk.advocate["link_code"]
    pictures = {desk.shop.client.get(f"/qr/{typed}.svg").content for typed in (code, code.upper())}
    assert len(pictures) == 1


def test_lists_come_in_pages(desk: Desk) -> None:
    for number in range(5):
        desk.post("/suppressions", {"email": f"person{number}@example.com", "scope": "marketing"})
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = desk.get("/suppressions", **query).json()
        seen += [item["address_hash"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5


def test_tokens_that_are_none_open_nothing(desk: Desk) -> None:
    for token in ("x", "AAAA", "%2e%2e", "a" * 3000):
        for answer in (desk.shop.client.get(f"/u/{token}"), desk.shop.client.post(f"/u/{token}", content=b"x")):
            assert answer.status_code == 404
            assert answer.headers["content-type"].startswith("text/html")


def test_the_outbox_shows_mails_and_only_mails(tmp_path: Path) -> None:
    written = mail()
    asyncio.run(FolderPost(tmp_path, mail_from="no-reply@gv.example", base_url=BASE_URL).deliver([written]))
    (tmp_path / "secret.html").write_text("secret")
    settings = AppSettings(environment="demo", outbox_folder=tmp_path)
    app = Litestar(
        [OutboxController],
        dependencies={"settings": Provide(lambda: settings, sync_to_thread=False)},
        exception_handlers=HANDLERS,
    )
    with TestClient(app) as client:
        listed = client.get("/outbox")
        assert written.subject in listed.text
        assert f"/outbox/{written.message_id}.html" in listed.text
        shown = client.get(f"/outbox/{written.message_id}.html")
        assert "sandbox" in shown.headers["content-security-policy"]
        assert "Your reward is here" in shown.text
        assert client.get(f"/outbox/{written.message_id}.eml").headers["content-type"].startswith("message/rfc822")
        for name in ("secret.html", f"{new_id()}.html", f"{written.message_id}.json", "..%2Fsecret.html", "x"):
            assert client.get(f"/outbox/{name}").status_code == 404


def test_there_is_no_outbox_outside_the_demo(world: World) -> None:
    assert world.client.get("/outbox").status_code == 404
