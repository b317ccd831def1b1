"""Remove a connection: its address leads nowhere and its secrets are gone. What it delivered stays."""

from dataclasses import dataclass

from kernel.ids import ShopId
from tracking.domain.connection import ConnectionId
from tracking.ports import BeginWork


@dataclass(frozen=True, slots=True)
class RemoveConnection:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId, connection_id: ConnectionId) -> None:
        async with self.begin(shop_id) as work:
            await work.connections.for_update(connection_id)
            await work.connections.remove(connection_id)
