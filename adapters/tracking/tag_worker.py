"""The worker's part of the tag: takes up the events that something follows from, a shop's batch at a time."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import structlog

from adapters.shared.postgres.bell import Listener
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, is_away
from adapters.shared.postgres.outage import Outage
from adapters.shared.queue.pace import PROMPT
from adapters.tracking.channels import TAG
from adapters.tracking.postgres.tag_work import WaitingTagEvents
from kernel.ids import ShopId
from tracking.application.note_order_hints import NoteOrderHints
from tracking.application.tie_visitors import TieVisitors
from tracking.domain.delivery import pause_s
from tracking.domain.tag_work import MAX_TRIES, DueEvent, friend_of, hint_of
from tracking.ports import NameKeys

MOST_CLAIMED: Final = 500
LEASE_S: Final = 20
SHOPS_AT_ONCE: Final = 4
GAVE_UP: Final = "gave_up"
_log = structlog.get_logger()


class TagWorker:
    """A loop of the worker. Several may run: each event is held by one at a time, and doing it twice is harmless."""

    def __init__(
        self,
        waiting: WaitingTagEvents,
        name_keys: NameKeys,
        note_hints: NoteOrderHints,
        tie: TieVisitors,
        listens: Database,
    ) -> None:
        self._waiting = waiting
        self._name_keys = name_keys
        self._note_hints = note_hints
        self._tie = tie
        self._listens = listens
        self._outage = Outage()

    async def __call__(self, stop: asyncio.Event) -> None:
        listener = Listener(self._listens, TAG, poll_s=1.0)
        try:
            while not stop.is_set():
                started = time.perf_counter()
                if await self._round_or_pause(stop):
                    await PROMPT.rest(time.perf_counter() - started, stop)
                else:
                    await listener.wait(stop)
        finally:
            await listener.close()

    async def _round_or_pause(self, stop: asyncio.Event) -> int:
        try:
            claimed = await self.round()
        except Exception as error:
            if not is_away(error) and not isinstance(error, AWAY):
                raise
            self._outage.begins(error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.5)
            return 1
        self._outage.ends()
        return claimed

    async def round(self) -> int:
        """Take up what is due; gives how many shops had something."""
        shops = await self._waiting.shops()
        gate = asyncio.Semaphore(SHOPS_AT_ONCE)

        async def one(shop_id: ShopId) -> None:
            async with gate:
                with structlog.contextvars.bound_contextvars(shop_id=str(shop_id), context="tracking"):
                    await self._shop(shop_id)

        failures = await asyncio.gather(*map(one, shops), return_exceptions=True)
        for failure in failures:
            if failure is not None:
                raise failure
        return len(shops)

    async def _shop(self, shop_id: ShopId) -> None:
        events = await self._waiting.claim(shop_id, MOST_CLAIMED, LEASE_S)
        try:
            await self._follow(shop_id, events)
        except Exception as error:
            if is_away(error) or len(events) == 1:
                for event in events:
                    await self._failed(shop_id, event, error)
                return
            _log.warning("tag_worker.batch_failed", size=len(events), error=type(error).__name__)
            for event in events:
                try:
                    await self._follow(shop_id, [event])
                except Exception as alone:
                    await self._failed(shop_id, event, alone)

    async def _follow(self, shop_id: ShopId, events: Sequence[DueEvent]) -> None:
        if not events:
            return
        purchases = [event for event in events if event.name == "purchase"]
        outcomes: dict[UUID, str] = {event.event_id: "hint_noted" for event in purchases}
        if purchases:
            names = {name for event in purchases if (name := friend_of(event))}
            keys = await self._name_keys.of(shop_id, names) if names else {}
            await self._note_hints(shop_id, [hint_of(event, keys) for event in purchases])
        if len(purchases) < len(events):
            outcomes |= await self._tie(shop_id, events)
        await self._waiting.settle(shop_id, [(event, outcomes[event.event_id]) for event in events])

    async def _failed(self, shop_id: ShopId, event: DueEvent, error: Exception) -> None:
        if is_away(error):  # nobody's fault: it does not count as a try
            await self._waiting.retry_later(shop_id, event, tries=event.tries, pause_s=1)
            return
        tries = event.tries + 1
        _log.warning("tag_worker.failed", tries=tries, name=event.name, exc_info=error)
        if tries >= MAX_TRIES:
            await self._waiting.settle(shop_id, [(event, GAVE_UP)])
        else:
            await self._waiting.retry_later(shop_id, event, tries=tries, pause_s=pause_s(tries))
