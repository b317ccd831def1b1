"""Tag events: written by group commit as one JSON document that PostgreSQL unpacks; a known id is left out."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from adapters.shared.postgres.group_commit import GroupCommit
from tracking.domain.tag_event import TagEvent

LARGEST_GROUP: Final = 2_000
"""Events in one statement."""

# Sorted, so that two processes that are sent the same events wait for each other instead of locking up.
STORE = """
INSERT INTO tag_event (
    shop_id, event_id, at, happened_at, received_at, name, by, device, address_hash,
    visitor, click_id, claim_id, page, referrer, title, consent, data, due_at
)
SELECT
    shop_id, event_id, at, happened_at, received_at, name, by, device, decode(address_hash, 'base64'),
    visitor, click_id, claim_id, page, referrer, title, consent, data,
    CASE WHEN by = 'person' AND name IN ('purchase', 'identify', 'consent') THEN now() END
FROM json_to_recordset($1::json) AS event (
    shop_id uuid, event_id uuid, at timestamptz, happened_at timestamptz, received_at timestamptz, name text, by text,
    device text, address_hash text, visitor text, click_id uuid, claim_id uuid, page text, referrer text, title text,
    consent json, data json
)
ORDER BY shop_id, event_id, at
ON CONFLICT DO NOTHING RETURNING shop_id::text, event_id::text
"""


class Arrival:
    """The events of one request. `duplicates` says after the commit how many of them were known before."""

    __slots__ = ("duplicates", "events")

    def __init__(self, events: Sequence[TagEvent]) -> None:
        self.events = events
        self.duplicates = 0


def to_parameters(arrivals: list[Arrival]) -> Sequence[bytes]:
    return (msgspec.json.encode([event for arrival in arrivals for event in arrival.events]),)


class TagEventWriter(GroupCommit[Arrival]):
    """A group commit that tells each arrival how many of its events were new."""

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
        for number, (arrival, _) in enumerate(self._waiting):
            events += len(arrival.events)
            if events > LARGEST_GROUP and number:
                return number
        return len(self._waiting)

    async def _write(self, rows: list[Arrival]) -> None:
        result = await self._store(rows)
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
