"""Run a replay: decide its orders under its chain, some at a time, and keep what would be different."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from kernel.ids import ShopId
from tracking.domain.attribution import Known, attribute
from tracking.domain.replay import Replay, ReplayId, alerts_under, codes_to_watch, compare, under
from tracking.ports import BeginWork, Work

AT_ONCE: Final = 500
Counted = dict[str, datetime | None]
"""By code the moment at which it would have tripped, None for one that would not."""


@dataclass(frozen=True, slots=True)
class RunReplay:
    """Each batch is a transaction of its own that goes on where the last one stopped: safe to run twice, or again."""

    begin: BeginWork

    async def __call__(self, shop_id: ShopId, replay_id: ReplayId) -> None:
        counted: Counted = {}
        while True:
            async with self.begin(shop_id) as work:
                if await self._batch(work, replay_id, counted) < AT_ONCE:
                    return

    async def _batch(self, work: Work, replay_id: ReplayId, counted: Counted) -> int:
        replay = await work.replays.for_update(replay_id)
        if replay.state == "done":
            return 0
        ids = await work.replays.orders(replay, AT_ONCE)
        orders = await work.orders.by_ids(ids) if ids else []
        known = await work.evidence.about(orders, replay.plan)
        moments = await _moments(work, replay, known, counted)
        known = under(replay.plan, replay.programme_id, known, alerts_under(replay.programme_id, known, moments))
        compared = [(order, compare(order.order_id, order.decided, attribute(order, known))) for order in orders]
        went_on = replace(
            replay,
            state="running" if len(ids) == AT_ONCE else "done",
            orders_done=replay.orders_done + len(ids),
            reached=ids[-1] if ids else replay.reached,
        )
        await work.replays.note(went_on, [(order, found) for order, found in compared if found is not None])
        return len(ids)


async def _moments(work: Work, replay: Replay, known: Known, counted: Counted) -> dict[str, datetime]:
    """When the codes of these orders would have tripped. Each code is counted once: all its uses are, every time."""
    watched = codes_to_watch(replay, known)
    new = [each for each in watched if each.code not in counted]
    if new:
        found = await work.codes.tripped(new)
        counted.update((each.code, found.get(each.code)) for each in new)
    return {each.code: at for each in watched if (at := counted[each.code]) is not None}
