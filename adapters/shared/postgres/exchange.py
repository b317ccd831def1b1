"""Waiting for what the server answers, at the least cost.

psycopg watches the socket anew for each result. Here it is watched once for all that was sent together.
"""

import asyncio
from typing import Final

import psycopg
from psycopg import pq

LOOK_AGAIN_S: Final = 1.0
_DONE: Final = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)


class Exchange:
    """All results of what has just been sent over a connection: of one query, or of a pipeline up to its sync.

    Raises psycopg.OperationalError when the connection breaks. Who is cancelled leaves the connection in the middle of
    something, and must close it.
    """

    def __init__(self, pg: pq.abc.PGconn) -> None:
        self._pg = pg
        self._pipelined = pg.pipeline_status != pq.PipelineStatus.OFF
        self._socket = pg.socket
        self._writes = False
        self._loop = asyncio.get_running_loop()
        self._done: asyncio.Future[None] = self._loop.create_future()
        self._results: list[pq.abc.PGresult] = []

    async def results(self) -> list[pq.abc.PGresult]:
        """Sends what is still to be sent; the results, errors among them, without the sync."""
        try:
            self._watch()
            await self._done
        finally:
            self._again.cancel()
            if not self._done.done() or self._done.cancelled():
                self._look_away()
        return self._results

    def _watch(self) -> None:
        self._again = self._loop.call_later(LOOK_AGAIN_S, self._look_again)
        if self._pg.flush():
            self._loop.add_writer(self._socket, self._writable)
            self._writes = True
        self._loop.add_reader(self._socket, self._readable)

    def _look_again(self) -> None:
        """Look by ourselves, and watch anew.

        uvloop drops a socket that has an error without a word, and whoever waited for a connection that somebody else
        has closed stops to watch its number, which may be our socket's by then.
        """
        self._look_away()
        self._readable()
        if not self._done.done():
            try:
                self._watch()
            except psycopg.Error as error:
                self._broken(error)

    def _readable(self) -> None:
        try:
            self._pg.consume_input()
            self._take()
        except psycopg.Error as error:
            self._broken(error)

    def _take(self) -> None:
        nothing = False
        while not self._done.done() and not self._pg.is_busy():
            result = self._pg.get_result()
            if result is None:
                if not self._pipelined:
                    self._finish()
                elif nothing:  # one ends each statement's results, two say that no more has come
                    return
                nothing = True
            elif result.status == pq.ExecStatus.PIPELINE_SYNC:
                self._finish()
            else:
                nothing = False
                self._results.append(result)

    def _finish(self) -> None:
        self._look_away()
        self._done.set_result(None)

    def _writable(self) -> None:
        try:
            if not self._pg.flush():
                self._stop_writing()
        except psycopg.Error as error:
            self._broken(error)

    def _broken(self, error: psycopg.Error) -> None:
        self._look_away()
        if not self._done.done():
            self._done.set_exception(error)

    def _look_away(self) -> None:
        # At once: when the asker goes on, a closed socket's number may be another connection's.
        self._stop_writing()
        self._loop.remove_reader(self._socket)

    def _stop_writing(self) -> None:
        if self._writes:  # most is sent at once, and nothing need be ended then
            self._loop.remove_writer(self._socket)
            self._writes = False


def all_right(results: list[pq.abc.PGresult]) -> list[pq.abc.PGresult]:
    """The results, when none of them is an error; raises the first that is."""
    for result in results:
        if result.status not in _DONE:
            raise psycopg.errors.error_from_result(result)
    return results
