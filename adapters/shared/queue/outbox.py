"""Writes a unit's facts and jobs into its transaction."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache

import msgspec
from psycopg import AsyncRawCursor

from adapters.shared.ids import new_id
from adapters.shared.postgres.bell import Bell
from adapters.shared.postgres.unit import Unit
from kernel.events import Event

# Payloads travel as one JSON array: escaping them into an array of texts costs more than making them.
STORE = b"""
WITH stored AS (
    INSERT INTO outbox (shop_id, event_id, name, version, occurred_at, payload)
    SELECT %s, fact.event_id, fact.name, fact.version, %s, fact.payload
    FROM ROWS FROM (unnest(%s::uuid[]), unnest(%s::text[]), unnest(%s::int[]), json_array_elements(%s::json))
         AS fact (event_id, name, version, payload)
)
INSERT INTO delivery (shop_id, event_id, subscriber) SELECT %s, * FROM unnest(%s::uuid[], %s::text[])
"""

# A waiting job is held (FOR SHARE) until our commit, so that it cannot start before it sees what we have written.
WAITING = b"""
SELECT dedupe.once FROM unnest(%s::text[]) AS dedupe (once)
WHERE EXISTS (
    SELECT FROM pgqueuer WHERE status = 'queued' AND headers ->> 'once' = dedupe.once AND execute_after <= now()
    FOR SHARE SKIP LOCKED
)
"""


_AT_ONCE = timedelta(0)


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

    async def write_events(self, unit: Unit, events: list[Event]) -> None:
        ids = [new_id() for _ in events]
        shop = unit.shop_id
        deliveries = [
            (event_id, subscriber)
            for event_id, event in zip(ids, events, strict=True)
            for subscriber in self._routes.get(event.name, ())
        ]
        await unit.raw.execute(
            STORE,
            (
                shop,
                unit.now(),
                ids,
                [event.name for event in events],
                [event.version for event in events],
                msgspec.json.encode(events).decode(),
                shop,
                [event_id for event_id, _ in deliveries],
                [subscriber for _, subscriber in deliveries],
            ),
        )

    async def write_jobs(self, unit: Unit, jobs: list[tuple[str, bytes, str | None]]) -> None:
        wanted = {(name, once or str(new_id())): (name, payload, once) for name, payload, once in jobs}
        keys = {f"{name}:{once}" for name, _, once in wanted.values() if once}
        waiting: set[str] = set()
        if keys:
            keyed = [f"{unit.shop_id}:{key}" for key in keys]
            waiting = {row[0] for row in await (await unit.raw.execute(WAITING, (keyed,))).fetchall()}
        fresh = [
            (name, unit.shop_id.bytes + payload, json.dumps({"once": key} if key else {}))
            for name, payload, key in (
                (name, payload, f"{unit.shop_id}:{name}:{once}" if once else None)
                for name, payload, once in wanted.values()
            )
            if key not in waiting
        ]
        if fresh:
            names, payloads, headers = (list(column) for column in zip(*fresh, strict=True))
            count = len(fresh)
            cursor = AsyncRawCursor(unit.raw)
            await cursor.execute(
                _enqueue_statement(self._context),
                ([0] * count, names, payloads, [_AT_ONCE] * count, [None] * count, headers),
            )
