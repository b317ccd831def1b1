"""Advocates."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import text

from adapters.shared.postgres.unit import Unit
from kernel.ids import AdvocateId, CustomerId, ProgrammeId
from referral.domain.advocate import Advocate, AdvocateNotFound
from referral.events import AdvocateEnrolled

COLUMNS = "shop_id, advocate_id, programme_id, customer_id, person_id, code, link_code, enrolled_at"
OF_CUSTOMER = text(
    f"SELECT {COLUMNS} FROM advocate"
    " WHERE shop_id = :shop_id AND programme_id = :programme_id AND customer_id = :customer_id"
)
GET = text(f"SELECT {COLUMNS} FROM advocate WHERE shop_id = :shop_id AND advocate_id = :advocate_id")
INSERT = text(f"""
INSERT INTO advocate ({COLUMNS}) VALUES (:shop_id, :advocate_id, :programme_id, :customer_id, :person_id, :code,
                                         :link_code, :enrolled_at)
ON CONFLICT DO NOTHING RETURNING advocate_id
""")


class PostgresAdvocates:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def of_customer(self, programme_id: ProgrammeId, customer_id: CustomerId) -> Advocate | None:
        key = {"shop_id": self._unit.shop_id, "programme_id": programme_id, "customer_id": customer_id}
        row = (await self._unit.sql.execute(OF_CUSTOMER, key)).mappings().one_or_none()
        return None if row is None else _advocate(row)

    async def get(self, advocate_id: AdvocateId) -> Advocate:
        key = {"shop_id": self._unit.shop_id, "advocate_id": advocate_id}
        row = (await self._unit.sql.execute(GET, key)).mappings().one_or_none()
        if row is None:
            raise AdvocateNotFound
        return _advocate(row)

    async def add(self, advocate: Advocate, event: AdvocateEnrolled) -> bool:
        row = msgspec.structs.asdict(advocate)
        if (await self._unit.sql.execute(INSERT, row)).one_or_none() is None:
            return False
        self._unit.publish(event)
        return True


def _advocate(row: Mapping[Any, Any]) -> Advocate:
    return msgspec.convert(dict(row), Advocate)
