"""Lists for the HTTP routes: rows as they are, without a use case between."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from acquisition.domain.claim import Claim
from acquisition.domain.invite import Invite
from adapters.acquisition.postgres.claims import PostgresClaims
from adapters.acquisition.postgres.invites import PostgresInvites
from adapters.shared.postgres.unit import Units
from kernel.errors import DomainError
from kernel.ids import ShopId


class UnknownClaim(DomainError):
    code = "unknown_id"
    kind = "not_found"
    title = "Nothing has this id"


@dataclass(frozen=True, slots=True)
class ListClaims:
    units: Units

    async def __call__(
        self, shop_id: ShopId, *, before: UUID | None, advocate_id: UUID | None, limit: int
    ) -> Sequence[Claim]:
        async with self.units(shop_id) as unit:
            return await PostgresClaims(unit).newest(before=before, advocate_id=advocate_id, limit=limit)

    async def one(self, shop_id: ShopId, claim_id: UUID) -> Claim:
        async with self.units(shop_id) as unit:
            claim = await PostgresClaims(unit).by_id(claim_id)
        if claim is None:
            raise UnknownClaim
        return claim


@dataclass(frozen=True, slots=True)
class ListInvites:
    units: Units

    async def __call__(self, shop_id: ShopId, *, before: Any, limit: int) -> Sequence[Invite]:
        """`before`: creation time and code of the last one of the page before."""
        async with self.units(shop_id) as unit:
            return await PostgresInvites(unit).newest(before=before, limit=limit)

    async def one(self, shop_id: ShopId, code: str) -> Invite:
        async with self.units(shop_id) as unit:
            return await PostgresInvites(unit).get(code)
