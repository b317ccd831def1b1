"""The worker's intake: claims stored deliveries, reads them, and has each shop's orders recorded in one transaction."""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC
from functools import partial
from typing import ClassVar

import structlog

from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.postgres.bell import Bell, Listener
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, is_away
from adapters.shared.postgres.outage import Outage
from adapters.shared.precedence import Precedence
from adapters.shared.queue.parked import Parked, ParkedItem
from adapters.shared.telemetry import PARKED
from adapters.tracking.channels import INTAKE
from adapters.tracking.platforms import PLATFORMS
from adapters.tracking.platforms.whole import read_whole
from adapters.tracking.postgres.deliveries import ALL, CLAIM, Part, StoredDelivery, WaitingDeliveries
from kernel.errors import DomainError
from kernel.ids import ShopId
from tracking.application.record_orders import RecordOrders, Reported
from tracking.domain.delivery import MAX_TRIES, GaveUp, UnhandledTopic, pause_s
from tracking.domain.report import OrderReport

QUEUE = "tracking.intake"
MOST_CLAIMED = 600
PARTS = 8
BUSY_S = 0.2
LEASE_S = 10
SHOPS_AT_ONCE = 4
_log = structlog.get_logger()


class Turns:
    """Which shops' turn it is. When all together take long, they take turns by parts.

    So an order waits for its shop's next turn, and not first for the end of a round of all shops and then for the
    others of the next round. Meanwhile a shop's orders gather, the more the more there is to do, and are the cheaper.
    """

    def __init__(self) -> None:
        self.part = ALL
        self._took_s = 0.0

    @property
    def idle(self) -> bool:
        """True when a round of this part that finds nothing means that there is nothing."""
        return self.part.of == 1

    def next(self, took_s: float) -> None:
        """The next part's turn, after a round of `took_s` seconds."""
        self._took_s += took_s
        if self.part.number + 1 < self.part.of:
            self.part = Part(self.part.number + 1, self.part.of)
        else:
            self.part = Part(0, PARTS) if self._took_s > BUSY_S else ALL
            self._took_s = 0.0


READERS: dict[str, Callable[[StoredDelivery], OrderReport]] = {
    platform.kind: partial(read_whole, platform.read) for platform in PLATFORMS.values() if not platform.fetched
}
"""By kind of connection."""


