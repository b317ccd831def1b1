"""Move a test shop's clock forward, to see what time brings."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import Struct

from kernel.ids import ShopId
from shops.domain.audit import Actor, Note
from shops.domain.shop import Shop
from shops.ports import BeginWork


class ClockMove(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    actor: Actor
    ahead: timedelta


class ClockMoved(Struct, frozen=True):
    shop: Shop
    now: datetime
    """The shop's present moment after the move."""


@dataclass(frozen=True, slots=True)
class MoveClock:
    begin: BeginWork

    async def __call__(self, command: ClockMove) -> ClockMoved:
        async with self.begin(command.shop_id) as work:
            before = await work.shops.for_update()
            shop, event = before.move_clock(command.ahead)
            moved = timedelta(seconds=shop.clock_offset_s - before.clock_offset_s)
            await work.shops.save(shop, event)
            await work.audit.enter(
                Note(
                    actor=command.actor,
                    action="shop.clock_moved",
                    subject=str(shop.shop_id),
                    at=work.now(),
                    details={"seconds": int(moved.total_seconds()), "revision": shop.revision},
                )
            )
            return ClockMoved(shop, work.now() + moved)
