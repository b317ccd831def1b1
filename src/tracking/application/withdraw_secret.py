"""Take a new secret back, because its answer was lost or the platform did not take it: the one before stays."""

from dataclasses import dataclass

from kernel.ids import ShopId
from tracking.domain.connection import Connection, ConnectionId
from tracking.ports import BeginWork


@dataclass(frozen=True, slots=True)
class WithdrawSecret:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId, connection_id: ConnectionId) -> Connection:
        async with self.begin(shop_id) as work:
            connection = (await work.connections.for_update(connection_id)).without_new_secret()
            await work.connections.save(connection)
        return connection
