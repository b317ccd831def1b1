"""Referrals, and the verdicts on the orders that were credited to an advocate."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from msgspec import Meta

from adapters.referral.http.shapes import Cursor, Limit
from adapters.referral.postgres.reads import Reads, VerdictRow
from adapters.shared.http.auth import Caller, requires
from adapters.shared.http.bodies import Answer, MoneyBody, decode_cursor, encode_cursor
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from kernel.ids import ReferralId
from referral.domain.reasons import Check, Value
from referral.domain.referral import Referral, State

READ = [requires("referral:read")]
IdFilter = Annotated[str | None, QueryParameter(required=False, max_length=64)]


class ReasonAnswer(Answer, frozen=True, kw_only=True):
    code: Annotated[str, Meta(examples=["below_minimum_after_refund"])]
    """Stable."""
    sentence: Annotated[str, Meta(examples=["After the return, €35.00 of the order is left; the offer asks for …"])]


class CheckAnswer(Answer, frozen=True, kw_only=True):
    """One rule, what it looked at, and whether the order passed. Amounts are minor units."""

    rule: Annotated[str, Meta(examples=["minimum_left"])]
    passed: bool
    inputs: dict[str, Value]


_NAMED: Final = {"programme_id": "prg", "advocate_id": "adv", "counts_instead": "ord"}
"""Inputs that are ids, and the prefix that each has on the wire."""


class OrderVerdict(Answer, frozen=True, kw_only=True):
    """What was decided on an order, by its latest state."""

    order_id: str
    order_revision: int
    programme_id: str
    advocate_id: str
    offer_version: int | None
    outcome: Literal["earns", "refused", "reversed"]
    reason: ReasonAnswer
    checks: list[CheckAnswer]
    advocate_earns: MoneyBody
    friend_earns: MoneyBody
    decided_at: datetime


class OrderVerdictList(Answer, frozen=True, kw_only=True):
    items: list[OrderVerdict]
    next_cursor: str | None


class ReferralAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["ref_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    revision: int
    programme_id: str
    advocate_id: str
    friend_id: str
    claim_id: str | None
    order_id: str | None
    """The order that decided the state."""
    state: State
    reason: ReasonAnswer
    created_at: datetime
    changed_at: datetime


class ReferralDetails(ReferralAnswer, frozen=True, kw_only=True):
    orders: list[OrderVerdict]


class ReferralList(Answer, frozen=True, kw_only=True):
    items: list[ReferralAnswer]
    next_cursor: str | None


class ReferralController(Controller):
    path = "/api/v1/referrals"
    tags = ("referral",)

    @get(operation_id="listReferrals", summary="Referrals, newest first", guards=READ, responses=refusals(404, 422))
    async def read_all(
        self,
        caller: NamedDependency[Caller],
        reads: NamedDependency[Reads],
        advocate_id: IdFilter = None,
        programme_id: IdFilter = None,
        in_state: Annotated[State | None, QueryParameter(name="state", required=False)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> ReferralList:
        position = decode_cursor(cursor, str)
        found = await reads.referrals(
            caller.shop_id,
            advocate=None if advocate_id is None else from_wire("adv", advocate_id),
            programme=None if programme_id is None else from_wire("prg", programme_id),
            state=in_state,
            after=from_wire("ref", str(position[0])) if position else None,
            limit=limit,
        )
        last = encode_cursor(to_wire("ref", found[-1].referral_id)) if len(found) == limit else None
        return ReferralList(items=[_referral(referral) for referral in found], next_cursor=last)

    @get(
        "/{referral_id:str}",
        operation_id="getReferral",
        summary="A referral with the verdicts on its orders",
        guards=READ,
        responses=refusals(404),
    )
    async def read(
        self, referral_id: FromPath[str], caller: NamedDependency[Caller], reads: NamedDependency[Reads]
    ) -> ReferralDetails:
        referral, rows = await reads.referral(caller.shop_id, ReferralId(from_wire("ref", referral_id)))
        plain = _referral(referral)
        return ReferralDetails(
            **{name: getattr(plain, name) for name in plain.__struct_fields__}, orders=verdict_answers(rows)
        )


class VerdictController(Controller):
    path = "/api/v1/verdicts"
    tags = ("referral",)

    @get(
        operation_id="listVerdicts",
        summary="What was decided on orders, and why, newest first",
        guards=READ,
        responses=refusals(404, 422),
    )
    async def read_all(
        self,
        caller: NamedDependency[Caller],
        reads: NamedDependency[Reads],
        order_id: IdFilter = None,
        outcome: Annotated[Literal["earns", "refused", "reversed"] | None, QueryParameter(required=False)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> OrderVerdictList:
        position = decode_cursor(cursor, str)
        found = await reads.verdicts(
            caller.shop_id,
            order=None if order_id is None else from_wire("ord", order_id),
            outcome=outcome,
            after=from_wire("ord", str(position[0])) if position else None,
            limit=limit,
        )
        last = encode_cursor(to_wire("ord", found[-1].order_id)) if len(found) == limit else None
        return OrderVerdictList(items=verdict_answers(found), next_cursor=last)


def verdict_answers(rows: Sequence[VerdictRow]) -> list[OrderVerdict]:
    return [
        OrderVerdict(
            order_id=to_wire("ord", row.order_id),
            order_revision=row.order_revision,
            programme_id=to_wire("prg", row.programme_id),
            advocate_id=to_wire("adv", row.advocate_id),
            offer_version=row.offer_version,
            outcome=row.outcome,  # type: ignore[arg-type]
            reason=ReasonAnswer(code=row.reason_code, sentence=row.reason),
            checks=[CheckAnswer(rule=check.rule, passed=check.passed, inputs=_inputs(check)) for check in row.checks],
            advocate_earns=MoneyBody(amount_minor=row.advocate_minor, currency=row.currency),
            friend_earns=MoneyBody(amount_minor=row.friend_minor, currency=row.currency),
            decided_at=row.decided_at,
        )
        for row in rows
    ]


def _inputs(check: Check) -> dict[str, Value]:
    named = _NAMED.keys() & check.inputs.keys()
    return check.inputs | {name: to_wire(_NAMED[name], UUID(str(check.inputs[name]))) for name in named}


def _referral(referral: Referral) -> ReferralAnswer:
    return ReferralAnswer(
        id=to_wire("ref", referral.referral_id),
        revision=referral.revision,
        programme_id=to_wire("prg", referral.programme_id),
        advocate_id=to_wire("adv", referral.advocate_id),
        friend_id=to_wire("cus", referral.friend_id),
        claim_id=None if referral.claim_id is None else to_wire("clm", referral.claim_id),
        order_id=None if referral.order_id is None else to_wire("ord", referral.order_id),
        state=referral.state,
        reason=ReasonAnswer(code=referral.reason_code, sentence=referral.reason),
        created_at=referral.created_at,
        changed_at=referral.changed_at,
    )
