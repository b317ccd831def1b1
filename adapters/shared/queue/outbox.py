"""Writes a unit's facts and jobs into its transaction."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Final
from uuid import UUID

import msgspec

from adapters.shared.ids import new_id
from adapters.shared.postgres.arrays import Array, texts, uuids
from adapters.shared.postgres.bell import Bell
from adapters.shared.postgres.unit import QueuedJob, Unit
from kernel.events import Event

# Payloads travel as one JSON array: escaping them into an array of texts costs more than making them.
STORE = b"""
WITH stored AS (
    INSERT INTO outbox (shop_id, event_id, name, version, occurred_at, payload)
    SELECT %s, fact.event_id, fact.name, fact.version, %s, fact.payload
    FROM ROWS FROM (unnest(%s::uuid[]), unnest(%s::text[]), unnest(%s::int[]), json_array_elements(%s::json))
         AS fact (event_id, name, version, payload)
)
INSERT INTO delivery (shop_id, subscriber, event_id, further)
SELECT %s, bundle.subscriber, bundle.first, bundle.further::uuid[]
FROM unnest(%s::text[], %s::uuid[], %s::text[]) AS bundle (subscriber, first, further)
"""
TOGETHER: Final = 20
"""The most facts of one delivery. Those of one transaction that one subscriber hears travel together: else a row for
each would be inserted, leased and deleted."""

# A waiting job is held (FOR SHARE) until our commit, so that it cannot start before it sees what we have written.
WAITING = b"""
SELECT dedupe.once FROM unnest(%s::text[]) AS dedupe (once)
WHERE EXISTS (
    SELECT FROM pgqueuer WHERE status = 'queued' AND headers ->> 'once' = dedupe.once
      AND execute_after <= now() + interval '5 seconds'
    FOR SHARE SKIP LOCKED
)
"""


def channel(context: str) -> str:
    return f"grapevine_{context}_outbox"


@cache
def _enqueue_statement(context: str) -> bytes:
    # Imported when the first job is queued: the web process seldom does, and saves a tenth of its memory.
    from pgqueuer.adapters.persistence.qb import QueryQueueBuilder

    from adapters.shared.queue.job_tables import job_settings

    return QueryQueueBuilder(job_settings(context)).build_enqueue_query("skip").encode()


class Outbox:
    """Sink of one context's units. `routes` says which contexts hear which event."""

    def __init__(self, context: str, routes: Mapping[str, Sequence[str]], bell: Bell) -> None:
        self._channel = channel(context)
        self._routes = routes
        self._bell = bell
        self._context = context

    def ring(self) -> None:
        self._bell.ring(self._channel)

    def write_events(self, unit: Unit, events: list[Event]) -> None:
        ids = [new_id() for _ in events]
        shop = unit.shop_id
        bundles = list(_bundles(self._routes, ids, events))
        unit.later(
            STORE,
            (
                shop,
                unit.now(),
                Array(uuids(ids)),
                Array(texts([event.name for event in events])),
                [event.version for event in events],
                msgspec.json.encode(events).decode(),
                shop,
                Array(texts([subscriber for subscriber, _ in bundles])),
                Array(uuids([together[0] for _, together in bundles])),
                Array(texts([_further(together) for _, together in bundles])),
            ),
        )

    async def write_jobs(self, unit: Unit, jobs: list[QueuedJob]) -> None:
        keyed = {_key(unit, job) or str(new_id()): job for job in jobs}
        waiting: set[str] = set()
        if any(job.once for job in jobs):
            rows = await unit.read(WAITING, ([key for key, job in keyed.items() if job.once],))
            waiting = {row[0] for row in rows}
        fresh = [(key, job) for key, job in keyed.items() if key not in waiting]
        if not fresh:
            return
        count = len(fresh)
        unit.later(
            _enqueue_statement(self._context),
            (
                [0] * count,
                [job.name for _, job in fresh],
                [unit.shop_id.bytes + job.payload for _, job in fresh],
                [timedelta(seconds=job.after_s) for _, job in fresh],
                [None] * count,
                [json.dumps({"once": key} if job.once else {}) for key, job in fresh],
            ),
        )


def _bundles(
    routes: Mapping[str, Sequence[str]], ids: Sequence[UUID], events: Sequence[Event]
) -> Iterator[tuple[str, list[UUID]]]:
    """Each subscriber, with facts that it is told together."""
    hears: dict[str, list[UUID]] = defaultdict(list)
    for event_id, event in zip(ids, events, strict=True):
        for subscriber in routes.get(event.name, ()):
            hears[subscriber].append(event_id)
    for subscriber, told in hears.items():
        for start in range(0, len(told), TOGETHER):
            yield subscriber, told[start : start + TOGETHER]


def _further(together: Sequence[UUID]) -> str | None:
    """All but the first, as PostgreSQL writes an array; nothing when there are none."""
    return f"{{{','.join(map(str, together[1:]))}}}" if len(together) > 1 else None


def _key(unit: Unit, job: QueuedJob) -> str | None:
    return f"{unit.shop_id}:{job.name}:{job.once}" if job.once else None
