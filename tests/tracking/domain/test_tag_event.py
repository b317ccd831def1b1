"""What a tag event may say, and what is kept of it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shared.ids import new_id
from tracking.domain.tag_event import (
    AHEAD,
    OLDEST,
    BadAmount,
    BadPage,
    Consent,
    EventInFuture,
    EventTooOld,
    OrderData,
    check_amount,
    clock_error,
    depth,
    happened_at,
    home_of,
    is_at_home,
    may_remember,
    page_of,
    too_deep,
    without_name,
)
from tracking.domain.tag_work import DueEvent, IdentifyClaims, friend_of, hint_of, is_withdrawn

NOW = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "host", "kept"),
    [
        ("https://Nordlicht.example/a?email=x&utm_source=n&utm_medium=#f", "nordlicht.example",
         "https://nordlicht.example/a?utm_source=n&utm_medium="),
        ("http://nordlicht.example:8080", "nordlicht.example", "http://nordlicht.example:8080"),
        ("https://nordlicht.example/bye/ben@example.com/x?utm_source=n&utm_term=a@b.de", "nordlicht.example",
         "https://nordlicht.example/bye/-/x?utm_source=n"),
        ("https://nordlicht.example/ben%40example.com", "nordlicht.example", "https://nordlicht.example/-"),
        ("https://nordlicht.example/@fjell/a.b", "nordlicht.example", "https://nordlicht.example/@fjell/a.b"),
        ("https://nordlicht.example./a", "nordlicht.example", "https://nordlicht.example./a"),
    ],
)  # fmt: skip
def test_of_a_page_only_what_names_nobody_is_kept(address: str, host: str, kept: str) -> None:
    assert (page_of(address).host, page_of(address).kept) == (host, kept)


@pytest.mark.parametrize(
    "address",
    ["", "x", "//nordlicht.example", "ftp://nordlicht.example", "https://", "https://a@b.example", "http://["],
)
def test_what_is_no_page(address: str) -> None:
    with pytest.raises(BadPage):
        page_of(address)


@pytest.mark.parametrize(
    ("host", "home"),
    [
        ("nordlicht.example", True), ("www.nordlicht.example", True), ("a.b.nordlicht.example", True),
        ("evilnordlicht.example", False), ("nordlicht.example.evil.test", False), ("example", False), ("", False),
    ],
)  # fmt: skip
def test_a_shops_pages_are_on_its_hosts_and_below(host: str, home: bool) -> None:
    assert is_at_home(host, frozenset({home_of("https://www.nordlicht.example/de")})) is home
    assert is_at_home(host, frozenset())


@given(st.timedeltas(min_value=timedelta(days=-40), max_value=timedelta(days=40)))
def test_an_event_is_taken_within_its_time_and_no_other(age: timedelta) -> None:
    at = NOW - age
    if -AHEAD <= age <= OLDEST:
        assert happened_at(at, timedelta(), NOW) == at
    else:
        with pytest.raises((EventInFuture, EventTooOld)):
            happened_at(at, timedelta(), NOW)


@given(wrong=st.timedeltas(min_value=timedelta(hours=-24), max_value=timedelta(hours=24)), ago=st.integers(0, 86_400))
def test_a_wrong_clock_changes_nothing_when_the_batch_says_when_it_was_sent(wrong: timedelta, ago: int) -> None:
    true = NOW - timedelta(seconds=ago)
    behind = clock_error(NOW + wrong, NOW)
    if true + wrong <= NOW + timedelta(days=1):
        assert abs(happened_at(true + wrong, behind, NOW) - true) <= timedelta(minutes=1)


@pytest.mark.parametrize(("value", "currency"), [("12.345", "EUR"), ("x", "EUR"), ("1e99", "EUR"), ("-0.01", "EUR"),
                                                 ("1.00", "XXX"), ("1.00", None), ("NaN", "EUR")])  # fmt: skip
def test_a_value_is_an_amount_or_refused(value: str, currency: str | None) -> None:
    with pytest.raises(BadAmount):
        check_amount(OrderData(order="1", value=value, currency=currency))


def test_an_order_may_come_without_a_value() -> None:
    check_amount(OrderData(order="1", currency="XXX"))
    check_amount(OrderData(order="1", value="0.00", currency="EUR"))


@given(st.integers(0, 60), st.sampled_from(["[]", "{}"]))
def test_depth_is_what_it_is_whatever_the_texts_hold(levels: int, brackets: str) -> None:
    inner = b'"\\"[[[[{{{{\\\\"'
    opened = b"[" * levels if brackets == "[]" else b'{"a":' * levels
    closed = brackets[1].encode() * levels
    assert depth(opened + inner + closed) == levels
    assert too_deep(b"[" + b"[" * levels + b"]" * levels + b"]") == (levels + 1 > 32)


def test_who_may_be_recognised() -> None:
    assert may_remember(Consent(analytics_storage="granted", ad_storage="denied"))
    assert not may_remember(Consent(ad_storage="granted"))
    assert not may_remember(None)


def due(**changes: object) -> DueEvent:
    values: dict[str, object] = {
        "event_id": new_id(), "at": NOW, "name": "purchase", "happened_at": NOW, "received_at": NOW, "visitor": "v",
        "click_id": None, "claim_id": None, "page": None, "address_hash": b"x" * 16, "consent": None, "data": None,
        "tries": 0,
    }  # fmt: skip
    return DueEvent(**values | changes)  # type: ignore[arg-type]


def test_a_purchase_becomes_a_hint_without_money_and_without_a_visitor_who_did_not_agree() -> None:
    page = "https://nordlicht.example/thanks?utm_campaign=autumn%202026+x"
    hint = hint_of(due(data='{"order": "#1001", "value": "80.00", "coupon": ["A"]}', page=page), {})
    assert (hint.order_ref, hint.codes, hint.visitor, hint.campaign) == ("#1001", ("A",), None, "autumn 2026 x")
    agreed = due(data='{"order": "1"}', consent=Consent(analytics_storage="granted"))
    assert hint_of(agreed, {}).visitor == "v"


def test_whom_a_buyer_names_is_read_looked_up_and_taken_out() -> None:
    data = '{"order": "1", "n": 1e999, "friend\\u005fof": "Ada Lovelace", "x": {"friend_of": 1}}'
    event, key = due(data=data), UUID(int=7)
    assert friend_of(event) == "Ada Lovelace"
    assert hint_of(event, {"Ada Lovelace": key}).name_key == key
    assert hint_of(event, {}).name_key is None
    assert without_name(data) == b'{"order":"1","n":1e999,"x":{"friend_of": 1}}'
    assert without_name('{"friend_of": "Ada", "friend_of": ""}') == b"{}"
    assert without_name('{"order": "1" }') == b'{"order": "1" }'
    assert friend_of(due(data='{"order": "1", "friend_of": ""}')) is None


def test_a_token_holds_until_its_end_and_a_day_longer_for_what_happened_before() -> None:
    claims = IdentifyClaims(sub="c", exp=NOW.timestamp())
    before = NOW - timedelta(minutes=1)
    assert claims.holds(due(happened_at=before, received_at=before))
    assert claims.holds(due(happened_at=before, received_at=NOW + timedelta(hours=23)))
    assert not claims.holds(due(happened_at=before, received_at=NOW + timedelta(hours=25)))
    assert not claims.holds(due(happened_at=NOW, received_at=NOW))


def test_names_are_told_apart_as_well_as_can_be() -> None:
    assert (b := IdentifyClaims(sub="c", exp=1, name=" Ben van der Berg ").buyer()).first_name == "Ben"
    assert (b.last_name, b.reference) == ("van der Berg", "c")


def test_consent_is_withdrawn_when_analytics_are_not_granted_any_more() -> None:
    withdrawn = Consent(ad_storage="granted", analytics_storage="denied")
    assert is_withdrawn(due(name="consent", consent=withdrawn))
    assert not is_withdrawn(due(name="consent", consent=Consent(analytics_storage="granted")))
    assert not is_withdrawn(due(name="page", consent=withdrawn))
