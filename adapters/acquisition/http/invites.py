"""Invite codes over HTTP."""

from datetime import datetime
from typing import Annotated

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from acquisition.application.create_invite import CreateInvite, CreateInviteHandler
from acquisition.application.redeem_invite_code import RedeemInvite, RedeemInviteCode
from acquisition.domain.invite import Invite
from adapters.acquisition.http.bodies import Cursor, Limit, PersonRequest
from adapters.acquisition.postgres.queries import ListInvites
from adapters.shared.http.auth import Caller, requires
from adapters.shared.http.bodies import Answer, Body, Code, OptionalName, decode_cursor, encode_cursor
from adapters.shared.http.ids import to_wire
from adapters.shared.http.problems import refusals
from kernel.codes import normalise, shown

Moment = Annotated[datetime, Meta(tz=True, examples=["2026-12-31T23:00:00Z"])]


class InviteRequest(Body, frozen=True, kw_only=True):
    """Name either the customer who invites or the campaign. Without `code` one is made, after `prefix` if given."""

    inviter: PersonRequest | None = None
    campaign: OptionalName = ""
    seats: Annotated[int, Meta(ge=1, le=1_000_000, examples=[5])]
    per_person: Annotated[int, Meta(ge=1, le=1000)] = 1
    valid_from: Moment | None = None
    expires_at: Moment
    code: Annotated[str, Meta(max_length=40, examples=["ADA2-2026"])] = ""
    prefix: Annotated[str, Meta(max_length=16, examples=["ADA"])] = ""


class InviteAnswer(Answer, frozen=True, kw_only=True):
    code: Annotated[str, Meta(examples=["ADA2-2026"])]
    inviter_id: str | None
    campaign: str
    seats: int
    seats_left: int
    per_person: int
    valid_from: datetime
    expires_at: datetime
    created_at: datetime


class InviteList(Answer, frozen=True, kw_only=True):
    items: list[InviteAnswer]
    next_cursor: str | None


class RedemptionRequest(Body, frozen=True, kw_only=True):
    code: Code
    customer: PersonRequest


class RedemptionAnswer(Answer, frozen=True, kw_only=True):
    code: str
    customer_id: str
    inviter_id: str | None
    campaign: str
    seats_left: int


class InviteController(Controller):
    path = "/api/v1/invites"
    tags = ("acquisition",)

    @post(
        operation_id="createInvite",
        summary="Make an invite code",
        guards=[requires("acquisition:write")],
        responses=refusals(409, 422),
    )
    async def create(
        self,
        data: JSONBody[InviteRequest],
        caller: NamedDependency[Caller],
        create_invite: NamedDependency[CreateInviteHandler],
    ) -> InviteAnswer:
        invite = await create_invite(
            CreateInvite(
                shop_id=caller.shop_id,
                inviter=data.inviter.person("/inviter") if data.inviter else None,
                campaign=data.campaign,
                seats=data.seats,
                per_person=data.per_person,
                valid_from=data.valid_from,
                expires_at=data.expires_at,
                code=data.code,
                prefix=data.prefix,
            )
        )
        return answer_of(invite)

    @get(
        operation_id="listInvites",
        summary="Invite codes, the newest first",
        guards=[requires("acquisition:read")],
        responses=refusals(422),
    )
    async def read(
        self,
        caller: NamedDependency[Caller],
        list_invites: NamedDependency[ListInvites],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> InviteList:
        position = decode_cursor(cursor, datetime, str)
        invites = await list_invites(caller.shop_id, before=position, limit=limit)
        last = invites[-1] if len(invites) == limit else None
        following = encode_cursor(last.created_at, last.code) if last else None
        return InviteList(items=[answer_of(invite) for invite in invites], next_cursor=following)

    @get(
        "/{code:str}",
        operation_id="getInvite",
        summary="One invite code",
        guards=[requires("acquisition:read")],
        responses=refusals(404, 422),
    )
    async def one(
        self, code: FromPath[str], caller: NamedDependency[Caller], list_invites: NamedDependency[ListInvites]
    ) -> InviteAnswer:
        return answer_of(await list_invites.one(caller.shop_id, normalise(code)))


class RedemptionController(Controller):
    path = "/api/v1/redemptions"
    tags = ("acquisition",)

    @post(
        operation_id="redeemInviteCode",
        summary="Take a seat of an invite code",
        guards=[requires("acquisition:write")],
        responses=refusals(404, 409, 410, 422),
    )
    async def redeem(
        self,
        data: JSONBody[RedemptionRequest],
        caller: NamedDependency[Caller],
        redeem_invite_code: NamedDependency[RedeemInviteCode],
    ) -> RedemptionAnswer:
        done = await redeem_invite_code(
            RedeemInvite(shop_id=caller.shop_id, code=data.code, person=data.customer.person("/customer"))
        )
        return RedemptionAnswer(
            code=shown(done.code),
            customer_id=to_wire("cus", done.customer_id),
            inviter_id=to_wire("cus", done.inviter_id) if done.inviter_id else None,
            campaign=done.campaign,
            seats_left=done.seats_left,
        )


def answer_of(invite: Invite) -> InviteAnswer:
    return InviteAnswer(
        code=shown(invite.code),
        inviter_id=to_wire("cus", invite.inviter_id) if invite.inviter_id else None,
        campaign=invite.campaign,
        seats=invite.seats,
        seats_left=invite.seats_left,
        per_person=invite.per_person,
        valid_from=invite.valid_from,
        expires_at=invite.expires_at,
        created_at=invite.created_at,
    )
