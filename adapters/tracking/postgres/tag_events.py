"""Tag events: written by group commit as one array of `tag_event_row`s; a known id is left out."""

import struct
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Final

import msgspec
from psycopg import errors, pq

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.group_commit import GroupCommit
from adapters.shared.postgres.prepared import Standing
from adapters.shared.postgres.records import BYTEA, JSON, TIMESTAMPTZ, UUID_, field, microseconds, row, text, uuid
from tracking.domain.click import Visitor
from tracking.domain.device import Device
from tracking.domain.tag_event import Consent, Name, TagEvent

LARGEST_GROUP: Final = 2_000
"""Events in one statement."""

ROW: Final = "tag_event_row"
"""The composite type of the rows that this version writes."""
_COLUMNS: Final = (
    "shop_id, event_id, at, happened_at, received_at, name, by, device, address_hash,"
    " visitor, click_id, claim_id, page, referrer, title, consent, data"
)
_COUNT: Final = _COLUMNS.count(",") + 1

STORE: Final = f"""
INSERT INTO tag_event ({_COLUMNS}, due_at)
SELECT {_COLUMNS}, CASE WHEN by = 'person' AND name IN ('purchase', 'identify', 'consent') THEN now() END
FROM unnest($1::{ROW}[])
"""
"""Stores all or, when one of them is known already, none."""
STORE_NEW: Final = f"{STORE} ON CONFLICT DO NOTHING RETURNING shop_id::text, event_id::text"
"""Stores those that are not known yet, and says which. It takes the database a quarter longer."""
CAREFUL_S: Final = 1.0
"""For so long after a known event those to come are expected to be known as well: who sends again sends much again."""

_HEAD: Final = struct.Struct("!Ii16sIi16sIiqIiqIiq")


class Arrival:
    """The events of one request. `duplicates` says after the commit how many of them were known before."""

    __slots__ = ("duplicates", "events")

    def __init__(self, events: Sequence[TagEvent]) -> None:
        self.events = events
        self.duplicates = 0


def as_rows(arrivals: list[Arrival]) -> list[bytes]:
    """The events of a group as `tag_event_row`s.

    Sorted, so that two processes that are sent the same events wait for each other instead of locking up.
    """
    rows = [
        (event.shop_id.int, event.event_id.int, _as_row(event, received))
        for arrival in arrivals
        if arrival.events
        for received in (microseconds(arrival.events[0].received_at),)  # all came in one request
        for event in arrival.events
    ]
    rows.sort()
    return [row for *_, row in rows]


def _as_row(event: TagEvent, received: int) -> bytes:
    at = microseconds(event.at)
    happened = at if event.happened_at is event.at else microseconds(event.happened_at)
    return row(
        _COUNT,
        _HEAD.pack(
            *(UUID_, 16, event.shop_id.bytes, UUID_, 16, event.event_id.bytes),
            *(TIMESTAMPTZ, 8, at, TIMESTAMPTZ, 8, happened, TIMESTAMPTZ, 8, received),
        ),
        _kind(event.name, event.by, event.device),
        field(BYTEA, event.address_hash),
        text(event.visitor),
        uuid(event.click_id),
        uuid(event.claim_id),
        text(event.page),
        text(event.referrer),
        text(event.title),
        _consent(event.consent),
        field(JSON, None if event.data is None else bytes(event.data)),
    )


@lru_cache(256)
def _kind(name: Name, by: Visitor, device: Device) -> bytes:
    return text(name) + text(by) + text(device)


@lru_cache(1024)
def _consent(consent: Consent | None) -> bytes:
    return field(JSON, None if consent is None else msgspec.json.encode(consent))


class TagEventWriter(GroupCommit[Arrival]):
    """A group commit that tells each arrival how many of its events were new.

    Nearly all are, so a group is stored as if all were. PostgreSQL refuses it whole when one is not.
    """

    def __init__(self, database: Database, *, linger_s: float = 0.0) -> None:
        super().__init__(database, STORE, as_rows, row_type=ROW, linger_s=linger_s)
        self._store_new = Standing(database, STORE_NEW, ROW)
        self._careful_until = 0.0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self.start()
        try:
            yield
        finally:
            await self.stop()

    def _size_of_group(self) -> int:
        # A larger one costs more per event: PostgreSQL unpacks and sorts it outside of its working memory.
        events = 0
        for number, (arrival, *_) in enumerate(self._waiting):
            events += len(arrival.events)
            if events > LARGEST_GROUP and number:
                return number
        return len(self._waiting)

    async def _store(self, rows: list[Arrival], then: Callable[[pq.abc.PGresult], None]) -> None:
        if time.monotonic() >= self._careful_until:
            try:
                await super()._store(rows, then)
            except errors.UniqueViolation:
                self._careful_until = time.monotonic() + CAREFUL_S
            else:
                return
        await self._send(self._store_new, rows, then)

    async def _drop_connection(self) -> None:
        await super()._drop_connection()
        await self._store_new.close()

    def _stored(self, rows: list[Arrival], result: pq.abc.PGresult) -> None:
        if result.status != pq.ExecStatus.TUPLES_OK:
            return  # all of them, or it would have been refused
        if result.ntuples != sum(len(arrival.events) for arrival in rows):
            count_duplicates(rows, ((result.get_value(n, 0), result.get_value(n, 1)) for n in range(result.ntuples)))


def count_duplicates(arrivals: Sequence[Arrival], stored: Iterable[tuple[bytes | None, bytes | None]]) -> None:
    """Share what was stored out among those who sent it, first come first served."""
    left = Counter(stored)
    for arrival in arrivals:
        for event in arrival.events:
            key = (str(event.shop_id).encode(), str(event.event_id).encode())
            if left[key]:
                left[key] -= 1
            else:
                arrival.duplicates += 1
