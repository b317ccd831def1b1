"""Exchange a connection's secret without losing a delivery."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ShopId
from tracking.domain.connection import Connection, ConnectionId, next_secret
from tracking.ports import BeginWork, NewCode


class Rotate(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    connection_id: ConnectionId
    secret: str | None


@dataclass(frozen=True, slots=True)
class RotateSecret:
    """Takes the new secret in use beside the present one; `DropOldSecret` or `WithdrawSecret` ends the exchange."""

    begin: BeginWork
    new_secret: NewCode

    async def __call__(self, command: Rotate) -> Connection:
        async with self.begin(command.shop_id) as work:
            connection = await work.connections.for_update(command.connection_id)
            rotated = connection.rotated(next_secret(connection.kind, command.secret, self.new_secret()))
            await work.connections.save(rotated)
        return rotated
