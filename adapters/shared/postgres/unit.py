"""The unit of work: one transaction of one shop."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol

import psycopg
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, ShopUnknown, TooSlow, Unavailable, is_away, is_slow
from adapters.shared.postgres.known_shop import ShopFacts, read_facts
from adapters.shared.postgres.request_scope import current_scope
from kernel.events import Clock, Event
from kernel.ids import ShopId


class QueuedJob(NamedTuple):
    name: str
    payload: bytes
    once: str | None
    after_s: float


class Sink(Protocol):
    """Writes what a unit has gathered, inside its transaction, and rings the bell after the commit."""

    async def write_events(self, unit: "Unit", events: list[Event]) -> None: ...
    async def write_jobs(self, unit: "Unit", jobs: list[QueuedJob]) -> None: ...
    def ring(self) -> None: ...


def utc_now() -> datetime:
    return datetime.now(UTC)


class Unit:
    """One open transaction of one shop, as the adapters see it. See `Units` for how it begins and ends."""

    def __init__(
        self, shop_id: ShopId, sql: AsyncConnection, raw: psycopg.AsyncConnection, facts: ShopFacts | None, clock: Clock
    ) -> None:
        self.shop_id = shop_id
        self.sql = sql
        self.raw = raw
        self._facts = facts
        self._clock = clock
        self.events: list[Event] = []
        self.jobs: list[QueuedJob] = []

    @property
    def shop(self) -> ShopFacts:
        """This context's copy of the shop's facts, as of the start of the transaction."""
        if self._facts is None:
            raise ShopUnknown
        return self._facts

    def now(self) -> datetime:
        """The shop's present moment in UTC: real time plus its test clock's offset."""
        offset = self._facts.clock_offset_s if self._facts else 0
        return self._clock() + timedelta(seconds=offset)

    def publish(self, *events: Event) -> None:
        """Have the facts written with the state: outbox and delivery rows go into this transaction at its end."""
        self.events.extend(events)

    def enqueue(self, job: str, payload: bytes = b"", *, once: str | None = None, after_s: float = 0.0) -> None:
        """Have a job of this shop queued in this transaction, to run `after_s` seconds later at the earliest.

        `once` drops it if the same is waiting already.
        """
        self.jobs.append(QueuedJob(job, payload, once, after_s))


class Units:
    """Opens units of work of one context.

    `async with units(shop_id) as unit:` commits on exit and rolls back on any error. Raises ShopUnknown when
    the context does not know the shop, Unavailable when the database is away. Inside a request that carries an
    idempotency key the commit waits until the answer is stored beside the effect (see `request_scope`).
    """

    def __init__(self, context: str, database: Database, sink: Sink, clock: Clock = utc_now) -> None:
        self.context = context
        self._database = database
        self._sink = sink
        self._clock = clock

    def __call__(self, shop_id: ShopId) -> AbstractAsyncContextManager[Unit]:
        return self._open(shop_id, must_know=True)

    def unknown(self, shop_id: ShopId) -> AbstractAsyncContextManager[Unit]:
        """As a call, for the one occasion on which the shop may be new: learning its facts."""
        return self._open(shop_id, must_know=False)

    @asynccontextmanager
    async def _open(self, shop_id: ShopId, *, must_know: bool) -> AsyncIterator[Unit]:
        scope = current_scope.get()
        if scope is None or scope.context != self.context:
            async with self._transaction(shop_id, must_know=must_know) as unit:
                yield unit
            return
        if scope.unit is None:
            await scope.enter(self._transaction(shop_id, must_know=must_know))
        try:
            yield scope.held()
        except BaseException as error:
            await scope.abandon(error)
            raise

    @asynccontextmanager
    async def _transaction(self, shop_id: ShopId, *, must_know: bool) -> AsyncIterator[Unit]:
        try:
            async with self._database.engine.connect() as sql:
                raw: Any = (await sql.get_raw_connection()).driver_connection
                try:
                    facts = await _begin(raw, shop_id)
                    if must_know and facts is None:
                        raise ShopUnknown
                    unit = Unit(shop_id, sql, raw, facts, self._clock)
                    yield unit
                    await self._commit(unit)
                except BaseException:
                    await _roll_back(raw)
                    raise
        except AWAY as error:
            if is_slow(error):
                raise TooSlow from error
            if is_away(error):
                raise Unavailable from error
            raise
        if unit.events or unit.jobs:
            self._sink.ring()

    async def _commit(self, unit: Unit) -> None:
        if not (unit.events or unit.jobs):
            await unit.raw.execute("COMMIT", prepare=False)
            return
        # Sent together and waited for once: a round trip costs more than what most of these statements do.
        async with unit.raw.pipeline():
            if unit.events:
                await self._sink.write_events(unit, unit.events)
            if unit.jobs:
                await self._sink.write_jobs(unit, unit.jobs)
            await unit.raw.execute("COMMIT", prepare=False)


async def _begin(raw: psycopg.AsyncConnection, shop_id: ShopId) -> ShopFacts | None:
    # One round trip for three statements: the simple protocol takes several at once, but no parameters. A UUID is safe.
    cursor = await raw.execute(
        f"BEGIN; SELECT set_config('app.shop_id', '{shop_id}', true);"
        f" SELECT facts::text FROM known_shop WHERE shop_id = '{shop_id}'",
        prepare=False,
    )
    cursor.nextset()
    cursor.nextset()
    row = await cursor.fetchone()
    return read_facts(row[0].encode()) if row else None


async def _roll_back(raw: psycopg.AsyncConnection) -> None:
    if not raw.closed and raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        try:
            await raw.rollback()
        except AWAY:
            await raw.close()
