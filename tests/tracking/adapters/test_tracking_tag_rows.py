"""A tag event is stored as it was checked."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

import msgspec
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shared.postgres import records
from adapters.tracking.postgres.tag_events import ROW, STORE, Arrival, as_rows
from kernel.ids import ClaimId, ClickId, ShopId
from tracking.domain.tag_event import OF_CONSEQUENCE, Consent, Name, TagEvent

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
texts = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
moments = st.timedeltas(timedelta(0), timedelta(days=400)).map(lambda after: NOW + after)
objects = st.dictionaries(st.text(max_size=5), st.integers()).map(json.dumps)
decisions = st.sampled_from([None, "granted", "denied"])
events = st.builds(
    TagEvent,
    shop_id=st.uuids().map(ShopId),
    event_id=st.uuids(),
    name=st.sampled_from(get_args(Name)),
    at=moments,
    happened_at=moments,
    received_at=moments,
    by=st.sampled_from(["person", "bot", "preview"]),
    device=st.sampled_from(["phone", "tablet", "desktop", "other"]),
    address_hash=st.binary(min_size=16, max_size=16),
    visitor=texts,
    click_id=st.none() | st.uuids().map(ClickId),
    claim_id=st.none() | st.uuids().map(ClaimId),
    page=texts,
    referrer=texts,
    title=texts,
    consent=st.none() | st.builds(Consent, ad_storage=decisions, analytics_storage=decisions),
    data=st.none() | objects.map(lambda said: msgspec.Raw(said.encode())),
)


@pytest.fixture(scope="module")
def connection(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, options="-c search_path=tracking") as opened:
        yield opened


@given(st.lists(events, min_size=1, max_size=5, unique_by=lambda event: event.event_id))
def test_what_was_checked_is_what_is_stored(connection: psycopg.Connection, taken: list[TagEvent]) -> None:
    assert stored(connection, taken) == {event.event_id: row_of(event) for event in taken}


def stored(connection: psycopg.Connection, taken: list[TagEvent]) -> dict[UUID, tuple[object, ...]]:
    [(number,)] = connection.execute("SELECT %s::regtype::oid", (ROW,)).fetchall()
    rows = records.array(number, as_rows([Arrival([event]) for event in taken]))
    result = connection.pgconn.exec_params(STORE.encode(), [rows], None, [1])
    assert not result.error_message
    assert result.ntuples == len(taken)
    found = connection.execute(
        "SELECT event_id, shop_id, name, at, happened_at, received_at, by, device, address_hash, visitor, click_id,"
        " claim_id, page, referrer, title, consent, data, due_at IS NOT NULL FROM tag_event WHERE event_id = ANY(%s)",
        ([event.event_id for event in taken],),
    ).fetchall()
    connection.rollback()
    return {row[0]: row for row in found}


def row_of(event: TagEvent) -> tuple[object, ...]:
    return (
        event.event_id, event.shop_id, event.name, event.at, event.happened_at, event.received_at, event.by,
        event.device, event.address_hash, event.visitor, event.click_id, event.claim_id, event.page, event.referrer,
        event.title, msgspec.to_builtins(event.consent), json.loads(bytes(event.data)) if event.data else None,
        event.by == "person" and event.name in OF_CONSEQUENCE,
    )  # fmt: skip
