"""Settles which clicks begin a visit where no web process could tell.

The worker remembers the hour as web processes do, and hears once of each click that was decided since: what it does
follows the number of new clicks, not of the hour's. A click counts as the same visitor's when it comes within the hour
before; of what comes after only a visit that was counted does, for a process calls a click a repeat of one that itself
still waits. Clicks are therefore judged in the order in which they were made, with those that were decided among them.

What comes late (from a disk, after hours) or does not fit into memory is judged by the table.
"""

import asyncio
import contextlib
import math
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, Self
from uuid import UUID

import psycopg
import structlog

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, is_slow
from adapters.tracking.postgres.settling import (
    Decided,
    Turn,
    Waiting,
    decide,
    decided_after,
    decided_meanwhile,
    repeats,
    take_turn,
    waiting,
)
from adapters.tracking.postgres.visits import SETTLE_AFTER_S, WITHIN_S, Seen, seen_since
from adapters.tracking.visits import MOST, RecentVisits

_PAUSE_S: Final = 1.0
_LEAST: Final = 500
_REACH_S: Final = 300.0
"""Clicks that wait for longer than this at a start are judged by the table."""
_log = structlog.get_logger()


class Judge:
    """Judges clicks in their order: `until` then all that was decided is remembered, what follows is `heard` of."""

    def __init__(self, seen: Seen, heard: Sequence[Decided], *, until: float, snapshot: str, most: int = MOST) -> None:
        self._visits = RecentVisits(most)
        self._visits.alone_until = math.inf
        self._visits.learn(seen, until)
        self._until = until
        self._ahead = list(heard)
        self.snapshot = snapshot

    @classmethod
    async def load(cls, connection: psycopg.AsyncConnection, since: float, turn: Turn, most: int) -> Self | None:
        """Able to judge what was clicked since a moment; None when too much was."""
        heard = await decided_after(connection, since)
        if heard is None:
            return None
        seen = await seen_since(connection, since - WITHIN_S, most=most // 2, before=since)
        return cls(seen, heard, until=since, snapshot=turn.snapshot, most=most)

    async def catch_up(self, connection: psycopg.AsyncConnection, turn: Turn) -> bool:
        """Hear what was decided meanwhile; False when that is too much."""
        heard = await decided_meanwhile(connection, self.snapshot, self._until - WITHIN_S)
        if heard is None:
            return False
        self._ahead += heard
        self.snapshot = turn.snapshot
        return True

    def verdicts(self, clicks: Sequence[Waiting], until: float) -> dict[UUID, bool | None]:
        """Whether the clicks of people, which are all that wait until then, begin visits; None: ask the table."""
        until = max(until, self._until)
        self._learn_late(clicks)
        counted: dict[bytes, list[float]] = defaultdict(list)
        for decided in self._ahead:
            if decided.visit:
                counted[decided.key].append(decided.at)
        found: dict[UUID, bool | None] = {click.click_id: None for click in clicks if click.at < self._until}
        now = [decided for decided in self._ahead if self._until <= decided.at < until]
        judged = [click for click in clicks if click.at >= self._until]
        events: list[Decided | Waiting] = [*now, *judged]
        for each in sorted(events, key=lambda each: (each.at, each.click_id)):
            verdict = self._visits.begins(each.key, each.at)
            if isinstance(each, Waiting):
                after = any(each.at <= at < each.at + WITHIN_S for at in counted.get(each.key, ()))
                found[each.click_id] = False if after else verdict
        self._ahead = [decided for decided in self._ahead if decided.at >= until]
        self._until = until
        return found

    def _learn_late(self, clicks: Sequence[Waiting]) -> None:
        late: dict[bytes, float] = {}
        events: list[Decided | Waiting] = [*self._ahead, *clicks]
        for each in events:
            if self._until - WITHIN_S < each.at < self._until:
                late[each.key] = max(each.at, late.get(each.key, 0.0))
        self._visits.learn(Seen(late, complete=True), self._until)


class SettleVisits:
    """Decides later what no process could decide from memory. A loop of the worker."""

    def __init__(
        self, relay: Database, *, after_s: float = SETTLE_AFTER_S, most: int = 20_000, remembered: int = MOST
    ) -> None:
        self._relay = relay
        self._after_s = after_s
        self._most = most
        self._remembered = remembered
        self._judge: Judge | None = None
        self._needed_at = 0.0

    async def __call__(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            settled = 0
            try:
                settled = await self.once()
            except AWAY as error:
                self._lighten(error)
            if settled < self._most:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _PAUSE_S)

    def _lighten(self, error: Exception) -> None:
        """What took too long is tried in smaller pieces; a database that is away, again."""
        if is_slow(error):
            self._most = max(_LEAST, self._most // 2)
            _log.warning("visits.settling_is_slow", at_once=self._most)

    async def once(self) -> int:
        """Settle what is due, in one transaction; how many clicks that were."""
        # What is remembered holds only if all of it is committed.
        judge, self._judge = self._judge, None
        async with self._relay.engine.connect() as pooled:
            connection: Any = (await pooled.get_raw_connection()).driver_connection
            async with connection.transaction():
                turn = await take_turn(connection, self._after_s)
                clicks = await waiting(connection, self._after_s, self._most) if turn.ours else []
                if clicks:
                    self._needed_at = time.monotonic()
                    judge = await self._settle(connection, judge, turn, clicks)
        # An hour that nobody asks for is not kept.
        if time.monotonic() - self._needed_at < WITHIN_S:
            self._judge = judge
        return len(clicks)

    async def _settle(
        self, connection: psycopg.AsyncConnection, judge: Judge | None, turn: Turn, clicks: list[Waiting]
    ) -> Judge | None:
        if judge is not None and not await judge.catch_up(connection, turn):
            judge = None
        recent = next((click.at for click in clicks if click.at >= turn.due - _REACH_S), None)
        if judge is None and recent is not None:
            judge = await Judge.load(connection, recent, turn, self._remembered)
        people = [click for click in clicks if click.person]
        until = turn.due if len(clicks) < self._most else clicks[-1].at
        verdicts = judge.verdicts(people, until) if judge is not None else {}
        unclear = [click for click in people if verdicts.get(click.click_id) is None]
        repeated = await repeats(connection, unclear)
        verdicts |= {click.click_id: click.click_id not in repeated for click in unclear}
        await decide(connection, clicks, [bool(verdicts.get(click.click_id)) for click in clicks])
        return judge
