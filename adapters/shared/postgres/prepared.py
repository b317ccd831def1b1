"""One statement on one connection, at the least cost: for the measured hot path.

psycopg's cursors adapt parameters and results by type, and watch the socket anew for each statement. Where the same
statement runs thousands of times a second, that is most of the work. Here the parameters are encoded by the caller in
PostgreSQL's binary format, the statement is prepared once, and the socket is watched for as long as it is open.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import psycopg
from psycopg import pq

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.exchange import LOOK_AGAIN_S

Encoded = bytes | None
_NAME: Final = b"hot"
_BINARY: Final = pq.Format.BINARY
_DONE: Final = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)


class PreparedStatement:
    """Runs one statement again and again; one run at a time. Raises what psycopg raises for it.

    The statement numbers its parameters: `$1`, `$2`.
    """

    def __init__(self, connection: psycopg.AsyncConnection, sql: bytes, row_type: int = 0) -> None:
        self.sql = sql
        self.row_type = row_type
        self._connection = connection
        self._pg = connection.pgconn
        self._loop = asyncio.get_running_loop()
        self._socket = self._pg.socket
        self._watching = False
        self._finished: asyncio.Future[pq.abc.PGresult] | None = None
        self._result: pq.abc.PGresult | None = None
        self._then: Callable[[pq.abc.PGresult], None] | None = None

    @classmethod
    async def open(cls, database: Database, sql: bytes, row_type: str = "") -> "PreparedStatement":
        """Connect and prepare. A composite type that is named is found by its number in `row_type`, for `records`."""
        connection = await database.raw()
        opened = cls(connection, sql, await _number_of(connection, row_type) if row_type else 0)
        opened._loop.add_reader(opened._socket, opened._readable)
        opened._watching = True
        try:
            opened._pg.send_prepare(_NAME, sql)
            await opened._finish()
        except BaseException:
            await opened.close()
            raise
        return opened

    @property
    def closed(self) -> bool:
        return self._connection.closed

    async def run(
        self, parameters: Sequence[Encoded], then: Callable[[pq.abc.PGresult], None] | None = None
    ) -> pq.abc.PGresult:
        """Run the statement with parameters in binary format; what it returns is text.

        `then` is called with the result of a success as soon as it is there, a turn of the loop before this returns.
        """
        self._then = then
        self._pg.send_query_prepared(_NAME, parameters, param_formats=[_BINARY] * len(parameters))
        return await self._finish()

    async def close(self) -> None:
        self._look_away()
        await self._connection.close()

    async def _finish(self) -> pq.abc.PGresult:
        self._finished = self._loop.create_future()
        if self._pg.flush():
            self._loop.add_writer(self._socket, self._writable)
        self._again = self._loop.call_later(LOOK_AGAIN_S, self._look_again)
        try:
            result = await self._finished
        finally:
            self._again.cancel()
        if result.status not in _DONE:
            raise psycopg.errors.error_from_result(result)
        return result

    def _look_again(self) -> None:
        """Look by ourselves, and watch anew (see `Exchange`)."""
        if not self._watching:
            return
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._readable()
        if self._watching:
            self._loop.add_reader(self._socket, self._readable)
        if self._watching and self._finished is not None:
            self._loop.add_writer(self._socket, self._writable)
            self._again = self._loop.call_later(LOOK_AGAIN_S, self._look_again)

    def _writable(self) -> None:
        try:
            if not self._pg.flush():
                self._loop.remove_writer(self._socket)
        except psycopg.Error as error:
            self._broken(error)

    def _readable(self) -> None:
        try:
            self._pg.consume_input()
            while not self._pg.is_busy():
                result = self._pg.get_result()
                if result is None:
                    self._done()
                    return
                self._result = result
        except psycopg.Error as error:
            self._broken(error)

    def _done(self) -> None:
        finished, self._finished = self._finished, None
        result, self._result = self._result, None
        then, self._then = self._then, None
        if finished is not None and result is not None and not finished.done():
            finished.set_result(result)
            if then is not None and result.status in _DONE:
                then(result)

    def _broken(self, error: psycopg.Error) -> None:
        # A closed socket stays readable for ever: stop watching it, and let the next run find the connection closed.
        self._look_away()
        self._pg.finish()
        finished, self._finished = self._finished, None
        if finished is not None and not finished.done():
            finished.set_exception(error)

    def _look_away(self) -> None:
        # Once: the number of a closed socket is soon another connection's, which must not be left unwatched.
        if self._watching:
            self._watching = False
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)


class Standing:
    """A prepared statement that is there when it is wanted: opened at first use, and anew once it was lost."""

    def __init__(self, database: Database, sql: str, row_type: str = "") -> None:
        self._database = database
        self._sql = sql.encode()
        self._row_type = row_type
        self._opened: PreparedStatement | None = None

    async def ready(self) -> PreparedStatement:
        """The statement, on a connection that is open as far as is known."""
        if self._opened is None or self._opened.closed:
            self._opened = await PreparedStatement.open(self._database, self._sql, self._row_type)
        return self._opened

    async def close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.close()


async def _number_of(connection: psycopg.AsyncConnection, row_type: str) -> int:
    try:
        cursor = await connection.execute("SELECT %s::regtype::oid", (row_type,))
        [(number,)] = await cursor.fetchall()
    except BaseException:
        await connection.close()
        raise
    return int(number)
