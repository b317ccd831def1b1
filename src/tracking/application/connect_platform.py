"""Connect a shop's platform, so that it can report orders."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ShopId
from tracking.domain.connection import Connection, ConnectionId, Kind, first_secrets, fit_access
from tracking.ports import BeginWork, NewCode, NewId


class Connect(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    kind: Kind
    title: str
    secret: str | None
    """What the platform told the merchant, or None: we make one, or wait for what the platform will tell."""
    account: str | None = None
    api_token: str | None = None


@dataclass(frozen=True, slots=True)
class ConnectPlatform:
    begin: BeginWork
    new_id: NewId
    new_secret: NewCode

    async def __call__(self, command: Connect) -> Connection:
        secrets = first_secrets(command.kind, command.secret, self.new_secret())
        account, api_token = fit_access(command.kind, command.account, command.api_token)
        async with self.begin(command.shop_id) as work:
            connection = Connection(
                shop_id=command.shop_id,
                connection_id=ConnectionId(self.new_id()),
                kind=command.kind,
                title=command.title,
                secrets=secrets,
                created_at=work.now(),
                account=account,
                api_token=api_token,
            )
            await work.connections.add(connection)
        return connection
