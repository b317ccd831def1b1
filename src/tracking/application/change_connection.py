"""Rename a connection, switch it off or on, give it another way into the platform's API, or say which store it is."""

from dataclasses import dataclass

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from kernel.ids import ShopId
from tracking.domain.connection import Connection, ConnectionChanged, ConnectionId, fit_access
from tracking.domain.stores import vouched_for
from tracking.ports import BeginWork


class ChangedConnection(Struct, frozen=True, kw_only=True):
    """What is UNSET stays."""

    shop_id: ShopId
    connection_id: ConnectionId
    version: int | None = None
    """The version that the change was made on; None overwrites whatever there is."""
    title: str | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    account: str | UnsetType = UNSET
    api_token: str | UnsetType = UNSET
    same_store: bool = False
    """It speaks for the store whose orders the shop knows, whatever the store calls itself."""


@dataclass(frozen=True, slots=True)
class ChangeConnection:
    begin: BeginWork

    async def __call__(self, command: ChangedConnection) -> Connection:
        async with self.begin(command.shop_id) as work:
            before = await work.connections.for_update(command.connection_id)
            if command.version is not None and command.version != before.version:
                raise ConnectionChanged
            account, api_token = fit_access(
                before.kind,
                before.account if command.account is UNSET else command.account,
                before.api_token if command.api_token is UNSET else command.api_token,
            )
            changed = replace(
                before,
                title=before.title if command.title is UNSET else command.title,
                enabled=before.enabled if command.enabled is UNSET else command.enabled,
                account=account,
                api_token=api_token,
                version=before.version + 1,
            )
            await work.connections.save(changed)
            if command.same_store:
                said = vouched_for(changed.kind, changed.connection_id, changed.account or "")
                await work.order_stores.add(changed.kind, [said])
        return changed
