"""The relay: carries facts from a context's outbox to the contexts that hear them.

Deliveries are claimed in batches with SKIP LOCKED (commit order is not id order), leased for 20 seconds (a change of no
indexed column), handed over as one batch per shop and subscriber, and deleted when they arrived. A delivery carries
some facts of one transaction, see `outbox.TOGETHER`. What fails is tried one by one, becomes a delivery of its own, is
tried again with growing pauses, and parked after MOST_TRIES, so that one poison fact stops nobody.
"""

import asyncio
import contextlib
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
import structlog

from adapters.shared.postgres.arrays import Array, texts, uuids
from adapters.shared.postgres.bell import Listener
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, is_away
from adapters.shared.postgres.outage import Outage
from adapters.shared.postgres.pipe import Answer, Asked
from adapters.shared.queue.outbox import channel
from adapters.shared.queue.pace import PATIENT, PROMPT, Pace
from adapters.shared.queue.parked import Parked, ParkedItem
from adapters.shared.telemetry import DELIVERED, DELIVERY_FAILED, PARKED
from kernel.errors import DomainError
from kernel.events import Envelope
from kernel.ids import EventId, ShopId

MOST_TRIES = 8
PAUSES_S = (0.2, 1, 5, 15, 60, 300, 900)
BY_INDEX: Final = {"enable_seqscan": "off"}
"""For a relay's connections. A queue is mostly empty, and what the statistics call empty the planner reads as a whole:
with all that waits for others, and all that has been done since."""
MOST_CLAIMED = 500
AT_ONCE = 4
_log = structlog.get_logger()

Deliver = Callable[[ShopId, Sequence[Envelope]], Awaitable[None]]

CLAIM = b"""
WITH due AS (
    SELECT waiting.place FROM unnest(%s::text[]) AS ear (name) CROSS JOIN LATERAL (
        SELECT ctid AS place FROM delivery
        WHERE subscriber = ear.name AND parked_at IS NULL AND available_at <= now()
          AND (leased_until IS NULL OR leased_until <= now())
        ORDER BY available_at LIMIT %s FOR UPDATE SKIP LOCKED
    ) AS waiting
), claimed AS (
    UPDATE delivery SET leased_until = now() + interval '20 seconds', tries = tries + 1
    WHERE ctid = ANY(ARRAY(SELECT place FROM due)) RETURNING shop_id, event_id, further, subscriber, tries, ctid
)
SELECT claimed.ctid::text, claimed.event_id, claimed.subscriber, claimed.tries, shop_id, fact.event_id,
    name, version, occurred_at, payload::text
FROM claimed CROSS JOIN LATERAL unnest(claimed.event_id || claimed.further) AS fact (event_id)
JOIN outbox USING (shop_id) WHERE outbox.event_id = fact.event_id
"""
STRANGERS = b"SELECT DISTINCT subscriber FROM delivery WHERE parked_at IS NULL AND subscriber <> ALL(%s::text[])"
DONE = b"""
DELETE FROM delivery
WHERE ctid = ANY(%s::text[]::tid[]) AND (event_id, subscriber) IN (SELECT * FROM unnest(%s::uuid[], %s::text[]))
"""
# Somebody else holds the row when our lease has run out: then what it carried besides is done, or failed like this.
FAILED = b"""
INSERT INTO delivery (shop_id, event_id, subscriber, available_at, last_error, tries, parked_at)
SELECT shop_id, event_id, subscriber, now() + make_interval(secs => pause), error, tries,
    CASE WHEN parked THEN now() END
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::float8[], %s::text[], %s::int[], %s::bool[])
     AS failed (shop_id, event_id, subscriber, pause, error, tries, parked)
ON CONFLICT (shop_id, event_id, subscriber) DO UPDATE
SET available_at = excluded.available_at, leased_until = NULL, last_error = excluded.last_error, tries = excluded.tries,
    parked_at = excluded.parked_at, further = NULL
"""
LIST_PARKED = b"""
SELECT shop_id, event_id, subscriber, name, tries, last_error, parked_at
FROM delivery JOIN outbox USING (shop_id, event_id)
WHERE parked_at IS NOT NULL ORDER BY parked_at LIMIT 1000
"""
REPLAY = b"""
UPDATE delivery SET parked_at = NULL, tries = 0, available_at = now(), leased_until = NULL
WHERE parked_at IS NOT NULL AND (%(item)s::text IS NULL OR event_id::text || ':' || subscriber = %(item)s)
"""
BACKLOG = b"""
SELECT coalesce(sum(1 + coalesce(cardinality(further), 0)), 0),
    coalesce(extract(epoch FROM now() - min(available_at)), 0)
FROM delivery WHERE parked_at IS NULL
"""


