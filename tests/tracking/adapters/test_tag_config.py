"""What the tag is told: from memory, with a tag of its own version, and never an error that a page could see."""

import json

import pytest

from tests.support.world import ShopWorld
from tests.tracking.tagging import TaggedPage, event


@pytest.fixture
def page(shop: ShopWorld) -> TaggedPage:
    return TaggedPage(shop)


def test_the_tag_is_told_what_it_needs(page: TaggedPage) -> None:
    answer = page.config()
    assert answer.json() == {
        "on": True,
        "shop": page.shop.slug,
        "currency": "EUR",
        "cookie_days": 30,
        "consent": {"ad_storage": "denied", "analytics_storage": "denied"},
        "links": {"host": "testserver.local"},
    }
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=20"


def test_an_unchanged_answer_is_not_sent_again(page: TaggedPage) -> None:
    etag = page.config().headers["etag"]
    again = page.config(**{"if-none-match": etag})
    assert (again.status_code, again.content, "content-length" in again.headers) == (304, b"", False)
    page.api("PATCH", json={"cookie_days": 7})
    page.shop.eventually(lambda: page.config(**{"if-none-match": etag}).status_code == 200)
    assert page.config().json()["cookie_days"] == 7


@pytest.mark.parametrize("key", ["gv_pub_nobody", "x", "gv_", "..%2f..%2f", "%00", "gv_" + "x" * 2000])
def test_any_other_key_is_told_that_the_tag_is_off(page: TaggedPage, key: str) -> None:
    answer = page.config(key)
    assert (answer.status_code, answer.json()) == (200, {"on": False})


def test_settings_are_changed_one_by_one_and_checked(page: TaggedPage) -> None:
    first = page.api("PATCH", json={"hosts": ["Checkout.Nordlicht.Example", "checkout.nordlicht.example"]}).json()
    assert first["hosts"] == ["checkout.nordlicht.example"]
    consent = {"ad_storage": "granted", "analytics_storage": "denied"}
    changed = page.api("PATCH", json={"consent": consent, "on": False}).json()
    assert (changed["hosts"], changed["on"], changed["consent"]) == (first["hosts"], False, consent)
    assert changed["changed_by"].startswith("key_")
    for hosts in (["https://x.example"], ["x y"], ["-x.example"], ["x.example", "ü.example"]):
        answer = page.api("PATCH", json={"hosts": hosts})
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_host")
        assert answer.json()["errors"][0]["pointer"] == f"/hosts/{len(hosts) - 1}"
    assert page.read() == changed


def test_every_change_has_a_version(page: TaggedPage) -> None:
    first = page.api("GET")
    assert (first.headers["etag"], first.json()["version"]) == ('"1"', 1)
    changed = page.api("PATCH", if_match='"1"', json={"cookie_days": 60})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    page.api("POST", "/identify-secrets")
    page.api("POST", "/identify-secrets")
    page.api("DELETE", "/identify-secrets/old")
    assert page.api("GET").headers["etag"] == '"5"'
    for stale in ('"1"', '"4"', "nonsense", '"99"'):
        assert page.api("PATCH", if_match=stale, json={"cookie_days": 90}).status_code == 412
    assert page.read()["cookie_days"] == 60
    for fresh in ('"5"', 'W/"6"', "*", ""):
        assert page.api("PATCH", if_match=fresh, json={"cookie_days": 90}).status_code == 200


def test_two_identify_secrets_at_most(page: TaggedPage) -> None:
    assert page.read("/identify-secrets")["secrets"] == []
    assert page.api("DELETE", "/identify-secrets/old").json()["code"] == "no_old_identify_secret"
    made = [page.api("POST", "/identify-secrets").json()["secrets"][0] for _ in range(3)]
    assert page.read("/identify-secrets")["secrets"] == [made[2], made[1]]
    assert page.read()["identify_secrets"] == 2
    assert made[2] not in json.dumps(page.read())
    stored = page.shop.world.sql("SELECT identify_secrets::text FROM tracking.tag_settings")
    assert not any(secret in str(stored) for secret in made)
    reading = page.shop.new_key("tracking:read")
    path = "/api/v1/tag/identify-secrets"
    assert page.shop.client.get(path, headers={"authorization": f"Bearer {reading}"}).status_code == 403


def test_events_are_listed_page_by_page(page: TaggedPage) -> None:
    ids = []
    for name in ("page", "track", "page"):
        sent = event(name, data={"a": [1, {"b": None}]})
        page.sent(sent)
        ids.append(sent["id"])
    first = page.read("/events?limit=2")
    rest = page.read(f"/events?limit=2&cursor={first['next_cursor']}")
    assert [one["id"] for one in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next_cursor"] is None
    assert [one["id"] for one in page.read("/events?name=track")["items"]] == [ids[1]]
    assert first["items"][0]["data"] == {"a": [1, {"b": None}]}
    assert page.api("GET", "/events?cursor=nonsense").json()["code"] == "bad_cursor"


def test_numbers_that_nobody_can_hold_are_shown_as_they_came(page: TaggedPage) -> None:
    text = '{"big":' + "9" * 60 + ',"huge":1e999,"long":0.' + "1" * 40 + "}"
    body = json.dumps({"key": page.key, "events": [event("track", data={"x": "DATA"})]})
    assert page.post(body.replace('{"x": "DATA"}', text).encode()).json()["accepted"] == 1
    assert text in page.api("GET", "/events").text
