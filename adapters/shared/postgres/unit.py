"""The unit of work: one transaction of one shop."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol

import psycopg
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.shared.postgres.database import Database, Wire
from adapters.shared.postgres.errors import AWAY, ShopUnknown, TooSlow, Unavailable, is_away, is_slow
from adapters.shared.postgres.known_shop import ShopFacts, read_facts
from adapters.shared.postgres.pipe import Answer, Asked, Parameters
from adapters.shared.postgres.question import Question
from adapters.shared.postgres.request_scope import current_scope
from kernel.errors import DomainError
from kernel.events import Clock, Event
from kernel.ids import ShopId

BEGIN: Final = b"BEGIN"
FOR_SHOP: Final = b"SELECT set_config('app.shop_id', $1, true)"
KNOWN: Final = b"SELECT facts::text FROM known_shop WHERE shop_id = $1"
COMMIT: Final = b"COMMIT"
ROLLBACK: Final = b"ROLLBACK"


class QueuedJob(NamedTuple):
    name: str
    payload: bytes
    once: str | None
    after_s: float


class Sink(Protocol):
    """Writes what a unit has gathered, inside its transaction, and rings the bell after the commit."""

    def write_events(self, unit: "Unit", events: list[Event]) -> None: ...
    async def write_jobs(self, unit: "Unit", jobs: list[QueuedJob]) -> None: ...
    def ring(self) -> None: ...


def utc_now() -> datetime:
    return datetime.now(UTC)


class Unit:
    """One open transaction of one shop, as the adapters see it. See `Units` for how it begins and ends.

    A round trip costs more than what most statements do, so those whose result nobody needs may travel with the next
    that is waited for: see `later` and `read`.
    """

    def __init__(self, shop_id: ShopId, sql: AsyncConnection, raw: Wire, facts: ShopFacts | None, clock: Clock) -> None:
        self.shop_id = shop_id
        self._sql = sql
        self._raw = raw
        self._facts = facts
        self._clock = clock
        self.events: list[Event] = []
        self.jobs: list[QueuedJob] = []
        self._later: list[Asked] = []

    @property
    def sql(self) -> AsyncConnection:
        """The connection for Core statements."""
        self._insist_on_order()
        return self._sql

    @property
    def raw(self) -> Wire:
        """The same transaction, psycopg directly."""
        self._insist_on_order()
        return self._raw

    def later(self, statement: bytes, parameters: Parameters) -> None:
        """Have a statement sent with the next `read`, with `flush` or with the commit, whichever comes first.

        For writes and locks whose result nobody needs; what they raise is raised there.
        """
        self._later.append((statement, parameters))

    async def read(self, statement: bytes, parameters: Parameters) -> list[tuple[Any, ...]]:
        """Send what waits and the statement together; the statement's rows."""
        return (await self._send((statement, parameters)))[-1].rows

    async def read_all(self, *asked: Asked) -> list[list[tuple[Any, ...]]]:
        """As `read` for several statements: all sent together, and waited for once; the rows of each."""
        return [answer.rows for answer in (await self._send(*asked))[-len(asked) :]]

    async def write(self, statement: bytes, parameters: Parameters) -> int:
        """As `read`, for a write: how many rows it wrote."""
        return (await self._send((statement, parameters)))[-1].touched

    async def flush(self) -> None:
        """Send what waits, and wait for it."""
        if self._later:
            await self._send()

    async def _send(self, *asked: Asked) -> list[Answer]:
        waiting, self._later = self._later, []
        return await self._raw.pipe.send((*waiting, *asked))

    async def commit(self, sink: "Sink") -> None:
        """Write what has been gathered, and commit: all sent together and waited for once."""
        if self.jobs:
            await sink.write_jobs(self, self.jobs)
        if self.events:
            sink.write_events(self, self.events)
        await self._send((COMMIT, ()))

    def _insist_on_order(self) -> None:
        if self._later:
            raise RuntimeError("statements wait to be sent: flush them first, or the next one overtakes them")

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

    def reading(self, shop_id: ShopId, first: Asked) -> AbstractAsyncContextManager[tuple[Unit, list[tuple[Any, ...]]]]:
        """As a call outside of requests, with the rows of a first statement that goes with the transaction's begin."""
        return self._transaction(shop_id, first, must_know=True)

    def unknown(self, shop_id: ShopId) -> AbstractAsyncContextManager[Unit]:
        """As a call, for the one occasion on which the shop may be new: learning its facts."""
        return self._open(shop_id, must_know=False)

    async def ask(self, shop_id: ShopId, question: Question, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of one read that needs no unit: its transaction begins and ends in one round trip.

        A shop that is not known has no rows. Raises Unavailable and TooSlow as a unit does.
        """
        try:
            return await self._database.questions.ask(shop_id, question, values)
        except AWAY as error:
            if (named := _named(error)) is None:
                raise
            raise named from error

    @asynccontextmanager
    async def _open(self, shop_id: ShopId, *, must_know: bool) -> AsyncIterator[Unit]:
        scope = current_scope.get()
        if scope is None or scope.context != self.context:
            async with self._transaction(shop_id, must_know=must_know) as (unit, _):
                yield unit
            return
        if scope.unit is None:
            await scope.enter(self._transaction(shop_id, must_know=must_know))
        try:
            yield scope.held()
            await scope.held().flush()
        except BaseException as error:
            await scope.abandon(error)
            raise

    @asynccontextmanager
    async def _transaction(
        self, shop_id: ShopId, *first: Asked, must_know: bool
    ) -> AsyncIterator[tuple[Unit, list[tuple[Any, ...]]]]:
        try:
            async with self._database.engine.connect() as sql:
                raw: Any = (await sql.get_raw_connection()).driver_connection
                try:
                    facts, rows = await _begin(raw, shop_id, first)
                    if must_know and facts is None:
                        raise ShopUnknown
                    unit = Unit(shop_id, sql, raw, facts, self._clock)
                    yield unit, rows
                    await unit.commit(self._sink)
                except BaseException:
                    await _roll_back(raw)
                    raise
        except AWAY as error:
            if (named := _named(error)) is None:
                raise
            raise named from error
        if unit.events or unit.jobs:
            self._sink.ring()


def _named(error: BaseException) -> DomainError | None:
    """The database's absence in our words; None when it is something else."""
    if is_slow(error):
        return TooSlow()
    return Unavailable() if is_away(error) else None


async def _begin(raw: Wire, shop_id: ShopId, first: Sequence[Asked]) -> tuple[ShopFacts | None, list[tuple[Any, ...]]]:
    """The shop's facts, and the rows of what comes last."""
    answers = await raw.pipe.send(((BEGIN, ()), (FOR_SHOP, (str(shop_id),)), (KNOWN, (shop_id,)), *first))
    known = answers[2].rows
    return read_facts(known[0][0].encode()) if known else None, answers[-1].rows


async def _roll_back(raw: Wire) -> None:
    if not raw.closed and raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        try:
            await raw.pipe.send([(ROLLBACK, ())])  # psycopg's own would forget what is prepared
        except AWAY:
            await raw.close()
