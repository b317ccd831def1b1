"""The customer vault in PostgreSQL. Hot: whole batches by psycopg, a statement each."""

from collections.abc import Sequence
from typing import Any

from psycopg import errors as pg

from adapters.shared.postgres.arrays import Array, texts, uuids
from adapters.shared.postgres.unit import Unit
from kernel.ids import CustomerId, PersonId
from shops.domain.customer import Customer, CustomerNotFound
from shops.domain.recognition import Plan, VaultContended
from shops.events import CustomerErased

_COLUMNS = (
    "shop_id, customer_id, person_id, reference, email, first_name, last_name, locale, phone, leads, created_at,"
    " erased_at"
)

SHARING = f"""
SELECT {_COLUMNS} FROM customer WHERE shop_id = %(shop_id)s AND reference = ANY (%(references)s::text[])
UNION
SELECT {_COLUMNS} FROM customer
WHERE shop_id = %(shop_id)s AND person_id = ANY (%(persons)s::uuid[]) AND erased_at IS NULL
""".encode()

_SENT = """unnest(%(customer_ids)s::uuid[], %(persons)s::uuid[], %(references)s::text[], %(emails)s::text[],
    %(first_names)s::text[], %(last_names)s::text[], %(locales)s::text[], %(phones)s::text[],
    %(leads)s::boolean[])
    AS sent (customer_id, person_id, reference, email, first_name, last_name, locale, phone, leads)"""

# In one order everywhere, so that two batches with the same people wait for each other instead of locking up.
ADD = f"""
INSERT INTO customer
    (shop_id, customer_id, person_id, reference, email, first_name, last_name, locale, phone, leads, created_at)
SELECT %(shop_id)s, sent.*, %(at)s FROM {_SENT} ORDER BY sent.reference, sent.person_id
ON CONFLICT DO NOTHING
""".encode()

CHANGE = f"""
UPDATE customer SET person_id = sent.person_id, reference = sent.reference, email = sent.email,
    first_name = sent.first_name, last_name = sent.last_name, locale = sent.locale, phone = sent.phone,
    leads = sent.leads
FROM {_SENT}
WHERE customer.shop_id = %(shop_id)s AND customer.customer_id = sent.customer_id AND customer.erased_at IS NULL
    AND (customer.reference IS NULL OR customer.reference = sent.reference)
""".encode()

GET = f"SELECT {_COLUMNS} FROM customer WHERE shop_id = %s AND customer_id = %s".encode()
LOCK = GET + b" FOR UPDATE"
OF_IDS = (
    f"SELECT {_COLUMNS} FROM customer WHERE shop_id = %s AND customer_id = ANY (%s::uuid[]) AND erased_at IS NULL"
).encode()
ERASE = b"""
UPDATE customer SET person_id = %(person_id)s, reference = NULL, email = NULL, first_name = '', last_name = '',
    locale = NULL, phone = NULL, leads = false, erased_at = %(erased_at)s
WHERE shop_id = %(shop_id)s AND customer_id = %(customer_id)s"""

CONTENDED = (pg.UniqueViolation, pg.DeadlockDetected, pg.SerializationFailure)


class PostgresCustomers:
    """See `shops.ports.Customers`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def sharing(self, references: Sequence[str], persons: Sequence[PersonId]) -> Sequence[Customer]:
        values = {
            "shop_id": self._unit.shop_id,
            "references": Array(texts(references)),
            "persons": Array(uuids(persons)),
        }
        return [_customer(row) for row in await self._unit.read(SHARING, values)]

    async def store(self, plan: Plan) -> None:
        try:
            await self._send(CHANGE, plan.changed)
            await self._send(ADD, plan.added)
        except CONTENDED:
            raise VaultContended from None

    async def get(self, customer_id: CustomerId) -> Customer:
        return await self._one(GET, customer_id)

    async def for_update(self, customer_id: CustomerId) -> Customer:
        return await self._one(LOCK, customer_id)

    async def erase(self, customer: Customer, event: CustomerErased) -> None:
        values = {
            "shop_id": customer.shop_id,
            "customer_id": customer.customer_id,
            "person_id": customer.person_id,
            "erased_at": customer.erased_at,
        }
        await self._unit.raw.execute(ERASE, values)
        self._unit.publish(event)

    async def of_ids(self, customer_ids: Sequence[CustomerId]) -> Sequence[Customer]:
        rows = await self._unit.read(OF_IDS, (self._unit.shop_id, list(customer_ids)))
        return [_customer(row) for row in rows]

    async def _one(self, statement: bytes, customer_id: CustomerId) -> Customer:
        row = await (await self._unit.raw.execute(statement, (self._unit.shop_id, customer_id))).fetchone()
        if row is None:
            raise CustomerNotFound
        return _customer(row)

    async def _send(self, statement: bytes, records: Sequence[Customer]) -> None:
        if not records:
            return
        values = {
            "shop_id": self._unit.shop_id,
            "at": records[0].created_at,
            "customer_ids": Array(uuids([record.customer_id for record in records])),
            "persons": Array(uuids([record.person_id for record in records])),
            "references": Array(texts([record.reference for record in records])),
            "emails": Array(texts([record.email for record in records])),
            "first_names": Array(texts([record.first_name for record in records])),
            "last_names": Array(texts([record.last_name for record in records])),
            "locales": Array(texts([record.locale for record in records])),
            "phones": Array(texts([record.phone for record in records])),
            "leads": [record.leads for record in records],
        }
        if await self._unit.write(statement, values) != len(records):
            raise VaultContended


def _customer(row: tuple[Any, ...]) -> Customer:
    return Customer(**dict(zip(Customer.__struct_fields__, row, strict=True)))