class Bundle(NamedTuple):
    """A delivery's row, which carries one fact or several."""

    place: str
    """Where it stands as long as it is ours. By its key the planner may look for it among all that wait: what it
    knows of a queue is that it was empty."""
    first: UUID
    subscriber: str


class Claimed(NamedTuple):
    bundle: Bundle
    tries: int
    envelope: Envelope


class Failure(NamedTuple):
    claimed: Claimed
    error: BaseException


class Carried(NamedTuple):
    deliveries: int
    facts: int


class Relay:
    """Empties one context's outbox. Several processes may run one each; they share the work."""

    def __init__(
        self,
        context: str,
        database: Database,
        subscribers: Mapping[str, Deliver],
        patient: Collection[str] = (),
        ears: Collection[str] | None = None,
    ) -> None:
        """`ears` are all who may be told facts of this context, also those to whom nobody here carries any."""
        self._context = context
        self._database = database
        self._subscribers = subscribers
        heard_by = set(subscribers if ears is None else ears)
        self._patient = sorted(heard_by & set(patient))
        self._prompt = sorted(heard_by - set(patient))
        self._outage = Outage()
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._one_by_one = asyncio.Semaphore(1)

    async def __call__(self, stop: asyncio.Event) -> None:
        """Carry until `stop` is set; then finish the batches in hand.

        Patient subscribers get larger batches later, one shop after the other: all at once, every few seconds, they
        would take the time of what somebody waits for.
        """
        with contextlib.suppress(*AWAY):  # then those who are told no more are found at the next start
            self._prompt += await self._strangers()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_carrying(stop, PROMPT, patient=False))
            if self._patient:
                group.create_task(self._keep_carrying(stop, PATIENT, patient=True))

    async def _keep_carrying(self, stop: asyncio.Event, pace: Pace, *, patient: bool) -> None:
        listener = Listener(self._database, channel(self._context), poll_s=0.5)
        try:
            while not stop.is_set():
                started = time.perf_counter()
                try:
                    carried = (await self.carry(patient=patient)).deliveries
                    self._outage.ends()
                except AWAY as error:
                    self._outage.begins(error)
                    carried = 0
                    await asyncio.sleep(random.uniform(0.3, 0.7))  # noqa: S311
                if not carried:
                    await listener.wait(stop)
                elif carried < MOST_CLAIMED:
                    await pace.rest(time.perf_counter() - started, stop)
        finally:
            await listener.close()

    async def carry(self, *, patient: bool | None = None) -> Carried:
        """Claim and hand over what is due, of all or only of (im)patient subscribers; how much was claimed."""
        named = [*(self._prompt if not patient else ()), *(self._patient if patient is not False else ())]
        [answer] = await self._send((CLAIM, (named, MOST_CLAIMED)))
        bundles: set[Bundle] = set()
        groups: dict[tuple[str, ShopId], list[Claimed]] = defaultdict(list)
        for place, first, subscriber, tries, shop_id, event_id, name, version, occurred_at, payload in answer.rows:
            bundle = Bundle(place, first, subscriber)
            bundles.add(bundle)
            envelope = Envelope(
                event_id=EventId(event_id),
                shop_id=ShopId(shop_id),
                name=name,
                version=version,
                occurred_at=occurred_at,
                payload=msgspec.Raw(payload.encode()),
            )
            groups[subscriber, ShopId(shop_id)].append(Claimed(bundle, tries, envelope))
        if groups:
            results = await asyncio.gather(*(self._hand_over(*key, batch) for key, batch in groups.items()))
            await self._settle(bundles, [failure for failures in results for failure in failures])
        return Carried(len(bundles), len(answer.rows))

    async def _hand_over(self, subscriber: str, shop_id: ShopId, batch: list[Claimed]) -> list[Failure]:
        deliver = self._subscribers.get(subscriber)
        if deliver is None:
            error = DeliveryImpossible(f"Nobody here carries facts to {subscriber}.")
            return [Failure(claimed, error) for claimed in batch]
        async with self._one_by_one if subscriber in self._patient else self._at_once:
            try:
                await deliver(shop_id, [claimed.envelope for claimed in batch])
            except Exception as error:
                if len(batch) == 1 or is_away(error):
                    return [Failure(claimed, error) for claimed in batch]
            else:
                DELIVERED.labels(self._context, subscriber).inc(len(batch))
                return []
        return [failure for one in batch for failure in await self._hand_over(subscriber, shop_id, [one])]

    async def _settle(self, bundles: Collection[Bundle], failures: list[Failure]) -> None:
        """Strike what was claimed, and put what failed back, each as a delivery of its own: both or nothing."""
        places, first, subscribers = zip(*bundles, strict=True)
        done = (DONE, (Array(texts(places)), Array(uuids(first)), Array(texts(subscribers))))
        await self._send(done, *([(FAILED, self._failed(failures))] if failures else []))

    def _failed(self, failures: list[Failure]) -> tuple[list[Any], ...]:
        columns: tuple[list[Any], ...] = ([], [], [], [], [], [], [])
        for claimed, error in failures:
            subscriber, envelope = claimed.bundle.subscriber, claimed.envelope
            away = is_away(error)
            tries = claimed.tries - 1 if away else claimed.tries
            parked = tries >= MOST_TRIES
            text = f"{getattr(error, 'code', type(error).__name__)}: {error}"[:500].replace("\x00", "")
            pause = PAUSES_S[min(max(tries, 1), len(PAUSES_S)) - 1]
            row = (envelope.shop_id, envelope.event_id, subscriber, pause, text, tries, parked)
            for column, value in zip(columns, row, strict=True):
                column.append(value)
            if not away:
                DELIVERY_FAILED.labels(self._context, subscriber).inc()
                _log.warning(
                    "delivery.failed", subscriber=subscriber, fact=envelope.name, tries=tries,
                    event_id=str(envelope.event_id), shop_id=str(envelope.shop_id),
                    parked=parked, exc_info=error if not isinstance(error, DomainError) else None,
                )  # fmt: skip
            if parked:
                PARKED.labels(f"{self._context}.facts").inc()
        return columns

    async def backlog(self) -> tuple[int, float]:
        """Number of facts that wait, and the age of the oldest that is due, in seconds."""
        [answer] = await self._send((BACKLOG, ()))
        ((count, age),) = answer.rows
        return int(count), max(float(age), 0.0)

    async def _strangers(self) -> list[str]:
        """To whom facts were to be told by those who ran before us, and who is no subscriber any more."""
        [answer] = await self._send((STRANGERS, (self._prompt + self._patient,)))
        return [row[0] for row in answer.rows]

    async def _send(self, *asked: Asked) -> list[Answer]:
        """One transaction of one round trip: what is sent together is done together, or not at all."""
        async with self._database.engine.connect() as connection:
            wire: Any = (await connection.get_raw_connection()).driver_connection
            answers: list[Answer] = await wire.pipe.send(asked)
            return answers

    def parked(self) -> Parked:
        """What this context could not deliver."""
        return Parked(f"{self._context}.facts", self._list_parked, self._replay)

    async def _list_parked(self) -> list[ParkedItem]:
        async with await self._database.raw() as connection:
            rows = await (await connection.execute(LIST_PARKED)).fetchall()
        return [
            ParkedItem(
                queue=f"{self._context}.facts",
                shop_id=str(shop_id),
                item=f"{event_id}:{subscriber}",
                tries=tries,
                error=f"{name}: {error}",
                parked_at=parked_at.isoformat(),
            )
            for shop_id, event_id, subscriber, name, tries, error, parked_at in rows
        ]

    async def _replay(self, item: str | None) -> int:
        async with await self._database.raw() as connection:
            return (await connection.execute(REPLAY, {"item": item})).rowcount


class DeliveryImpossible(DomainError):
    code = "delivery_impossible"
    title = "There is nobody to deliver to"
