"""Claimed deals in PostgreSQL."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from acquisition.domain.claim import Claim, CodeTaken
from acquisition.domain.deal import Advocate
from acquisition.events import DealClaimed
from adapters.acquisition.postgres.facts import read_terms
from adapters.shared.postgres.unit import Unit
from kernel.ids import PersonId

FIELDS: Final = (
    "shop_id", "claim_id", "programme_id", "advocate_id", "friend_id", "person_id", "code", "click_id", "locale",
    "claimed_at", "expires_at", "terms",
)  # fmt: skip
_COLUMNS = ", ".join(FIELDS)
_VALUES = ", ".join(f"%({name})s" for name in FIELDS) + "::json"
_SELECT = f"SELECT {_COLUMNS}::text FROM claim WHERE shop_id = %(shop_id)s"

OF_FRIEND = f"""{_SELECT} AND programme_id = %(programme_id)s AND advocate_id = %(advocate_id)s
AND person_id = %(person_id)s""".encode()
BY_CODE = f"{_SELECT} AND code = %(code)s".encode()
BY_ID = f"{_SELECT} AND claim_id = %(claim_id)s".encode()
NEWEST = f"""{_SELECT} AND (%(before)s::uuid IS NULL OR claim_id < %(before)s) AND
(%(advocate_id)s::uuid IS NULL OR advocate_id = %(advocate_id)s) ORDER BY claim_id DESC LIMIT %(limit)s""".encode()
ADD = f"""
INSERT INTO claim ({_COLUMNS}) SELECT {_VALUES}
WHERE NOT EXISTS (SELECT FROM advocate WHERE shop_id = %(shop_id)s AND code = %(code)s)
AND NOT EXISTS (SELECT FROM invite WHERE shop_id = %(shop_id)s AND code = %(code)s)
ON CONFLICT DO NOTHING
""".encode()


class PostgresClaims:
    """See `acquisition.ports.Claims`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def of_friend(self, advocate: Advocate, person_id: PersonId) -> Claim | None:
        return await self._one(
            OF_FRIEND,
            programme_id=advocate.programme_id,
            advocate_id=advocate.advocate_id,
            person_id=person_id,
        )

    async def by_code(self, code: str) -> Claim | None:
        return await self._one(BY_CODE, code=code)

    async def by_id(self, claim_id: UUID) -> Claim | None:
        return await self._one(BY_ID, claim_id=claim_id)

    async def newest(self, *, before: UUID | None, advocate_id: UUID | None, limit: int) -> Sequence[Claim]:
        """Claims before a claim's id, the newest first: ids are ordered by time."""
        found = {"shop_id": self._unit.shop_id, "before": before, "advocate_id": advocate_id, "limit": limit}
        return [_claim(row) for row in await (await self._unit.raw.execute(NEWEST, found)).fetchall()]

    async def add(self, claim: Claim, event: DealClaimed) -> Claim:
        added = await self._unit.raw.execute(ADD, _values(claim))
        if added.rowcount:
            self._unit.publish(event)
            return claim
        standing = await self._one(
            OF_FRIEND,
            programme_id=claim.programme_id,
            advocate_id=claim.advocate_id,
            person_id=claim.person_id,
        )
        if standing is None:
            raise CodeTaken
        return standing

    async def _one(self, statement: bytes, **values: Any) -> Claim | None:
        row = await (await self._unit.raw.execute(statement, {"shop_id": self._unit.shop_id, **values})).fetchone()
        return _claim(row) if row else None


def _values(claim: Claim) -> dict[str, Any]:
    values = {name: getattr(claim, name) for name in FIELDS}
    return values | {"terms": None if claim.terms is None else msgspec.json.encode(claim.terms).decode()}


def _claim(row: tuple[Any, ...]) -> Claim:
    return Claim(**dict(zip(FIELDS, (*row[:-1], read_terms(row[-1])), strict=True)))
