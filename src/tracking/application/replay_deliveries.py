"""Have deliveries that were given up tried again."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ShopId
from tracking.domain.connection import ConnectionId
from tracking.domain.delivery import DeliveryRef
from tracking.ports import BeginWork


class Replay(Struct, frozen=True, kw_only=True):
    """One delivery, or all of a connection, or all of the shop."""

    shop_id: ShopId
    connection_id: ConnectionId | None = None
    delivery: DeliveryRef | None = None


@dataclass(frozen=True, slots=True)
class ReplayDeliveries:
    """Safe at any time: what a delivery says is applied once, however often it is read."""

    begin: BeginWork

    async def __call__(self, command: Replay) -> int:
        async with self.begin(command.shop_id) as work:
            if command.delivery is None:
                return await work.deliveries.replay(command.connection_id)
            return int(await work.deliveries.replay_one(command.delivery))