class Intake:
    """A loop of the worker. Several may run: each delivery is held by one at a time, and doing it twice is harmless."""

    channel: ClassVar[str] = INTAKE
    poll_s: ClassVar[float] = 0.5
    claims: ClassVar[str] = CLAIM
    most: ClassVar[int] = MOST_CLAIMED
    lease_s: ClassVar[int] = LEASE_S

    def __init__(
        self, waiting: WaitingDeliveries, record: RecordOrders, listens: Database, precedence: Precedence | None = None
    ) -> None:
        """With `precedence`, this loop is who goes first: in a hurry while the shops take turns."""
        self._waiting = waiting
        self._record = record
        self._listens = listens
        self._precedence = precedence or Precedence()
        self._outage = Outage()

    async def __call__(self, stop: asyncio.Event) -> None:
        listener = Listener(self._listens, self.channel, poll_s=self.poll_s)
        turns = Turns()
        try:
            while not stop.is_set():
                started = time.perf_counter()
                claimed = await self._round_or_pause(stop, turns.part)
                took_s = time.perf_counter() - started
                if claimed == 0 and turns.idle:
                    await listener.wait(stop)
                turns.next(took_s)
                self._precedence.hurry(on=not turns.idle)
        finally:
            self._precedence.hurry(on=False)
            await listener.close()

    async def _round_or_pause(self, stop: asyncio.Event, part: Part) -> int:
        try:
            claimed = await self.round(part)
        except AWAY as error:
            self._outage.begins(error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.5)
            return 1
        self._outage.ends()
        return claimed

    async def round(self, part: Part = ALL) -> int:
        """Claim and handle what is due, of all shops or of a part of them; gives how many were claimed."""
        count = 0
        by_shop: dict[ShopId, list[StoredDelivery]] = defaultdict(list)
        for delivery in await self._waiting.claim(self.most, self.lease_s, self.claims, part):
            by_shop[delivery.ref.shop_id].append(delivery)
            count += 1
        gate = asyncio.Semaphore(SHOPS_AT_ONCE)

        async def handle(shop_id: ShopId) -> None:
            async with gate:
                with structlog.contextvars.bound_contextvars(shop_id=str(shop_id), context="tracking"):
                    await self._shop(shop_id, by_shop.pop(shop_id))  # not kept until the last shop's turn

        # The longest first: begun last, it would have the others wait for it.
        largest_first = sorted(by_shop, key=lambda shop_id: len(by_shop[shop_id]), reverse=True)
        results = await asyncio.gather(*map(handle, largest_first), return_exceptions=True)
        for failure in filter(None, results):
            raise failure
        return count

    async def _shop(self, shop_id: ShopId, deliveries: Sequence[StoredDelivery]) -> None:
        readable: list[tuple[StoredDelivery, Reported]] = []
        for delivery, said in zip(deliveries, await self._read(shop_id, deliveries), strict=True):
            if isinstance(said, OrderReport):
                readable.append((delivery, Reported(report=said, delivery=delivery.ref, store=delivery.store)))
            else:
                await self._set_aside(delivery, said)
        if not readable:
            return
        try:
            await self._record(shop_id, [reported for _, reported in readable])
        except Exception as error:
            if len(readable) == 1 or is_away(error):  # what is away for all is away for each
                for delivery, _ in readable:
                    await self._failed(delivery, error)
                return
            _log.warning("intake.batch_failed", size=len(readable), error=type(error).__name__)
            await self._one_by_one(shop_id, readable)

    async def _read(self, shop_id: ShopId, deliveries: Sequence[StoredDelivery]) -> list[OrderReport | Exception]:
        """What each delivery says, in their places."""
        said: list[OrderReport | Exception] = []
        for delivery in deliveries:
            try:
                said.append(READERS[delivery.kind](delivery))
            except Exception as error:  # a reader's mistake must not stop the other shops
                said.append(error)
        return said

    async def _set_aside(self, delivery: StoredDelivery, error: Exception) -> None:
        if isinstance(error, UnhandledTopic):
            await self._waiting.leave(delivery.ref, code=error.code, reason=error.detail)
        elif isinstance(error, DomainError):
            await self._park(delivery, error.code, error.detail)
        else:
            await self._failed(delivery, error)

    async def _one_by_one(self, shop_id: ShopId, readable: Sequence[tuple[StoredDelivery, Reported]]) -> None:
        for delivery, reported in readable:
            try:
                await self._record(shop_id, [reported])
            except Exception as error:
                await self._failed(delivery, error)

    async def _failed(self, delivery: StoredDelivery, error: Exception) -> None:
        name = type(error).__name__
        if is_away(error):  # nobody's fault: it does not count as a try
            await self._waiting.retry_later(delivery.ref, tries=delivery.tries, pause_s=1, error=name)
            return
        tries = delivery.tries + 1
        _log.warning("intake.failed", tries=tries, exc_info=error)
        if tries >= MAX_TRIES:
            await self._park(delivery, GaveUp.code, f"{GaveUp.title}: {tries} tries, at last {name}.", tries=tries)
        else:
            await self._waiting.retry_later(delivery.ref, tries=tries, pause_s=pause_s(tries), error=name)

    async def _park(self, delivery: StoredDelivery, code: str, reason: str, *, tries: int | None = None) -> None:
        PARKED.labels(QUEUE).inc()
        _log.warning("intake.parked", code=code, topic=delivery.topic)
        await self._waiting.park(delivery.ref, tries=tries or delivery.tries + 1, code=code, reason=reason)


class ParkedDeliveries:
    """What the intake gave up on, for people: list it, and have it tried again."""

    def __init__(self, waiting: WaitingDeliveries, bell: Bell) -> None:
        self._waiting = waiting
        self._bell = bell

    async def list_parked(self) -> list[ParkedItem]:
        return [
            ParkedItem(
                queue=QUEUE,
                shop_id=str(shop_id),
                item=f"{to_wire('con', connection_id)}/{key}",
                tries=tries,
                error=f"{topic}: {code}: {reason}",
                parked_at=parked_at.astimezone(UTC).isoformat(),
            )
            for shop_id, connection_id, key, topic, tries, code, reason, parked_at in await self._waiting.parked()
        ]

    async def replay(self, item: str | None = None) -> int:
        """Put one item, or all, back among the waiting; gives how many."""
        connection, _, key = (item or "").partition("/")
        parts = (from_wire("con", connection), key) if item else (None, None)
        count = await self._waiting.replay(*parts)
        if count:
            self._bell.ring(INTAKE)
        return count

    def parked(self) -> Parked:
        return Parked(QUEUE, self.list_parked, self.replay)
