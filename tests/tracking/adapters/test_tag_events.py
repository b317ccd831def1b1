"""The tag's door: whatever a browser sends, the answer is clear, and what was accepted is stored once."""

import json
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.shared.ids import new_id
from tests.support.world import ShopWorld
from tests.tracking.tagging import GRANTED, TaggedPage, ago, event


@pytest.fixture
def page(shop: ShopWorld) -> TaggedPage:
    return TaggedPage(shop)


def test_an_event_is_stored_with_what_is_known_of_it(page: TaggedPage) -> None:
    sent = event(
        page="https://www.nordlicht.example/lamps?utm_source=news&email=ben%40example.com#top",
        referrer="https://search.example/?q=lamp+for+ben",
        title="Lamps",
        visitor="v1.abc",
        consent=GRANTED,
        data={"category": "lamps"},
    )
    assert page.sent(sent) == {"accepted": 1, "duplicates": 0, "refused": []}
    columns = (
        "event_id::text, name, by, device, visitor, page, referrer, title, consent::text, data::text, tx IS NOT NULL"
    )
    assert page.stored(columns) == [
        (
            sent["id"], "page", "person", "phone", "v1.abc",
            "https://www.nordlicht.example/lamps?utm_source=news", "https://search.example/", "Lamps",
            '{"ad_storage":"granted","analytics_storage":"granted"}', '{"category": "lamps"}', True,
        )
    ]  # fmt: skip
    assert page.stored("length(address_hash)") == [(16,)]


def test_a_visitor_is_kept_with_consent_only(page: TaggedPage) -> None:
    for consent in (None, {"ad_storage": "denied"}, {"analytics_storage": "granted"}, {"ad_storage": "granted"}):
        assert page.sent(event(visitor="v1.abc", consent=consent))["accepted"] == 1
    assert page.stored("visitor") == [(None,), (None,), ("v1.abc",), (None,)]


