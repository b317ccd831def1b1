"""PgQueuer's psycopg driver with an ear of its own.

The library's driver listens on the connection that it also asks on, and holds it for up to a second while nothing is
heard; every question waits that long. This one listens on a second connection.
"""

import asyncio
from typing import TYPE_CHECKING

from pgqueuer.db import PsycopgDriver
from psycopg import sql

from adapters.shared.postgres.errors import AWAY

if TYPE_CHECKING:
    import psycopg
    from pgqueuer.ports.driver import NotifyCallback


class JobDriver(PsycopgDriver):
    """`asks` and `listens` are connections in autocommit; whoever made them closes them."""

    def __init__(self, asks: "psycopg.AsyncConnection", listens: "psycopg.AsyncConnection") -> None:
        super().__init__(asks)
        self._listens = listens
        self.deaf = asyncio.Event()
        """Set when the connection that listens was lost; jobs would be found by looking only."""

    async def add_listener(self, channel: str, callback: "NotifyCallback") -> None:
        if channel not in self._listeners:
            await self._listens.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        self._listeners.setdefault(channel, []).append(callback)
        if self._watcher is None:
            self._watcher = asyncio.create_task(self.watch_notifies(), name="jobs heard")
            self._tm.add(self._watcher)

    async def watch_notifies(self) -> None:
        try:
            while not self.shutdown.is_set():
                async for note in self._listens.notifies(timeout=1.0, stop_after=1):
                    for callback in list(self._listeners.get(note.channel, [])):
                        callback(note.payload)
        except AWAY:
            self.deaf.set()

    async def stop_listening(self) -> None:
        """Before the connection is closed: who waits for a closed one stops to watch whatever has its number then."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.wait({self._watcher})

    async def remove_listener(self, channel: str, callback: "NotifyCallback") -> None:
        callbacks = self._listeners.get(channel, [])
        if callback in callbacks:
            callbacks.remove(callback)
        if not callbacks:
            self._listeners.pop(channel, None)
