"""The stores that a shop's orders are of, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.shared.postgres.arrays import Array, texts, uuids
from adapters.shared.postgres.unit import Unit
from tracking.domain.connection import ConnectionId
from tracking.domain.stores import KnownStore

OF: Final = b"SELECT connection_id, store FROM order_store WHERE shop_id = %s AND platform = %s"
ADD: Final = b"""
INSERT INTO order_store (shop_id, platform, connection_id, store)
SELECT %s, %s, u.* FROM unnest(%s::uuid[], %s::text[]) u ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class PostgresOrderStores:
    """`OrderStores` of the unit's shop."""

    unit: Unit

    async def of(self, platform: str) -> list[KnownStore]:
        rows = await self.unit.read(OF, (self.unit.shop_id, platform))
        return [KnownStore(ConnectionId(connection_id), store) for connection_id, store in rows]

    async def add(self, platform: str, stores: Sequence[KnownStore]) -> None:
        connections = Array(uuids([each.connection_id for each in stores]))
        names = Array(texts([each.store for each in stores]))
        self.unit.later(ADD, (self.unit.shop_id, platform, connections, names))
