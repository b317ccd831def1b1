"""Which clicks begin a visit: repeat clicks of one visitor on one link within an hour are one visit.

A visitor is an address and a browser, both as hashes that change daily. A click is a repeat when the same visitor
clicked the same link less than an hour before. The web process remembers the last hour, so that it knows without asking
the database; it is sure of that only while it is the only one that serves clicks. Whenever it is not, what is no repeat
by its own memory is stored undecided, and settled by the worker a few seconds later (see `settling`). Once decided, a
click stays as it is, and of the clicks of one visit exactly one begins it.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import psycopg
import structlog

from adapters.shared.background import in_background
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, Unavailable
from adapters.tracking.postgres.visits import (
    ANNOUNCE,
    SETTLE_AFTER_S,
    WITHIN_S,
    Seen,
    seen_since,
    servers_of_clicks,
)

MOST: Final = 400_000
"""Visitors in memory, of about 200 bytes each."""
_LOOK_S: Final = 1.0
_SURE_S: Final = 3.0
"""How long a look counts: less than what is to be settled waits, so that two never both begin a visit."""
_log = structlog.get_logger()


class RecentVisits:
    """The last hour's visitors, in two generations of at most `most` / 2 each, so that memory stays bounded."""

    def __init__(self, most: int = MOST) -> None:
        self.each = most // 2
        self._young: dict[bytes, float] = {}
        self._old: dict[bytes, float] = {}
        self._turn_at = 0.0
        self._forgot_at = 0.0
        self.alone_until = 0.0
        """Until then, in seconds since 1970, nobody else serves clicks, and what others served is known here."""

    def begins(self, key: bytes, at: float) -> bool | None:
        """True when the click begins a visit, False when it repeats one, None when that cannot be told from here.

        `at` is the moment of the click in seconds since 1970; the click is remembered.
        """
        last = self._young.get(key) or self._old.get(key)
        if at >= self._turn_at or len(self._young) >= self.each:
            self._turn(at)
        self._young[key] = at
        if last is not None and at - last < WITHIN_S:
            return False
        return True if at < self.alone_until and at - self._forgot_at >= WITHIN_S else None

    def learn(self, seen: Seen, now: float) -> None:
        """Remember what others served; of what is not known, or does not fit, no visit is claimed for an hour."""
        complete = seen.complete
        for key, at in seen.at.items():
            if len(self._young) >= self.each:
                complete = False
                break
            self._young[key] = max(at, self._young.get(key, 0.0), self._old.get(key, 0.0))
        if not complete:
            self._forgot_at = now

    def _turn(self, at: float) -> None:
        """Forget the older generation, which holds nothing younger than an hour unless too much happened at once."""
        if at < self._turn_at and self._old:
            self._forgot_at = at
        self._old, self._young = self._young, {}
        self._turn_at = at + WITHIN_S


class VisitWatch:
    """Knows whether this process is the only one that serves clicks: each of them holds a lock on the database."""

    def __init__(self, visits: RecentVisits, relay: Database) -> None:
        self._visits = visits
        self._relay = relay
        self._connection: psycopg.AsyncConnection | None = None
        self._known_until = 0.0
        """What others served until then is remembered, or known to be forgotten: it is read once."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        with contextlib.suppress(*AWAY, Unavailable):
            await self._look()
        try:
            async with in_background(self._always(), "visit watch"):
                yield
        finally:
            await self._drop()

    async def _always(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                await self._look()
            except (*AWAY, Unavailable):
                self._visits.alone_until = 0.0
                await self._drop()
            except Exception:
                _log.exception("visits.watch_failed")
                self._visits.alone_until = 0.0

    async def _look(self) -> None:
        if self._connection is None:
            self._connection = await self._relay.raw()
            await self._connection.execute(ANNOUNCE)
        now = time.time()
        alone = await servers_of_clicks(self._connection) == 1
        if alone and now >= self._visits.alone_until:
            since = max(self._known_until - SETTLE_AFTER_S, now - WITHIN_S)
            self._visits.learn(await seen_since(self._connection, since, most=self._visits.each), now)
        if alone:
            self._known_until = now
        self._visits.alone_until = now + _SURE_S if alone else 0.0

    async def _drop(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(*AWAY):
                await self._connection.close()
            self._connection = None
