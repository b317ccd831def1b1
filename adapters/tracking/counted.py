"""Counts what comes through the webhooks' doors: in memory at once, in the database a moment later, in groups."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.shared.background import every
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import Unavailable
from adapters.shared.postgres.unit import utc_now
from adapters.tracking.postgres.health import COUNT
from adapters.tracking.postgres.lookup import all_rows
from kernel.ids import ShopId
from tracking.domain.health import MOST_FAILURES, Failure

FLUSH_S: Final = 0.5
MOST_CONNECTIONS: Final = 5_000


class _Tally(Struct, kw_only=True):
    """What was counted of one connection since the last time."""

    shop_id: ShopId
    connection_id: UUID
    good: int = 0
    unhandled: int = 0
    failed: int = 0
    good_at: datetime | None = None
    failed_at: datetime | None = None
    failures: list[Failure] = []


class DeliveryCounter:
    """`good` and `failed` cost a look into a dictionary. What a crash loses is a second of counts, and no delivery."""

    def __init__(self, relay: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self._relay = relay
        self._clock = clock
        self._tallies: dict[UUID, _Tally] = {}

    def good(self, shop_id: ShopId, connection_id: UUID, *, handled: bool) -> None:
        """A delivery that checked out and was stored."""
        tally = self._tally(shop_id, connection_id)
        tally.good += 1
        tally.unhandled += not handled
        tally.good_at = self._clock()

    def failed(self, shop_id: ShopId, connection_id: UUID, code: str) -> None:
        """A delivery that was refused; nothing of it is kept."""
        tally = self._tally(shop_id, connection_id)
        tally.failed += 1
        tally.failed_at = self._clock()
        tally.failures = [Failure(tally.failed_at, code), *tally.failures[: MOST_FAILURES - 1]]

    async def flush(self) -> None:
        """Write what was counted. When the database is away it is kept for the next time."""
        if not self._tallies:
            return
        tallies, self._tallies = self._tallies, {}
        try:
            await all_rows(self._relay, COUNT, (msgspec.json.encode(list(tallies.values())).decode(),))
        except Unavailable:
            self._put_back(tallies)

    @asynccontextmanager
    async def counting(self) -> AsyncIterator[None]:
        try:
            async with every(FLUSH_S, self.flush, "delivery counts"):
                yield
        finally:
            await self.flush()

    def _tally(self, shop_id: ShopId, connection_id: UUID) -> _Tally:
        tally = self._tallies.get(connection_id)
        if tally is None:
            tally = _Tally(shop_id=shop_id, connection_id=connection_id)
            if len(self._tallies) < MOST_CONNECTIONS:
                self._tallies[connection_id] = tally
        return tally

    def _put_back(self, old: dict[UUID, _Tally]) -> None:
        for known, tally in old.items():
            newer = self._tallies.get(known)
            if newer is not None:
                tally.good += newer.good
                tally.unhandled += newer.unhandled
                tally.failed += newer.failed
                tally.good_at = newer.good_at or tally.good_at
                tally.failed_at = newer.failed_at or tally.failed_at
                tally.failures = [*newer.failures, *tally.failures][:MOST_FAILURES]
            self._tallies[known] = tally