def test_a_machine_is_marked(page: TaggedPage) -> None:
    page.send(event(), agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
    assert page.stored("by") == [("bot",)]


def test_of_a_machine_nothing_is_kept_that_only_the_worker_wipes(page: TaggedPage) -> None:
    machine = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    withdrawn = event("consent", visitor="v1.abc", consent={"analytics_storage": "denied"})
    identified = event("identify", data={"token": "h." + "x" * 30 + ".s", "from": "app"})
    for sent in (withdrawn, identified):
        page.send(sent, agent=machine)
    assert page.stored("name, visitor, data::text") == [("consent", None, None), ("identify", None, None)]


def bad_events() -> list[Any]:
    return [
        event(at="yesterday"),
        event(at=ago(days=31)),
        event(at=ago(minutes=-6)),
        event(at=ago(days=-2)),
        event(page="https://nordlicht.example.evil.test/"),
        event(page="javascript:alert(1)"),
        event(name="delete_everything"),
        event(name="purchase", data={"order": "1001", "value": "12.345", "currency": "EUR"}),
        event(name="purchase", data={"order": "1001", "value": "-1.00", "currency": "EUR"}),
        event(name="purchase", data={"order": "1001", "value": "1.00"}),
        event(name="purchase", data={"value": "1.00"}),
        event(name="purchase"),
        event(name="identify", data={"token": 7}),
        event(data=[1]),
        event(title="nul\0"),
        event(data={"nul": "\0"}),
        event(data={"long": "x" * 17_000}),
        "not an event",
        event(id="7"),
        event(consent={"ad_storage": "perhaps"}),
        event(data=json.loads("[" * 40 + "]" * 40)),
    ]


def test_one_bad_event_does_not_keep_the_others_out(page: TaggedPage) -> None:
    bad = bad_events()
    answer = page.sent(event(), *bad, event(name="share", data={"channel": "whatsapp"}))
    assert answer["accepted"] == 2
    assert [(one["pointer"].split("/")[2], one["code"], "/".join(one["pointer"].split("/")[3:])) for one in
            sorted(answer["refused"], key=lambda one: int(one["pointer"].split("/")[2]))] == [
        ("1", "invalid_event", "at"), ("2", "event_too_old", "at"), ("3", "event_in_future", "at"),
        ("4", "event_in_future", "at"), ("5", "foreign_page", "page"), ("6", "bad_page", "page"),
        ("7", "invalid_event", "name"), ("8", "bad_amount", "data/value"), ("9", "bad_amount", "data/value"),
        ("10", "bad_amount", "data/value"), ("11", "bad_data", "data/order"), ("12", "bad_data", "data"),
        ("13", "bad_data", "data/token"), ("14", "bad_data", "data"), ("15", "unreadable_text", "title"),
        ("16", "unreadable_text", "data"), ("17", "bad_data", "data"), ("18", "invalid_event", ""),
        ("19", "invalid_event", "id"), ("20", "invalid_event", "consent/ad_storage"), ("21", "bad_data", "data"),
    ]  # fmt: skip
    ids = {one["pointer"]: one["id"] for one in answer["refused"]}
    assert ids["/events/2/at"] == bad[1]["id"]
    assert ids["/events/1/at"] == bad[0]["id"]
    assert ids["/events/18"] is None
    assert page.stored() == [("page",), ("share",)]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "malformed_batch"),
        (b"garbage", 422, "malformed_batch"),
        (b'{"key": "gv_pub_x"', 422, "malformed_batch"),
        (b"[]", 422, "malformed_batch"),
        (b"null", 422, "malformed_batch"),
        (b'{"key": 7, "events": []}', 422, "malformed_batch"),
        (b'{"events": []}', 422, "malformed_batch"),
        (b'{"key": "k", "events": {}}', 422, "malformed_batch"),
        (b'{"key": "k", "sent_at": "now", "events": []}', 422, "malformed_batch"),
        (b'{"key": "\xff\xfe", "events": []}', 422, "malformed_batch"),
        (b'{"key": "k", "events": [{"data": "\xff"}]}', 422, "malformed_batch"),
        (b'{"key": "\\ud800", "events": []}', 401, "unknown_key"),
        (b'{"key": "k", "events": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", 422, "malformed_batch"),
        (b'{"a":' * 10_000, 422, "malformed_batch"),
        (b'{"key": "k", "events": [' + b",".join([b"{}"] * 51) + b"]}", 413, "too_many_events"),
        (b'{"key": "gv_pub_nobody", "events": []}', 401, "unknown_key"),
        (b'{"key": "", "events": []}', 401, "unknown_key"),
        (b'{"key": "' + b"gv_" * 2000 + b'", "events": []}', 401, "unknown_key"),
        (b" " * 65_537, 413, "batch_too_large"),
    ],
)
def test_what_is_no_batch_is_refused_in_words(page: TaggedPage, body: bytes, status: int, code: str) -> None:
    answer = page.post(body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert page.stored() == []


def test_a_batch_of_exactly_64_kb_is_taken(page: TaggedPage) -> None:
    body = json.dumps({"key": page.key, "events": [event()]}).encode()
    assert page.post(body + b" " * (65_536 - len(body))).json()["accepted"] == 1
    assert page.post(body + b" " * (65_537 - len(body))).status_code == 413


def test_fifty_events_are_a_batch_and_fifty_one_are_not(page: TaggedPage) -> None:
    assert page.sent(*(event() for _ in range(50)))["accepted"] == 50
    answer = page.send(*(event() for _ in range(51)))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_events")
    assert len(page.stored()) == 50


def test_a_secret_key_and_a_key_of_nobody_write_nothing(page: TaggedPage) -> None:
    assert TaggedPage(page.shop, page.shop.key).send(event()).status_code == 401
    assert TaggedPage(page.shop, "gv_pub_" + "0" * 33).send(event()).status_code == 401
    assert page.stored() == []


def test_each_shop_has_its_own_events(page: TaggedPage) -> None:
    other = TaggedPage(page.shop.world.open_shop(storefront_url="https://suedlicht.example"))
    shared = event()
    assert page.sent(shared)["accepted"] == 1
    assert other.sent(shared | {"page": "https://suedlicht.example/"})["accepted"] == 1
    assert other.sent(shared)["refused"][0]["code"] == "foreign_page"
    assert [one["id"] for one in other.read("/events")["items"]] == [shared["id"]]
    assert page.read("/events")["items"][0]["page"] == "https://nordlicht.example/lamps"


def test_a_publishable_key_writes_events_and_reads_nothing(page: TaggedPage) -> None:
    headers = {"authorization": f"Bearer {page.key}"}
    for path in ("", "/events", "/health", "/identify-secrets"):
        assert page.shop.client.get(f"/api/v1/tag{path}", headers=headers).status_code == 403
    assert page.shop.client.patch("/api/v1/tag", json={"on": False}, headers=headers).status_code == 403


def test_an_id_counts_once_in_a_batch_and_ever_after(page: TaggedPage) -> None:
    first, second = event(), event(at=ago(days=29, hours=23))
    assert page.sent(first, first, second) == {"accepted": 2, "duplicates": 1, "refused": []}
    assert page.sent(second, first, event()) == {"accepted": 1, "duplicates": 2, "refused": []}
    assert len(page.stored()) == 3


def test_an_event_that_is_sent_again_after_30_days_is_too_old(page: TaggedPage) -> None:
    refused = page.sent(event(at=ago(days=30, seconds=1)))["refused"]
    assert [one["code"] for one in refused] == ["event_too_old"]


def test_parallel_senders_of_the_same_events_store_each_once(page: TaggedPage) -> None:
    events = [event() for _ in range(40)]
    answers: list[dict[str, Any]] = []

    def send(number: int) -> None:
        part = events[number : number + 20]
        answers.append(page.sent(*(part if number % 2 else reversed(part))))

    threads = [threading.Thread(target=send, args=(number,)) for number in (0, 3, 5, 7, 10, 14, 20, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(answer["accepted"] for answer in answers) == 40
    assert sum(answer["duplicates"] for answer in answers) == 8 * 20 - 40
    assert len(page.stored()) == 40


@given(picks=st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=8), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_exactly_once_however_it_is_sent(page: TaggedPage, picks: list[list[int]]) -> None:
    before = len(page.stored())
    events = [event() for _ in range(6)]
    answers = [page.sent(*(events[number] for number in batch)) for batch in picks]
    different = len({number for batch in picks for number in batch})
    assert sum(answer["accepted"] for answer in answers) == different
    assert sum(answer["accepted"] + answer["duplicates"] for answer in answers) == sum(map(len, picks))
    assert len(page.stored()) - before == different


TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["\0", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "https://[", "http://nordlicht.example:99999/",
         "1e400", "https://nordlicht.example/\u202e", "x" * 3000, "gv_", "purchase", "{}", "NaN", "\ud800"]
    ),
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=8,
)
FIELDS = ("id", "name", "at", "page", "referrer", "title", "visitor", "click", "claim", "consent", "data")


@given(
    changes=st.dictionaries(st.sampled_from(FIELDS), VALUES, min_size=1, max_size=4),
    name=st.sampled_from(["page", "purchase", "refund", "identify", "consent", "share", "sign_up"]),
    sent_at=st.one_of(st.none(), TEXTS, st.builds(ago, seconds=st.just(30))),
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_stands_in_an_event_it_is_stored_or_refused(
    page: TaggedPage, changes: dict[str, Any], name: str, sent_at: Any
) -> None:
    other = event()
    body = {"key": page.key, "sent_at": sent_at, "events": [event(name) | changes, other]}
    answer = page.post(json.dumps(body).encode())
    assert answer.status_code in {200, 422}, answer.text
    if answer.status_code == 200:
        assert answer.json()["accepted"] + answer.json()["duplicates"] + len(answer.json()["refused"]) == 2
        assert other["id"] not in [one["id"] for one in answer.json()["refused"]]


def test_a_wrong_clock_is_put_right_by_when_the_batch_says_it_was_sent(page: TaggedPage) -> None:
    wrong = datetime.now(UTC) - timedelta(hours=5)
    assert page.sent(event(at=wrong.isoformat()), sent_at=wrong.isoformat())["accepted"] == 1
    fast = datetime.now(UTC) + timedelta(hours=3)
    assert page.sent(event(at=fast.isoformat()), sent_at=fast.isoformat())["accepted"] == 1
    assert page.stored("abs(extract(epoch FROM happened_at - received_at)) < 30") == [(True,), (True,)]


def test_click_and_claim_tokens_are_opened_and_forged_ones_ignored(page: TaggedPage) -> None:
    from adapters.tracking.tokens import ClaimToken, ClickToken

    keys = page.shop.world.installation.settings.keys()
    later = datetime.now(UTC) + timedelta(days=2)
    click, claim = new_id(), new_id()
    page.sent(event(click=keys.signer("click").sign(ClickToken(click), expires_at=later)))
    page.sent(event(claim=keys.signer("claim").sign(ClaimToken(claim), expires_at=later)))
    page.sent(event(click=keys.signer("claim").sign(ClaimToken(claim), expires_at=later), claim="forged"))
    found: list[tuple[UUID | None, UUID | None]] = page.stored("click_id, claim_id")
    assert found == [(click, None), (None, claim), (None, None)]


def test_the_page_may_ask_and_other_methods_are_not_known(page: TaggedPage) -> None:
    asked = page.shop.client.options("/tag/v1/events")
    assert asked.status_code == 204
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert asked.headers["access-control-allow-headers"] == "content-type"
    got = page.shop.client.get("/tag/v1/events")
    assert (got.status_code, got.json()["code"], got.headers["allow"]) == (405, "method_not_allowed", "POST, OPTIONS")
    assert got.headers["access-control-allow-origin"] == "*"


def test_codes_of_refusals_are_summed_up(page: TaggedPage) -> None:
    page.sent(event(page="https://staging.nordlicht.test/x"), event(page="https://staging.nordlicht.test/y"))
    page.sent(event(at="7"))
    page.shop.eventually(lambda: len(page.read("/health")["refused"]) == 2)
    refused = page.read("/health")["refused"]
    counts = Counter({one["code"]: one["count"] for one in refused})
    assert counts == {"foreign_page": 2, "invalid_event": 1}
    example = next(one for one in refused if one["code"] == "foreign_page")
    assert (example["host"], example["pointer"]) == ("staging.nordlicht.test", "/events/1/page")
