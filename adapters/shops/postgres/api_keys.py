"""API keys in PostgreSQL, and the lookup that finds one before its shop is known."""

from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, Unavailable
from adapters.shared.postgres.unit import Unit
from adapters.shops.postgres.tables import api_key, key_lookup
from kernel.ids import ShopId
from shops.domain.api_key import ApiKey, KeyId, KeyNotFound
from shops.events import KeyRevoked
from shops.ports import Authenticated

ADD = insert(api_key)
ADD_LOOKUP = insert(key_lookup)
LOCK = (
    select(api_key)
    .where(api_key.c.shop_id == bindparam("shop_id"), api_key.c.key_id == bindparam("key_id"))
    .with_for_update()
)
REVOKE = (
    update(api_key)
    .where(api_key.c.shop_id == bindparam("at_shop_id"), api_key.c.key_id == bindparam("at_key_id"))
    .values(revoked_at=bindparam("revoked_at"))
)
FORGET = delete(key_lookup).where(
    key_lookup.c.shop_id == bindparam("at_shop_id"), key_lookup.c.key_id == bindparam("at_key_id")
)
COUNT = (
    select(func.count())
    .select_from(api_key)
    .where(api_key.c.shop_id == bindparam("shop_id"), api_key.c.revoked_at.is_(None))
)
FIRST = select(api_key).where(api_key.c.shop_id == bindparam("shop_id")).order_by(api_key.c.key_id)
FIRST_PAGE = FIRST.limit(bindparam("limit"))
NEXT_PAGE = FIRST.where(api_key.c.key_id > bindparam("after")).limit(bindparam("limit"))

FIND = """
BEGIN READ ONLY;
SELECT set_config('app.key_fingerprint', '{0}', true);
SELECT shop_id, key_id, kind, scopes FROM key_lookup WHERE fingerprint = decode('{0}', 'hex');
COMMIT"""


class PostgresApiKeys:
    """See `shops.ports.ApiKeys`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def add(self, key: ApiKey, fingerprint: bytes) -> None:
        whose = {"shop_id": key.shop_id, "key_id": key.key_id, "kind": key.kind, "scopes": sorted(key.scopes)}
        shown = {"label": key.label, "hint": key.hint, "created_at": key.created_at, "revoked_at": key.revoked_at}
        await self._unit.sql.execute(ADD, {**whose, **shown})
        await self._unit.sql.execute(ADD_LOOKUP, {**whose, "fingerprint": fingerprint})

    async def for_update(self, key_id: KeyId) -> ApiKey:
        row = (await self._unit.sql.execute(LOCK, {"shop_id": self._unit.shop_id, "key_id": key_id})).one_or_none()
        if row is None:
            raise KeyNotFound
        return _key(row)

    async def revoke(self, key: ApiKey, event: KeyRevoked) -> None:
        at = {"at_shop_id": key.shop_id, "at_key_id": key.key_id}
        await self._unit.sql.execute(REVOKE, {**at, "revoked_at": key.revoked_at})
        await self._unit.sql.execute(FORGET, at)
        self._unit.publish(event)

    async def count_in_force(self) -> int:
        return (await self._unit.sql.execute(COUNT, {"shop_id": self._unit.shop_id})).scalar_one()

    async def page(self, *, after: KeyId | None, limit: int) -> Sequence[ApiKey]:
        values: dict[str, Any] = {"shop_id": self._unit.shop_id, "limit": limit}
        if after is None:
            rows = await self._unit.sql.execute(FIRST_PAGE, values)
        else:
            rows = await self._unit.sql.execute(NEXT_PAGE, {**values, "after": after})
        return [_key(row) for row in rows]


class PostgresKeyLookup:
    """See `shops.ports.KeyLookup`. The row policy shows only the row whose fingerprint the transaction names."""

    def __init__(self, relay_database: Database) -> None:
        self._database = relay_database

    async def find(self, fingerprint: bytes) -> Authenticated | None:
        try:
            async with self._database.engine.connect() as connection:
                raw: Any = (await connection.get_raw_connection()).driver_connection
                row = await _find(raw, fingerprint)
        except AWAY as error:
            raise Unavailable from error
        if row is None:
            return None
        shop_id, key_id, kind, scopes = row
        return Authenticated(shop_id=shop_id, key_id=key_id, kind=kind, scopes=frozenset(scopes))


async def _find(raw: psycopg.AsyncConnection, fingerprint: bytes) -> tuple[Any, ...] | None:
    # Several statements in one round trip take no parameters; hexadecimal digits need no quoting.
    cursor = await raw.execute(FIND.format(fingerprint.hex()).encode(), prepare=False)
    cursor.nextset()
    cursor.nextset()
    return await cursor.fetchone()


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        shop_id=ShopId(row.shop_id),
        key_id=KeyId(row.key_id),
        kind=row.kind,
        label=row.label,
        scopes=frozenset(row.scopes),
        hint=row.hint,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
