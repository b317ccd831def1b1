"""Group commit: rows that arrive together are written by one statement and answered after one commit."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec
import psycopg
import structlog

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, Unavailable
from kernel.errors import DomainError

Row = TypeVar("Row")
_LARGEST_GROUP = 500
_GROWN = 16
# What one row can be refused for; the others of its group are written without it.
_REFUSED = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded, UnicodeError)
_log = structlog.get_logger()


ToParameters = Callable[[list[Row]], Sequence[Any]]


def in_columns(to_columns: Callable[[Row], Sequence[Any]]) -> ToParameters[Row]:
    """One array a column, for `INSERT … SELECT * FROM unnest(%s::uuid[], …)`: best for few and large values."""

    def parameters(rows: list[Row]) -> Sequence[Any]:
        return [list(column) for column in zip(*map(to_columns, rows), strict=True)]

    return parameters


def as_json(rows: list[Any]) -> Sequence[Any]:
    """The group as one JSON array, for `INSERT … FROM json_to_recordset(%s)`: half the work for many small values.

    Bytes arrive as base64, for `decode(…, 'base64')`.
    """
    return (msgspec.json.encode(rows).decode(),)


class Unstorable(DomainError):
    code = "unstorable_input"
    title = "The input holds something that cannot be stored"


class GroupCommit(Generic[Row]):
    """Writes rows through one dedicated connection.

    `to_parameters` turns a group into the parameters of `sql`, which may not depend on the rows' order: see
    `in_columns` and `as_json`. While one group commits the next one gathers. A small group lingers for `linger_s`
    before it goes, until it has grown: what a group costs is mostly per group, so a few milliseconds save most of the
    work when little arrives at a time. `record` returns after the commit; it raises Unavailable when the database is
    away or too many wait, and Unstorable for a row that the database refuses.
    """

    def __init__(
        self,
        database: Database,
        sql: str,
        to_parameters: ToParameters[Row],
        *,
        most_waiting: int = 20_000,
        linger_s: float = 0.0,
    ) -> None:
        self._database = database
        self._sql = sql.encode()
        self._to_parameters = to_parameters
        self._most_waiting = most_waiting
        self._waiting: list[tuple[Row, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()
        self._grown = asyncio.Event()
        self._linger_s = linger_s
        self._task: asyncio.Task[None] | None = None
        self._connection: psycopg.AsyncConnection | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="group commit")

    async def stop(self) -> None:
        """Write what still waits, then close."""
        last = [future for _, future in self._waiting]
        if last and self._task is not None and not self._task.done():
            await asyncio.wait(last, timeout=5)
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._connection is not None:
            await self._connection.close()
        self._fail(self._waiting, Unavailable())

    async def record(self, row: Row) -> None:
        if len(self._waiting) >= self._most_waiting:
            raise Unavailable
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, future))
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
            group, self._waiting = self._waiting[:_LARGEST_GROUP], self._waiting[_LARGEST_GROUP:]
            if not self._waiting:
                self._arrived.clear()
            try:
                await self._commit(group)
            except asyncio.CancelledError:
                self._fail(group, Unavailable())
                raise
            except Exception:
                _log.exception("group_commit.failed", rows=len(group))
                self._fail(group, Unavailable())

    async def _linger(self) -> None:
        timer = asyncio.get_running_loop().call_later(self._linger_s, self._grown.set)
        await self._grown.wait()
        timer.cancel()

    async def _commit(self, group: list[tuple[Row, asyncio.Future[None]]]) -> None:
        try:
            await self._write([row for row, _ in group])
        except _REFUSED as error:
            await self._one_by_one(group, error)
            return
        except AWAY:
            self._connection = None
            self._fail(group, Unavailable())
            await asyncio.sleep(0.05)
            return
        for _, future in group:
            if not future.done():
                future.set_result(None)

    async def _one_by_one(self, group: list[tuple[Row, asyncio.Future[None]]], error: Exception) -> None:
        if len(group) == 1:
            self._fail(group, Unstorable(pointer=None))
            _log.warning("group_commit.refused", error=type(error).__name__)
            return
        for one in group:
            await self._commit([one])

    async def _write(self, rows: list[Row]) -> None:
        if self._connection is None or self._connection.closed:
            self._connection = await self._database.raw()
        await self._connection.execute(self._sql, self._to_parameters(rows))

    @staticmethod
    def _fail(group: list[tuple[Row, asyncio.Future[None]]], error: DomainError) -> None:
        for _, future in group:
            if not future.done():
                future.set_exception(error)
