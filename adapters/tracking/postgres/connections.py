"""Connections in PostgreSQL. Their secrets are sealed before they are written: no role can read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.sweep import shops_from
from adapters.shared.postgres.unit import Unit, Units
from adapters.tracking.postgres.lookup import first_row
from adapters.tracking.postgres.tables import (
    connection,
    connection_address,
    connection_day,
    connection_health,
)
from adapters.tracking.sealed import SecretBox
from kernel.ids import ShopId
from tracking.domain.connection import Connection, ConnectionId, ConnectionNotFound

WHOSE = "SELECT shop_id FROM connection_address WHERE connection_id = %s"
UNSEALED = "SELECT DISTINCT shop_id FROM connection WHERE NOT sealed"

_c = connection.c
_THIS = (_c.shop_id == bindparam("shop"), _c.connection_id == bindparam("connection"))
_ONE = select(connection).where(*_THIS)
GET = _ONE
SEVERAL = select(connection).where(
    connection.c.shop_id == bindparam("shop"), connection.c.connection_id.in_(bindparam("connections", expanding=True))
)
FOR_UPDATE = _ONE.with_for_update()
PLAIN = select(connection).where(_c.shop_id == bindparam("shop"), _c.sealed.is_(False)).with_for_update()
SAVE = (
    update(connection)
    .where(*_THIS)
    .values(
        title=bindparam("title_now"),
        secrets=bindparam("secrets_now"),
        account=bindparam("account_now"),
        api_token=bindparam("api_token_now"),
        enabled=bindparam("enabled_now"),
        version=bindparam("version_now"),
    )
)
PAGE = (
    select(connection)
    .where(_c.shop_id == bindparam("shop"), _c.connection_id < bindparam("before"))
    .order_by(_c.connection_id.desc())
    .limit(bindparam("most"))
)
ADD = insert(connection)
ADD_ADDRESS = insert(connection_address)
REMOVE = [
    delete(table).where(table.c.shop_id == bindparam("shop"), table.c.connection_id == bindparam("connection"))
    for table in (connection_day, connection_health, connection_address, connection)
]


@dataclass(frozen=True, slots=True)
class PostgresConnections:
    """`Connections` of the unit's shop. Without a box, work cannot touch connections."""

    unit: Unit
    box: SecretBox | None = None

    async def add(self, new: Connection) -> None:
        fields = {"shop_id", "connection_id", "kind", "title", "created_at", "account", "enabled", "version"}
        values = {name: getattr(new, name) for name in fields}
        await self.unit.sql.execute(ADD, values | self._sealed(new))
        await self.unit.sql.execute(ADD_ADDRESS, {"connection_id": new.connection_id, "shop_id": new.shop_id})

    async def get(self, connection_id: UUID) -> Connection:
        return await self._one(GET, connection_id)

    async def several(self, connection_ids: list[ConnectionId]) -> list[Connection]:
        """Those of the connections that exist."""
        parameters = {"shop": self.unit.shop_id, "connections": connection_ids}
        return [self._opened(row._mapping) for row in await self.unit.sql.execute(SEVERAL, parameters)]

    async def for_update(self, connection_id: ConnectionId) -> Connection:
        return await self._one(FOR_UPDATE, connection_id)

    async def save(self, changed: Connection) -> None:
        sealed = self._sealed(changed)
        parameters = {
            "shop": self.unit.shop_id,
            "connection": changed.connection_id,
            "title_now": changed.title,
            "secrets_now": sealed["secrets"],
            "account_now": changed.account,
            "api_token_now": sealed["api_token"],
            "enabled_now": changed.enabled,
            "version_now": changed.version,
        }
        await self.unit.sql.execute(SAVE, parameters)

    async def remove(self, connection_id: ConnectionId) -> None:
        for statement in REMOVE:
            await self.unit.sql.execute(statement, {"shop": self.unit.shop_id, "connection": connection_id})

    async def seal_all(self) -> int:
        """Seal what was stored before secrets were sealed; gives how many connections."""
        rows = (await self.unit.sql.execute(PLAIN, {"shop": self.unit.shop_id})).all()
        for row in rows:  # as many as a shop has connections, and once
            await self.save(self._opened(row._mapping))
        return len(rows)

    def _sealed(self, plain: Connection) -> dict[str, Any]:
        box, known = self._box(), plain.connection_id
        token = box.seal(plain.api_token, known) if plain.api_token is not None else None
        return {"secrets": [box.seal(secret, known) for secret in plain.secrets], "api_token": token}

    def _opened(self, row: Mapping[Any, Any]) -> Connection:
        box, known = self._box(), row["connection_id"]
        token = box.open(row["api_token"], known) if row["api_token"] is not None else None
        secrets = tuple(box.open(secret, known) for secret in row["secrets"])
        return _plain(row, secrets, token)

    def _box(self) -> SecretBox:
        if self.box is None:
            raise RuntimeError("this work was begun without the key of connections' secrets")
        return self.box

    async def _one(self, statement: Any, connection_id: UUID) -> Connection:
        parameters = {"shop": self.unit.shop_id, "connection": connection_id}
        row = (await self.unit.sql.execute(statement, parameters)).one_or_none()
        if row is None:
            raise ConnectionNotFound
        return self._opened(row._mapping)


def closed_connection(row: Mapping[Any, Any]) -> Connection:
    """The connection with its secrets still sealed: for people, who see how many there are."""
    return _plain(row, tuple(row["secrets"]), row["api_token"])


def _plain(row: Mapping[Any, Any], secrets: tuple[str, ...], api_token: str | None) -> Connection:
    return Connection(
        shop_id=row["shop_id"],
        connection_id=row["connection_id"],
        kind=row["kind"],
        title=row["title"],
        secrets=secrets,
        created_at=row["created_at"],
        account=row["account"],
        api_token=api_token,
        enabled=row["enabled"],
        version=row["version"],
    )


@dataclass(frozen=True, slots=True)
class SealOldSecrets:
    """Seals what was stored as it was before this installation sealed secrets; afterwards there is nothing to do."""

    relay: Database
    units: Units
    box: SecretBox

    async def __call__(self) -> None:
        for shop_id in await shops_from(self.relay, UNSEALED):
            async with self.units(shop_id) as unit:
                await PostgresConnections(unit, self.box).seal_all()


async def whose_connection(relay: Database, connection_id: UUID) -> ShopId | None:
    """Which shop's connection it is: asked before the shop is known, as the relay role."""
    row = await first_row(relay, WHOSE, (connection_id,))
    return ShopId(row[0]) if row else None
