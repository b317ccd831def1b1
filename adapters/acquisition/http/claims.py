"""Claimed deals over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from acquisition.application.claim_deal import ClaimDeal, ClaimDealHandler
from acquisition.domain.claim import Claim
from adapters.acquisition.http.bodies import Cursor, DealAnswer, Limit, PersonRequest
from adapters.acquisition.postgres.queries import ListClaims
from adapters.acquisition.tokens import FriendTokens
from adapters.shared.http.auth import Caller, requires
from adapters.shared.http.bodies import Answer, Body, Code, Locale, decode_cursor, encode_cursor
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from kernel.codes import shown

AdvocateFilter = Annotated[str | None, QueryParameter(required=False, max_length=60)]


class ClaimRequest(Body, frozen=True, kw_only=True):
    """A friend takes the deal of an advocate. `click_token` is the address's `gv_click`; a bad one is ignored."""

    advocate_code: Code
    friend: PersonRequest
    locale: Locale
    click_token: Annotated[str, Meta(max_length=1024)] | None = None


class ClaimAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["clm_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    code: Annotated[str, Meta(examples=["7K2M-9QX0"])]
    """The friend's own code, as people see it; case and separators are forgiven when it is typed."""
    programme_id: str
    advocate_id: str
    friend_id: str
    click_id: str | None
    locale: str
    claimed_at: datetime
    expires_at: datetime


class MadeClaimAnswer(ClaimAnswer, frozen=True, kw_only=True):
    deal: DealAnswer
    token: str
    """Signed: put it on the order as the attribute `grapevine_claim`, and the order is credited for certain."""


class ClaimList(Answer, frozen=True, kw_only=True):
    items: list[ClaimAnswer]
    next_cursor: str | None


class ClaimController(Controller):
    path = "/api/v1/claims"
    tags = ("acquisition",)

    @post(
        operation_id="claimDeal",
        summary="Claim an advocate's deal for a friend",
        description="Claiming again gives the same code. Refuses the advocate themselves and programmes not live.",
        guards=[requires("acquisition:write")],
        responses=refusals(404, 409, 410, 422),
    )
    async def claim(
        self,
        data: JSONBody[ClaimRequest],
        caller: NamedDependency[Caller],
        claim_deal: NamedDependency[ClaimDealHandler],
        friend_tokens: NamedDependency[FriendTokens],
    ) -> MadeClaimAnswer:
        claimed = await claim_deal(
            ClaimDeal(
                shop_id=caller.shop_id,
                advocate_code=data.advocate_code,
                friend=data.friend.person("/friend"),
                locale=data.locale,
                click_id=friend_tokens.click_of(data.click_token, caller.shop_id),
            )
        )
        plain = answer_of(claimed.claim)
        return MadeClaimAnswer(
            **{name: getattr(plain, name) for name in plain.__struct_fields__},
            deal=DealAnswer.of(claimed.terms),
            token=friend_tokens.of_claim(claimed.claim),
        )

    @get(
        operation_id="listClaims",
        summary="Claimed deals, the newest first",
        guards=[requires("acquisition:read")],
        responses=refusals(404, 422),
    )
    async def read(
        self,
        caller: NamedDependency[Caller],
        list_claims: NamedDependency[ListClaims],
        cursor: Cursor = None,
        limit: Limit = 50,
        advocate_id: AdvocateFilter = None,
    ) -> ClaimList:
        position = decode_cursor(cursor, UUID)
        claims = await list_claims(
            caller.shop_id,
            before=UUID(str(position[0])) if position else None,
            advocate_id=from_wire("adv", advocate_id, pointer="/advocate_id") if advocate_id else None,
            limit=limit,
        )
        following = encode_cursor(claims[-1].claim_id) if len(claims) == limit else None
        return ClaimList(items=[answer_of(claim) for claim in claims], next_cursor=following)

    @get(
        "/{claim_id:str}",
        operation_id="getClaim",
        summary="One claimed deal",
        guards=[requires("acquisition:read")],
        responses=refusals(404),
    )
    async def one(
        self, claim_id: FromPath[str], caller: NamedDependency[Caller], list_claims: NamedDependency[ListClaims]
    ) -> ClaimAnswer:
        return answer_of(await list_claims.one(caller.shop_id, from_wire("clm", claim_id)))


def answer_of(claim: Claim) -> ClaimAnswer:
    return ClaimAnswer(
        id=to_wire("clm", claim.claim_id),
        code=shown(claim.code),
        programme_id=to_wire("prg", claim.programme_id),
        advocate_id=to_wire("adv", claim.advocate_id),
        friend_id=to_wire("cus", claim.friend_id),
        click_id=to_wire("clk", claim.click_id) if claim.click_id else None,
        locale=claim.locale,
        claimed_at=claim.claimed_at,
        expires_at=claim.expires_at,
    )
