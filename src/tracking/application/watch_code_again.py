"""Have a code watched again that was exempt from what is done about coupon sites."""

from dataclasses import dataclass

from kernel.codes import normalise
from kernel.ids import ShopId
from tracking.events import AttributionSteered
from tracking.ports import BeginWork


@dataclass(frozen=True, slots=True)
class WatchCodeAgain:
    """What was ordered with the code, as typed, until now counts for no alert. Refuses one that is not exempt."""

    begin: BeginWork

    async def __call__(self, shop_id: ShopId, code: str, by: str) -> None:
        async with self.begin(shop_id) as work:
            await work.orders.lock()
            now, stored = work.now(), normalise(code)
            await work.codes.watch_again(stored, by, now)
            work.publish(AttributionSteered(action="code.watched", key_id=by, at=now, code=stored))
