"""Group commit: rows that arrive together are written by one statement and answered after one commit."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import psycopg
import structlog
from psycopg import pq

from adapters.shared.postgres import records
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, Unavailable
from adapters.shared.postgres.prepared import Standing
from kernel.errors import DomainError

Row = TypeVar("Row")
Work = Callable[[], object]
_Group = list[tuple[Row, asyncio.Future[None], Work | None]]
_LARGEST_GROUP = 500
_GROWN = 24
# What one row can be refused for; the others of its group are written without it.
_REFUSED = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded, UnicodeError)
_log = structlog.get_logger()


ToParameters = Callable[[list[Row]], Sequence[bytes]]


def in_columns(to_columns: Callable[[Row], Sequence[Any]], *encode: Callable[[Any], bytes]) -> ToParameters[Row]:
    """One array a column, for `INSERT … SELECT * FROM unnest($1::uuid[], …)`: best for few and large values.

    `encode` names each column's encoder: `uuids`, `texts`, `byteas`.
    """

    def parameters(rows: list[Row]) -> Sequence[bytes]:
        columns = zip(*map(to_columns, rows), strict=True)
        return [to_array(column) for to_array, column in zip(encode, columns, strict=True)]

    return parameters


class Unstorable(DomainError):
    code = "unstorable_input"
    title = "The input holds something that cannot be stored"


class GroupCommit(Generic[Row]):
    """Writes rows through one dedicated connection.

    `to_parameters` turns a group into the parameters of `sql` (`$1`, `$2`, in binary format), which may not depend on
    the rows' order: see `in_columns`. With a `row_type` it gives encoded rows of that composite type (see `records`),
    and they are the one parameter, `$1::row_type[]`: best for many small values. While one group commits the next one
    gathers. A small group lingers for `linger_s` before it goes, until it has grown: what a group costs is mostly per
    group, so a few milliseconds save most of the work when little arrives at a time. `record` returns after the
    commit; it raises Unavailable when the database is away or too many wait, and Unstorable for a row that the database
    refuses.
    """

    def __init__(
        self,
        database: Database,
        sql: str,
        to_parameters: ToParameters[Row],
        *,
        row_type: str = "",
        most_waiting: int = 20_000,
        linger_s: float = 0.0,
    ) -> None:
        self._statement = Standing(database, sql, row_type)
        self._to_parameters = to_parameters
        self._row_type = row_type
        self._most_waiting = most_waiting
        self._waiting: _Group[Row] = []
        self._arrived = asyncio.Event()
        self._grown = asyncio.Event()
        self._linger_s = linger_s
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._busy_since: float | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="group commit")

    async def stop(self) -> None:
        """Write what still waits, then close."""
        last = [future for _, future, _ in self._waiting]
        if last and self._task is not None and not self._task.done():
            await asyncio.wait(last, timeout=5)
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._drop_connection()
        self._fail(self._waiting, Unavailable())

    def busy_for_s(self) -> float:
        """How long the present group has been on its way; 0 when there is none."""
        return 0.0 if self._busy_since is None else time.monotonic() - self._busy_since

    async def give_up(self) -> None:
        """Fail what waits and what is on its way with Unavailable, and start anew on another connection.

        For a database that neither answers nor refuses. What is on its way may be committed nevertheless.
        """
        waiting, self._waiting = self._waiting, []
        self._arrived.clear()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._drop_connection()
        self._fail(waiting, Unavailable())
        await self.start()

    async def record(self, row: Row, meanwhile: Work | None = None) -> None:
        """Returns when the row is committed.

        `meanwhile` is called once the row is on its way: the process would only wait for the database then. It may be
        called more than once, and is not when the row never gets on its way.
        """
        if len(self._waiting) >= self._most_waiting:
            raise Unavailable
        # Kept, not asked for: each question for the running loop is a system call in Python 3.11.
        loop = self._loop = self._loop or asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._waiting.append((row, future, meanwhile))
        self._arrived.set()
        if len(self._waiting) >= _GROWN:
            self._grown.set()
        await future

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            if self._linger_s and len(self._waiting) < _GROWN:
                await self._linger()
            self._grown.clear()
            size = self._size_of_group()
            group, self._waiting = self._waiting[:size], self._waiting[size:]
            if not self._waiting:
                self._arrived.clear()
            self._busy_since = time.monotonic()
            try:
                await self._commit(group)
            except asyncio.CancelledError:
                self._fail(group, Unavailable())
                raise
            except Exception:
                _log.exception("group_commit.failed", rows=len(group))
                self._fail(group, Unavailable())
            finally:
                self._busy_since = None

    def _size_of_group(self) -> int:
        """How many of those that wait go together; at least one."""
        return min(len(self._waiting), _LARGEST_GROUP)

    async def _linger(self) -> None:
        timer = asyncio.get_running_loop().call_later(self._linger_s, self._grown.set)
        await self._grown.wait()
        timer.cancel()

    async def _commit(self, group: _Group[Row]) -> None:
        rows = [row for row, _, _ in group]
        asyncio.get_running_loop().call_soon(_work, group)

        def stored(result: pq.abc.PGresult) -> None:
            self._stored(rows, result)
            self._succeed(group)

        try:
            await self._store(rows, stored)
        except _REFUSED as error:
            await self._one_by_one(group, error)
            return
        except AWAY:
            await self._drop_connection()
            self._fail(group, Unavailable())
            await asyncio.sleep(0.05)
            return
        self._succeed(group)  # who was not told because reading the result failed: the rows are in

    async def _one_by_one(self, group: _Group[Row], error: Exception) -> None:
        if len(group) == 1:
            self._fail(group, Unstorable(pointer=None))
            _log.warning("group_commit.refused", error=type(error).__name__)
            return
        for one in group:
            await self._commit([one])

    def _stored(self, rows: list[Row], result: pq.abc.PGresult) -> None:
        """What the statement answered, before those who wait are told."""

    async def _store(self, rows: list[Row], then: Callable[[pq.abc.PGresult], None]) -> None:
        await self._send(self._statement, rows, then)

    async def _send(self, to: Standing, rows: list[Row], then: Callable[[pq.abc.PGresult], None]) -> None:
        statement = await to.ready()
        parameters = self._to_parameters(rows)
        if self._row_type:
            parameters = [records.array(statement.row_type, parameters)]
        await statement.run(parameters, then)

    async def _drop_connection(self) -> None:
        await self._statement.close()

    @staticmethod
    def _succeed(group: _Group[Row]) -> None:
        for _, future, _ in group:
            if not future.done():
                future.set_result(None)

    @staticmethod
    def _fail(group: _Group[Row], error: DomainError) -> None:
        for _, future, _ in group:
            if not future.done():
                future.set_exception(error)


def _work(group: _Group[Row]) -> None:
    for _, _, meanwhile in group:
        if meanwhile is not None:
            meanwhile()
