"""End the exchange of a connection's secret: only the new one is valid from now on."""

from dataclasses import dataclass

from kernel.ids import ShopId
from tracking.domain.connection import Connection, ConnectionId
from tracking.ports import BeginWork


@dataclass(frozen=True, slots=True)
class DropOldSecret:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId, connection_id: ConnectionId) -> Connection:
        async with self.begin(shop_id) as work:
            connection = (await work.connections.for_update(connection_id)).without_old_secret()
            await work.connections.save(connection)
        return connection
