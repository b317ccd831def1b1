"""Connections in PostgreSQL.

A platform's secret must be known to check its signatures, so it is stored as it is, readable by this context's own
role within its shop only; no route and no log ever gives it out again.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.unit import Unit
from adapters.tracking.postgres.lookup import first_row
from adapters.tracking.postgres.tables import connection, connection_address, webhook_delivery
from kernel.ids import ShopId
from tracking.domain.connection import Connection, ConnectionId, ConnectionNotFound

WHOSE = "SELECT shop_id FROM connection_address WHERE connection_id = %s"

_ONE = select(connection).where(
    connection.c.shop_id == bindparam("shop"), connection.c.connection_id == bindparam("connection")
)
GET = _ONE
SEVERAL = select(connection).where(
    connection.c.shop_id == bindparam("shop"), connection.c.connection_id.in_(bindparam("connections", expanding=True))
)
FOR_UPDATE = _ONE.with_for_update()
SAVE = (
    update(connection)
    .where(connection.c.shop_id == bindparam("shop"), connection.c.connection_id == bindparam("connection"))
    .values(secrets=bindparam("secrets_now"))
)
PAGE = (
    select(connection)
    .where(connection.c.shop_id == bindparam("shop"), connection.c.connection_id < bindparam("before"))
    .order_by(connection.c.connection_id.desc())
    .limit(bindparam("most"))
)
_d = webhook_delivery.c
HEALTH = (
    select(
        _d.connection_id,
        func.max(_d.received_at).label("last"),
        func.count().filter(_d.state == "parked").label("parked"),
        func.count().filter(_d.state == "unhandled").label("unhandled"),
        func.count().filter(_d.state == "waiting").label("waiting"),
        func.count().filter(_d.state == "waiting", _d.tries > 0).label("failing"),
    )
    .where(_d.shop_id == bindparam("shop"), _d.connection_id.in_(bindparam("connections", expanding=True)))
    .where(_d.received_at > func.now() - func.make_interval(0, 0, 0, 7))
    .group_by(_d.connection_id)
)
ADD = insert(connection)
ADD_ADDRESS = insert(connection_address)


@dataclass(frozen=True, slots=True)
class PostgresConnections:
    """`Connections` of the unit's shop."""

    unit: Unit

    async def add(self, new: Connection) -> None:
        await self.unit.sql.execute(
            ADD,
            {
                "shop_id": new.shop_id,
                "connection_id": new.connection_id,
                "kind": new.kind,
                "title": new.title,
                "secrets": list(new.secrets),
                "created_at": new.created_at,
                "account": new.account,
                "api_token": new.api_token,
            },
        )
        await self.unit.sql.execute(ADD_ADDRESS, {"connection_id": new.connection_id, "shop_id": new.shop_id})

    async def get(self, connection_id: UUID) -> Connection:
        return await self._one(GET, connection_id)

    async def several(self, connection_ids: list[ConnectionId]) -> list[Connection]:
        """Those of the connections that exist."""
        parameters = {"shop": self.unit.shop_id, "connections": connection_ids}
        return [to_connection(row._mapping) for row in await self.unit.sql.execute(SEVERAL, parameters)]

    async def for_update(self, connection_id: ConnectionId) -> Connection:
        return await self._one(FOR_UPDATE, connection_id)

    async def save(self, changed: Connection) -> None:
        parameters = {
            "shop": self.unit.shop_id,
            "connection": changed.connection_id,
            "secrets_now": list(changed.secrets),
        }
        await self.unit.sql.execute(SAVE, parameters)

    async def _one(self, statement: object, connection_id: UUID) -> Connection:
        parameters = {"shop": self.unit.shop_id, "connection": connection_id}
        row = (await self.unit.sql.execute(statement, parameters)).one_or_none()  # type: ignore[call-overload]
        if row is None:
            raise ConnectionNotFound
        return to_connection(row._mapping)


def to_connection(row: object) -> Connection:
    values = dict(row)  # type: ignore[call-overload]
    return Connection(**values | {"secrets": tuple(values["secrets"])})


async def whose_connection(relay: Database, connection_id: UUID) -> ShopId | None:
    """Which shop's connection it is: asked before the shop is known, as the relay role."""
    row = await first_row(relay, WHOSE, (connection_id,))
    return ShopId(row[0]) if row else None
