"""The intake of platforms whose messages only name an order: fetched from the platform's API, then as all others.

A loop of its own, so that a slow API delays nobody else. Nothing is fetched inside a transaction or under a lock; an
order that several messages name is fetched once for all of them, which is right as it is fetched after they came.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import ClassVar

import structlog

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.unit import Units
from adapters.tracking.channels import FETCH
from adapters.tracking.intake import Intake
from adapters.tracking.platforms.sources import Access, OrderSource, SourceAway, SourceRefused
from adapters.tracking.postgres.connections import PostgresConnections
from adapters.tracking.postgres.deliveries import ALL, CLAIM_FETCHED, Part, StoredDelivery, WaitingDeliveries
from adapters.tracking.sealed import SecretBox
from kernel.ids import ShopId
from tracking.application.record_orders import RecordOrders
from tracking.domain.connection import ConnectionId
from tracking.domain.delivery import MAX_TRIES, pause_s
from tracking.domain.report import OrderReport

AT_ONCE = 8
BUDGET_S = 20.0
"""How long a round may start new fetches; what is left over goes back among the waiting. Well below the lease."""
_log = structlog.get_logger()


class Accesses:
    """What the APIs know us by, from the connections."""

    def __init__(self, units: Units, box: SecretBox) -> None:
        self._units = units
        self._box = box

    async def of(self, shop_id: ShopId, connections: Iterable[ConnectionId]) -> dict[ConnectionId, Access]:
        """Those of the connections that have an account and a token."""
        async with self._units(shop_id) as unit:
            found = await PostgresConnections(unit, self._box).several(list(connections))
        return {
            each.connection_id: Access(each.account, each.api_token)
            for each in found
            if each.account is not None and each.api_token is not None
        }


class FetchingIntake(Intake):
    """An API that is away costs no message: they wait for it, longer each time, and health shows them as failing."""

    channel: ClassVar[str] = FETCH
    poll_s: ClassVar[float] = 1.0
    claims: ClassVar[str] = CLAIM_FETCHED
    most: ClassVar[int] = 200
    lease_s: ClassVar[int] = 60

    def __init__(
        self,
        waiting: WaitingDeliveries,
        record: RecordOrders,
        listens: Database,
        accesses: Accesses,
        source: OrderSource,
        budget_s: float = BUDGET_S,
    ) -> None:
        super().__init__(waiting, record, listens)
        self._accesses = accesses
        self._source = source
        self._budget_s = budget_s
        self._until = time.monotonic() + budget_s
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, stop: asyncio.Event) -> None:
        try:
            await super().__call__(stop)
        finally:
            await self._source.close()

    async def round(self, part: Part = ALL) -> int:
        self._until = time.monotonic() + self._budget_s
        return await super().round(part)

    async def _read(self, shop_id: ShopId, deliveries: Sequence[StoredDelivery]) -> list[OrderReport | Exception]:
        try:
            accesses = await self._accesses.of(shop_id, {each.ref.connection_id for each in deliveries})
        except Exception as error:
            return [error] * len(deliveries)
        visit = _Visit(self._source, self._gate, accesses, self._until)
        said = await asyncio.gather(*map(visit.fetch, deliveries), return_exceptions=True)
        for each in said:
            if isinstance(each, BaseException) and not isinstance(each, Exception):
                raise each
        return [each for each in said if isinstance(each, OrderReport | Exception)]

    async def _set_aside(self, delivery: StoredDelivery, error: Exception) -> None:
        if not isinstance(error, SourceAway):
            await super()._set_aside(delivery, error)
            return
        tries = delivery.tries if error.asked_nobody else min(delivery.tries + 1, MAX_TRIES - 1)
        pause = 0.0 if error.asked_nobody else pause_s(tries)
        _log.warning("intake.source_away", error=str(error), tries=tries)
        await self._waiting.retry_later(
            delivery.ref, tries=tries, pause_s=max(pause, error.pause_s), error=str(error)[:200]
        )


class _Visit:
    """One shop's fetches of one round."""

    def __init__(
        self, source: OrderSource, gate: asyncio.Semaphore, accesses: dict[ConnectionId, Access], until: float
    ) -> None:
        self._source = source
        self._gate = gate
        self._accesses = accesses
        self._until = until
        self._asked: dict[tuple[ConnectionId, str], asyncio.Task[OrderReport]] = {}
        self._away: dict[ConnectionId, SourceAway] = {}

    async def fetch(self, delivery: StoredDelivery) -> OrderReport:
        connection_id = delivery.ref.connection_id
        access = self._accesses.get(connection_id)
        if access is None:
            raise SourceRefused("The connection has no token for the platform's API.")
        name = connection_id, self._source.names(delivery.body)
        task = self._asked.get(name)
        if task is None:
            task = self._asked[name] = asyncio.create_task(self._one(connection_id, access, delivery.body))
        return await task

    async def _one(self, connection_id: ConnectionId, access: Access, body: bytes) -> OrderReport:
        async with self._gate:
            if connection_id in self._away:  # who asked us to wait is not asked again at once
                raise SourceAway("The API was away a moment ago.", pause_s=self._away[connection_id].pause_s or 2.0)
            if time.monotonic() > self._until:
                raise SourceAway("There was no time left in this round.", asked_nobody=True)
            try:
                return await self._source.fetch(access, body)
            except SourceAway as away:
                self._away[connection_id] = away
                raise
