"""A tag event is stored as it was checked."""

import asyncio
import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

import msgspec
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import pq

from adapters.shared.ids import new_id
from adapters.shared.postgres import records
from adapters.shared.postgres.database import Database
from adapters.tracking.postgres.tag_events import ROW, STORE_NEW, Arrival, TagEventWriter, as_rows
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
    result = connection.pgconn.exec_params(STORE_NEW.encode(), [rows], None, [1])
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


shops_event = st.integers(0, 6).map(lambda number: UUID(int=number))
batches = st.lists(st.lists(shops_event, min_size=1, max_size=4), min_size=1, max_size=6)


@settings(max_examples=25)
@given(sent=st.lists(batches, min_size=1, max_size=3), careful=st.booleans())
def test_an_event_is_stored_once_and_counted_as_new_once(
    database: str, connection: psycopg.Connection, sent: list[list[list[UUID]]], careful: bool
) -> None:
    """However often and in whatever company it is sent, and by two processes at once."""
    shop = ShopId(new_id())
    arrivals = [[Arrival([seen(shop, event) for event in batch]) for batch in turn] for turn in sent]

    async def story() -> None:
        first, second = (TagEventWriter(Database(database, schema="tracking")) for _ in range(2))
        async with first.running(), second.running():
            for turn in arrivals:
                if not careful:
                    first._careful_until = second._careful_until = 0.0
                both = zip(turn, itertools.cycle((first, second)))
                await asyncio.gather(*(writer.record(arrival) for arrival, writer in both))

    asyncio.run(story())
    try:
        count = "SELECT count(*), count(DISTINCT event_id) FROM tag_event WHERE shop_id = %s"
        [(rows, ids)] = connection.execute(count, (shop,)).fetchall()
    finally:
        connection.execute("DELETE FROM tag_event WHERE shop_id = %s", (shop,))
        connection.commit()
    everything = [event for turn in sent for batch in turn for event in batch]
    assert rows == ids == len(set(everything))
    assert sum(arrival.duplicates for turn in arrivals for arrival in turn) == len(everything) - ids


def seen(shop: ShopId, event_id: UUID) -> TagEvent:
    return TagEvent(
        shop_id=shop, event_id=event_id, name="page", at=NOW, happened_at=NOW, received_at=NOW, by="person",
        device="phone", address_hash=b"x" * 16, visitor=None, click_id=None, claim_id=None, page=None, referrer=None,
        title=None, consent=None, data=None,
    )  # fmt: skip


def test_only_a_group_that_is_all_new_is_stored_without_looking(database: str) -> None:
    """What tells the two ways apart is that the shorter one returns nothing."""
    shop, told = ShopId(new_id()), list[pq.ExecStatus]()

    class Overheard(TagEventWriter):
        def _stored(self, rows: list[Arrival], result: pq.abc.PGresult) -> None:
            told.append(pq.ExecStatus(result.status))
            super()._stored(rows, result)

    async def story() -> None:
        writer = Overheard(Database(database, schema="tracking"))
        async with writer.running():
            for ids in ((1, 2), (2, 3), (4,)):
                await writer.record(Arrival([seen(shop, UUID(int=one)) for one in ids]))
            writer._careful_until = 0.0
            await writer.record(Arrival([seen(shop, UUID(int=5))]))

    asyncio.run(story())
    new, some = pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK
    assert told == [new, some, some, new]
