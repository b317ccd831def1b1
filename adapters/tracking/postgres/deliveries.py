"""Stored webhook deliveries: written before they are answered, claimed by the worker, settled with their effect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from adapters.shared.postgres.arrays import Array, byteas, texts, uuids
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.sweep import Old, drop_old
from adapters.shared.postgres.unit import Unit, Units
from kernel.ids import ShopId
from tracking.domain.delivery import DeliveryNotFound, DeliveryRef, Outcome, UnhandledTopic

STORE = """
INSERT INTO webhook_delivery (shop_id, connection_id, delivery_key, kind, topic, triggered_at, state, code, body, store)
SELECT * FROM unnest(
    $1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[],
    $10::text[]
)
ON CONFLICT DO NOTHING
"""

SETTLE = b"""
UPDATE webhook_delivery d
SET state = o.state, code = nullif(o.code, ''), reason = nullif(o.reason, ''), settled_at = now(), claimed_until = NULL,
    body = CASE WHEN o.state = 'done' THEN ''::bytea ELSE d.body END
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS o (connection_id, delivery_key, state, code, reason)
WHERE d.shop_id = %s AND d.connection_id = o.connection_id AND d.delivery_key = o.delivery_key
"""

_CLAIM = """
WITH due AS (
    SELECT ctid AS place FROM webhook_delivery
    WHERE state = 'waiting' AND due_at <= now() AND (claimed_until IS NULL OR claimed_until <= now()) AND {which}
        AND get_byte(uuid_send(shop_id), 15) %% %s = %s
    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE webhook_delivery d
SET claimed_until = now() + make_interval(secs => %s)
WHERE ctid = ANY(ARRAY(SELECT place FROM due))
RETURNING d.shop_id, d.connection_id, d.delivery_key, d.kind, d.topic, d.body, d.tries, d.received_at, d.store
"""
CLAIM = _CLAIM.format(which="kind <> 'bigcommerce'")
"""What can be read as it stands."""
CLAIM_FETCHED = _CLAIM.format(which="kind = 'bigcommerce'")
"""What names an order that is to be fetched."""

RETRY_LATER = """
UPDATE webhook_delivery SET tries = %s, due_at = now() + make_interval(secs => %s), claimed_until = NULL, reason = %s
WHERE shop_id = %s AND connection_id = %s AND delivery_key = %s AND state = 'waiting'
"""

PARK = """
UPDATE webhook_delivery
SET state = 'parked', tries = %s, code = %s, reason = %s, settled_at = now(), claimed_until = NULL
WHERE shop_id = %s AND connection_id = %s AND delivery_key = %s AND state = 'waiting'
"""

LEAVE = """
UPDATE webhook_delivery
SET state = 'unhandled', code = %s, reason = %s, settled_at = now(), claimed_until = NULL
WHERE shop_id = %s AND connection_id = %s AND delivery_key = %s AND state = 'waiting'
"""

PARKED = """
SELECT shop_id, connection_id, delivery_key, topic, tries, code, reason, settled_at FROM webhook_delivery
WHERE state = 'parked' ORDER BY settled_at LIMIT 1000
"""

REPLAY = """
UPDATE webhook_delivery SET state = 'waiting', tries = 0, due_at = now(), claimed_until = NULL,
    code = NULL, reason = NULL, settled_at = NULL
WHERE state = 'parked'
    AND (%(key)s::text IS NULL OR (connection_id = %(connection)s AND delivery_key = %(key)s))
RETURNING shop_id
"""

PARKED_OF_SHOP = """
SELECT connection_id, delivery_key, kind, topic, received_at, tries, code, reason, settled_at, octet_length(body)
FROM webhook_delivery
WHERE shop_id = %(shop)s AND state = 'parked' AND (%(connection)s::uuid IS NULL OR connection_id = %(connection)s)
    AND (%(after_connection)s::uuid IS NULL
        OR (connection_id, delivery_key) > (%(after_connection)s::uuid, %(after_key)s::text))
ORDER BY connection_id, delivery_key LIMIT %(most)s
"""

PARKED_ONE = """
SELECT connection_id, delivery_key, kind, topic, received_at, tries, code, reason, settled_at, octet_length(body), body
FROM webhook_delivery WHERE shop_id = %s AND connection_id = %s AND delivery_key = %s AND state = 'parked'
"""

EXISTS = "SELECT FROM webhook_delivery WHERE shop_id = %s AND connection_id = %s AND delivery_key = %s"
REPLAY_OF_SHOP = """
UPDATE webhook_delivery SET state = 'waiting', tries = 0, due_at = now(), claimed_until = NULL,
    code = NULL, reason = NULL, settled_at = NULL
WHERE shop_id = %(shop)s AND state = 'parked' AND (%(connection)s::uuid IS NULL OR connection_id = %(connection)s)
    AND (%(key)s::text IS NULL OR delivery_key = %(key)s)
"""

PURGE = (
    Old("webhook_delivery", "state IN ('done', 'unhandled') AND received_at < now() - interval '30 days'"),
    Old("webhook_delivery", "state = 'parked' AND received_at < now() - interval '90 days'"),
)


class Part(Struct, frozen=True):
    """One of so many parts of the shops, from 0."""

    number: int
    of: int


ALL: Final = Part(0, 1)
UNSTORED: Final = datetime.fromtimestamp(0, UTC)


class StoredDelivery(Struct, frozen=True, kw_only=True):
    """One delivery as it arrived. `kind` is the connection's; a topic that nobody handles is stored as such."""

    ref: DeliveryRef
    kind: str
    topic: str
    triggered_at: str = ""
    body: bytes
    tries: int = 0
    handled: bool = True
    received_at: datetime = UNSTORED
    store: str = ""
    """See `Platform.store`."""


COLUMNS = (uuids, uuids, texts, texts, texts, texts, texts, texts, byteas, texts)


def to_columns(delivery: StoredDelivery) -> tuple[Any, ...]:
    ref = delivery.ref
    return (
        ref.shop_id,
        ref.connection_id,
        ref.delivery_key,
        delivery.kind,
        delivery.topic,
        delivery.triggered_at,
        "waiting" if delivery.handled else "unhandled",
        None if delivery.handled else UnhandledTopic.code,
        delivery.body,
        delivery.store,
    )


@dataclass(frozen=True, slots=True)
class PostgresDeliveries:
    """`Deliveries` of the unit's shop."""

    unit: Unit

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        parameters = (
            Array(uuids([outcome.ref.connection_id for outcome in outcomes])),
            Array(texts([outcome.ref.delivery_key for outcome in outcomes])),
            Array(texts([outcome.state for outcome in outcomes])),
            Array(texts([outcome.code for outcome in outcomes])),
            Array(texts([outcome.reason for outcome in outcomes])),
            self.unit.shop_id,
        )
        self.unit.later(SETTLE, parameters)

    async def replay(self, connection_id: UUID | None) -> int:
        return await self._replay(connection_id, None)

    async def replay_one(self, ref: DeliveryRef) -> bool:
        if await self._replay(ref.connection_id, ref.delivery_key):
            return True
        if await (await self.unit.raw.execute(EXISTS, _key(ref))).fetchone() is None:
            raise DeliveryNotFound
        return False

    async def _replay(self, connection_id: UUID | None, key: str | None) -> int:
        parameters = {"shop": self.unit.shop_id, "connection": connection_id, "key": key}
        return (await self.unit.raw.execute(REPLAY_OF_SHOP, parameters)).rowcount


@dataclass(frozen=True, slots=True)
class ParkedReads:
    """What was given up, for the shop's own people."""

    units: Units

    async def page(
        self, shop_id: ShopId, connection_id: UUID | None, after: tuple[UUID, str] | None, most: int
    ) -> list[tuple[Any, ...]]:
        """(connection, key, kind, topic, received at, tries, code, reason, parked at, bytes)"""
        connection, key = after or (None, "")
        parameters = {"shop": shop_id, "connection": connection_id, "most": most}
        async with self.units(shop_id) as unit:
            given = parameters | {"after_connection": connection, "after_key": key}
            return list(await (await unit.raw.execute(PARKED_OF_SHOP, given)).fetchall())

    async def one(self, ref: DeliveryRef) -> tuple[Any, ...]:
        """As of a page, and the body; raises DeliveryNotFound."""
        async with self.units(ref.shop_id) as unit:
            row = await (await unit.raw.execute(PARKED_ONE, _key(ref))).fetchone()
        if row is None:
            raise DeliveryNotFound
        return row


@dataclass(frozen=True, slots=True)
class WaitingDeliveries:
    """The deliveries of all shops, for the worker: as the relay role."""

    database: Database

    async def claim(self, most: int, lease_s: int, claims: str = CLAIM, part: Part = ALL) -> list[StoredDelivery]:
        """Deliveries that are due, held for `lease_s` seconds: whoever dies with them loses them to the next."""
        return [_delivery(row) for row in await self._run(claims, (part.of, part.number, most, lease_s))]

    async def retry_later(self, ref: DeliveryRef, *, tries: int, pause_s: float, error: str) -> None:
        await self._run(RETRY_LATER, (tries, pause_s, error, *_key(ref)))

    async def park(self, ref: DeliveryRef, *, tries: int, code: str, reason: str) -> None:
        await self._run(PARK, (tries, code, reason, *_key(ref)))

    async def leave(self, ref: DeliveryRef, *, code: str, reason: str) -> None:
        """Keep it as unhandled: it is genuine, and says nothing that we listen to."""
        await self._run(LEAVE, (code, reason, *_key(ref)))

    async def parked(self) -> list[tuple[Any, ...]]:
        return await self._run(PARKED, ())

    async def replay(self, connection: Any = None, key: str | None = None) -> int:
        return len(await self._run(REPLAY, {"connection": connection, "key": key}))

    async def purge(self) -> None:
        await drop_old(self.database, *PURGE)

    async def _run(self, statement: str, parameters: Any) -> list[tuple[Any, ...]]:
        async with self.database.engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            cursor = await raw.execute(statement, parameters, binary=True)  # as text, a body would come twice as long
            return list(await cursor.fetchall()) if cursor.description is not None else []


def _key(ref: DeliveryRef) -> tuple[Any, ...]:
    return ref.shop_id, ref.connection_id, ref.delivery_key


def _delivery(row: tuple[Any, ...]) -> StoredDelivery:
    ref = DeliveryRef(shop_id=row[0], connection_id=row[1], delivery_key=row[2])
    kind, topic, body, tries, received_at, store = row[3:]
    return StoredDelivery(ref=ref, kind=kind, topic=topic, body=body, tries=tries, received_at=received_at, store=store)
