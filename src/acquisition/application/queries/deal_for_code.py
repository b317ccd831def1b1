"""What a shop's checkout needs to know about a code that somebody typed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from msgspec import Struct

from acquisition.domain.deal import Programme, Terms, UnknownDeal
from acquisition.ports import BeginWork
from kernel.codes import normalise
from kernel.errors import DomainError
from kernel.ids import AdvocateId, ClaimId, ProgrammeId, ShopId


class DealForCode(Struct, frozen=True, kw_only=True):
    """`refusal` is empty while the code is good, else the code of the reason why not."""

    code: str
    source: Literal["claim", "advocate"]
    programme_id: ProgrammeId
    advocate_id: AdvocateId
    claim_id: ClaimId | None
    terms: Terms | None
    expires_at: datetime | None
    refusal: str


@dataclass(frozen=True, slots=True)
class FindDealForCode:
    """A friend's own code wins over an advocate's; case and look-alikes are forgiven. Raises UnknownDeal."""

    begin: BeginWork

    async def __call__(self, shop_id: ShopId, typed: str) -> DealForCode:
        code = normalise(typed)
        async with self.begin(shop_id) as work:
            claim = await work.claims.by_code(code)
            advocate = await work.advocates.by_code(code) if claim is None else None
            taken = claim or advocate
            programme = await work.programmes.get(taken.programme_id) if taken else None
            if taken is None or programme is None or programme.state == "draft":
                raise UnknownDeal
            refusal = _refusal(programme)
            if claim is not None and not refusal and work.now() >= claim.expires_at:
                refusal = "claim_expired"
        return DealForCode(
            code=code,
            source="claim" if claim else "advocate",
            programme_id=programme.programme_id,
            advocate_id=taken.advocate_id,
            claim_id=claim.claim_id if claim else None,
            terms=(claim.terms if claim else None) or programme.terms,
            expires_at=claim.expires_at if claim else None,
            refusal=refusal,
        )


def _refusal(programme: Programme) -> str:
    try:
        programme.on_offer()
    except DomainError as refused:
        return refused.code
    return ""
