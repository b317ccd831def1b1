"""What a shop's checkout asks about a typed code."""

from datetime import datetime
from typing import Annotated, Literal

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta

from acquisition.application.queries.deal_for_code import FindDealForCode
from adapters.acquisition.http.bodies import DealAnswer
from adapters.shared.http.auth import Caller, requires
from adapters.shared.http.bodies import Answer
from adapters.shared.http.ids import to_wire
from adapters.shared.http.problems import refusals
from kernel.codes import shown


class DealForCodeAnswer(Answer, frozen=True, kw_only=True):
    """Says nothing about the people behind the code."""

    code: Annotated[str, Meta(examples=["7K2M-9QX0"])]
    valid: bool
    refusal: Annotated[str | None, Meta(examples=["claim_expired"])]
    """Why the code is not valid: "deal_paused", "deal_ended" or "claim_expired"."""
    source: Literal["claim", "advocate"]
    """"claim": the friend's own code. "advocate": the code of whoever recommends."""
    programme_id: str
    advocate_id: str
    claim_id: str | None
    deal: DealAnswer | None
    expires_at: datetime | None


class DealController(Controller):
    path = "/api/v1/deals"
    tags = ("acquisition",)

    @get(
        "/{code:str}",
        operation_id="getDealForCode",
        summary="What a typed code is worth",
        description="For the shop's checkout. Takes a friend's or an advocate's code; forgives case and look-alikes.",
        guards=[requires("acquisition:read")],
        responses=refusals(404, 422),
    )
    async def read(
        self, code: FromPath[str], caller: NamedDependency[Caller], deal_for_code: NamedDependency[FindDealForCode]
    ) -> DealForCodeAnswer:
        found = await deal_for_code(caller.shop_id, code)
        return DealForCodeAnswer(
            code=shown(found.code),
            valid=not found.refusal,
            refusal=found.refusal or None,
            source=found.source,
            programme_id=to_wire("prg", found.programme_id),
            advocate_id=to_wire("adv", found.advocate_id),
            claim_id=to_wire("clm", found.claim_id) if found.claim_id else None,
            deal=DealAnswer.of(found.terms) if found.terms else None,
            expires_at=found.expires_at,
        )
