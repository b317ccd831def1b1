"""Wakes listeners in other processes: NOTIFY outside of transactions, at most one per channel and few milliseconds.

NOTIFY inside a transaction takes a lock at commit that serialises all commits of the database, so the hot path
must not use it. A bell that is not heard costs nothing but time: every listener polls as well.
"""

import asyncio
import contextlib

import psycopg
from psycopg import sql

from adapters.shared.postgres.database import Database, Wire
from adapters.shared.postgres.errors import AWAY

PAUSE_S = 0.02
NOTIFY = b"SELECT pg_notify($1, $2)"


class Bell:
    """Rings channels of one database. `ring` never waits and never fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._wanted: dict[str, str] = {}
        self._task: asyncio.Task[None] | None = None
        self._connection: Wire | None = None

    def ring(self, channel: str, payload: str = "") -> None:
        self._wanted[channel] = payload
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._ring())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._connection is not None:
            await self._connection.close()

    async def _ring(self) -> None:
        while self._wanted:
            wanted, self._wanted = self._wanted, {}
            with contextlib.suppress(*AWAY):
                if self._connection is None or self._connection.closed:
                    self._connection = await self._database.raw()
                await self._connection.pipe.send([(NOTIFY, notice) for notice in wanted.items()])
            await asyncio.sleep(PAUSE_S)


class Listener:
    """Waits for a channel to ring, or for the poll interval to pass, whichever comes first."""

    def __init__(self, database: Database, channel: str, *, poll_s: float = 1.0) -> None:
        self._database = database
        self._channel = channel
        self._poll_s = poll_s
        self._connection: psycopg.AsyncConnection | None = None

    async def wait(self, stop: asyncio.Event) -> list[str]:
        """Payloads heard; empty when only time has passed. Returns early when `stop` is set. Survives an outage."""
        stopping = asyncio.ensure_future(stop.wait())
        hearing = asyncio.ensure_future(self._hear())
        try:
            await asyncio.wait({stopping, hearing}, return_when=asyncio.FIRST_COMPLETED)
            if hearing.done():
                return hearing.result()
            return []
        finally:
            for task in (stopping, hearing):
                if not task.done():
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await task

    async def _hear(self) -> list[str]:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = await self._database.raw()
                await self._connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
            return [note.payload async for note in self._connection.notifies(timeout=self._poll_s, stop_after=1)]
        except AWAY:
            await self.close()
            await asyncio.sleep(self._poll_s)
            return []

    async def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(*AWAY):
                await self._connection.close()
            self._connection = None
