"""Advocates, their codes and links, and their statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from adapters.referral.http.shapes import Cursor, Limit, ProgrammeIdText
from adapters.referral.postgres.reads import Balance, Reads, StatementReward, StatementView
from adapters.shared.http.auth import Caller, requires
from adapters.shared.http.bodies import (
    Answer,
    Body,
    Code,
    Email,
    MoneyBody,
    OptionalLine,
    Reference,
    decode_cursor,
    encode_cursor,
)
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from adapters.shared.tokens import Signer
from kernel.codes import normalise, shown
from kernel.ids import AdvocateId, ProgrammeId, ShopId
from referral.application.enrol_advocate import EnrolAdvocate, EnrolAdvocateHandler
from referral.domain.advocate import Advocate

STATEMENT_DAYS = 3650


class StatementToken(Struct, frozen=True):
    """Whose statement a link opens."""

    shop_id: ShopId
    advocate_id: AdvocateId


@dataclass(frozen=True, slots=True)
class Addresses:
    """Public addresses of an advocate."""

    base_url: str
    signer: Signer

    def link(self, advocate: Advocate) -> str:
        return f"{self.base_url}/l/{advocate.link_code}"

    def statement(self, advocate: Advocate) -> str:
        """The same address every time, so that an answer can be repeated."""
        expires_at = advocate.enrolled_at + timedelta(days=STATEMENT_DAYS)
        token = self.signer.sign(StatementToken(advocate.shop_id, advocate.advocate_id), expires_at=expires_at)
        return f"{self.base_url}/s/{token}"


class AdvocateRequest(Body, frozen=True, kw_only=True):
    """At least a customer reference or an e-mail address."""

    programme_id: ProgrammeIdText
    customer_reference: Reference | None = None
    email: Email | None = None
    first_name: OptionalLine = ""
    last_name: OptionalLine = ""
    locale: Annotated[str, Meta(max_length=35, examples=["de"])] | None = None


class AdvocateAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["adv_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    programme_id: str
    customer_id: str
    code: Annotated[str, Meta(examples=["7K2M-9QX0"])]
    """To be typed at checkout; case, separators and look-alikes are forgiven."""
    link_code: str
    link_url: Annotated[str, Meta(examples=["https://share.example/l/7k2m9qx04t"])]
    statement_url: Annotated[str, Meta(examples=["https://share.example/s/…"])]
    """Opens the advocate's own statement page: give it to nobody else."""
    enrolled_at: datetime


class AdvocateList(Answer, frozen=True, kw_only=True):
    items: list[AdvocateAnswer]
    next_cursor: str | None


class StatementStepAnswer(Answer, frozen=True, kw_only=True):
    change: str
    amount: MoneyBody
    previous_amount: MoneyBody
    reason_code: str
    reason: str
    at: datetime


class StatementRewardAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["rwd_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    order_id: str
    state: str
    amount: MoneyBody
    approve_after: datetime
    steps: list[StatementStepAnswer]


class StatementAnswer(Answer, frozen=True, kw_only=True):
    advocate_id: str
    pending: list[MoneyBody]
    """Earned, waiting for the end of the return period; one amount per currency."""
    available: list[MoneyBody]
    rewards: list[StatementRewardAnswer]


class AdvocateController(Controller):
    path = "/api/v1/advocates"
    tags = ("referral",)

    @post(
        operation_id="enrolAdvocate",
        summary="Enrol a customer; enrolling again answers with the same advocate",
        description="201 for a new advocate, 200 for one who is enrolled already.",
        guards=[requires("referral:write")],
        responses=refusals(404, 409, 422)
        | {200: ResponseSpec(AdvocateAnswer, description="Enrolled before", generate_examples=False)},
    )
    async def enrol(
        self,
        data: JSONBody[AdvocateRequest],
        caller: NamedDependency[Caller],
        enrol_advocate: NamedDependency[EnrolAdvocateHandler],
        addresses: NamedDependency[Addresses],
    ) -> Response[AdvocateAnswer]:
        done = await enrol_advocate(
            EnrolAdvocate(
                shop_id=caller.shop_id,
                programme_id=ProgrammeId(from_wire("prg", data.programme_id, pointer="/programme_id")),
                reference=data.customer_reference,
                email=data.email,
                first_name=data.first_name,
                last_name=data.last_name,
                locale=data.locale,
            )
        )
        return Response(_answer(done.advocate, addresses), status_code=201 if done.new else 200)

    @get(
        operation_id="listAdvocates",
        summary="Advocates, newest first",
        guards=[requires("referral:read")],
        responses=refusals(404, 422),
    )
    async def read_all(
        self,
        caller: NamedDependency[Caller],
        reads: NamedDependency[Reads],
        addresses: NamedDependency[Addresses],
        code: Annotated[Code | None, QueryParameter(required=False)] = None,
        customer_id: Annotated[str | None, QueryParameter(required=False, max_length=64)] = None,
        programme_id: Annotated[str | None, QueryParameter(required=False, max_length=64)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> AdvocateList:
        position = decode_cursor(cursor, str)
        found = await reads.advocates(
            caller.shop_id,
            code=None if code is None else normalise(code),
            customer=None if customer_id is None else from_wire("cus", customer_id),
            programme=None if programme_id is None else from_wire("prg", programme_id),
            after=from_wire("adv", str(position[0])) if position else None,
            limit=limit,
        )
        last = encode_cursor(to_wire("adv", found[-1].advocate_id)) if len(found) == limit else None
        return AdvocateList(items=[_answer(advocate, addresses) for advocate in found], next_cursor=last)

    @get(
        "/{advocate_id:str}",
        operation_id="getAdvocate",
        summary="An advocate",
        guards=[requires("referral:read")],
        responses=refusals(404),
    )
    async def read(
        self,
        advocate_id: FromPath[str],
        caller: NamedDependency[Caller],
        reads: NamedDependency[Reads],
        addresses: NamedDependency[Addresses],
    ) -> AdvocateAnswer:
        return _answer(await reads.advocate(caller.shop_id, _id(advocate_id)), addresses)

    @get(
        "/{advocate_id:str}/statement",
        operation_id="getStatement",
        summary="What an advocate has earned, and why",
        guards=[requires("referral:read")],
        responses=refusals(404),
    )
    async def statement(
        self, advocate_id: FromPath[str], caller: NamedDependency[Caller], reads: NamedDependency[Reads]
    ) -> StatementAnswer:
        return _statement(await reads.statement(caller.shop_id, _id(advocate_id)))


def _id(text: str) -> AdvocateId:
    return AdvocateId(from_wire("adv", text))


def _answer(advocate: Advocate, addresses: Addresses) -> AdvocateAnswer:
    return AdvocateAnswer(
        id=to_wire("adv", advocate.advocate_id),
        programme_id=to_wire("prg", advocate.programme_id),
        customer_id=to_wire("cus", advocate.customer_id),
        code=shown(advocate.code),
        link_code=advocate.link_code,
        link_url=addresses.link(advocate),
        statement_url=addresses.statement(advocate),
        enrolled_at=advocate.enrolled_at,
    )


def totals(balances: Sequence[Balance], *accounts: str) -> list[MoneyBody]:
    """The balances of some accounts, one amount per currency."""
    sums: dict[str, int] = {}
    for balance in balances:
        if balance.account in accounts:
            sums[balance.currency] = sums.get(balance.currency, 0) + balance.amount_minor
    return [MoneyBody(amount_minor=amount, currency=currency) for currency, amount in sorted(sums.items())]


def _statement(view: StatementView) -> StatementAnswer:
    statement = view.statement
    return StatementAnswer(
        advocate_id=to_wire("adv", statement.advocate.advocate_id),
        pending=totals(statement.balances, "pending:advocate"),
        available=totals(statement.balances, "available", "credit"),
        rewards=[_reward(reward) for reward in statement.rewards],
    )


def _reward(reward: StatementReward) -> StatementRewardAnswer:
    def money(amount_minor: int) -> MoneyBody:
        return MoneyBody(amount_minor=amount_minor, currency=reward.currency)

    return StatementRewardAnswer(
        id=to_wire("rwd", reward.reward_id),
        order_id=to_wire("ord", reward.order_id),
        state=reward.state,
        amount=money(reward.amount_minor),
        approve_after=reward.approve_after,
        steps=[
            StatementStepAnswer(
                change=step.change,
                amount=money(step.amount_minor),
                previous_amount=money(step.previous_amount_minor),
                reason_code=step.reason_code,
                reason=step.reason,
                at=step.at,
            )
            for step in reward.steps
        ],
    )
