"""Rewards with their reasons and their history."""

from datetime import datetime
from typing import Annotated, Any, Literal

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from msgspec import Meta

from adapters.referral.http.referrals import IdFilter, OrderVerdict, ReasonAnswer, verdict_answers
from adapters.referral.http.shapes import Cursor, Limit
from adapters.referral.postgres.reads import Reads
from adapters.shared.http.auth import Caller, requires
from adapters.shared.http.bodies import Answer, MoneyBody, decode_cursor, encode_cursor
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from kernel.ids import RewardId
from referral.domain.reasons import Value
from referral.domain.reward import Change, Reward, State, Step

READ = [requires("referral:read")]


class RewardAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["rwd_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    revision: int
    programme_id: str
    offer_version: int
    referral_id: str
    advocate_id: str
    order_id: str
    side: Literal["advocate", "friend"]
    customer_id: str
    """Who earns it."""
    state: State
    amount: MoneyBody
    """Zero once reversed."""
    reason: ReasonAnswer
    """Of the latest step."""
    approve_after: datetime
    earned_at: datetime
    changed_at: datetime


class StepAnswer(Answer, frozen=True, kw_only=True):
    revision: int
    change: Change
    state: State
    amount: MoneyBody
    previous_amount: MoneyBody
    reason: ReasonAnswer
    facts: dict[str, Value]
    """What fills the sentence: amounts in minor units, `share` in basis points."""
    at: datetime


class RewardDetails(RewardAnswer, frozen=True, kw_only=True):
    history: list[StepAnswer]
    """Oldest first."""
    verdict: OrderVerdict | None
    """The rules as they came out for the order's latest state; null when it is credited to nobody now."""


class RewardList(Answer, frozen=True, kw_only=True):
    items: list[RewardAnswer]
    next_cursor: str | None


class RewardController(Controller):
    path = "/api/v1/rewards"
    tags = ("referral",)

    @get(operation_id="listRewards", summary="Rewards, newest first", guards=READ, responses=refusals(404, 422))
    async def read_all(
        self,
        caller: NamedDependency[Caller],
        reads: NamedDependency[Reads],
        advocate_id: IdFilter = None,
        customer_id: IdFilter = None,
        order_id: IdFilter = None,
        referral_id: IdFilter = None,
        in_state: Annotated[State | None, QueryParameter(name="state", required=False)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> RewardList:
        position = decode_cursor(cursor, str)
        found = await reads.rewards(
            caller.shop_id,
            advocate=None if advocate_id is None else from_wire("adv", advocate_id),
            customer=None if customer_id is None else from_wire("cus", customer_id),
            order=None if order_id is None else from_wire("ord", order_id),
            referral=None if referral_id is None else from_wire("ref", referral_id),
            state=in_state,
            after=from_wire("rwd", str(position[0])) if position else None,
            limit=limit,
        )
        last = encode_cursor(to_wire("rwd", found[-1].reward_id)) if len(found) == limit else None
        return RewardList(items=[RewardAnswer(**_fields(reward)) for reward in found], next_cursor=last)

    @get(
        "/{reward_id:str}",
        operation_id="getReward",
        summary="A reward with its history and the rules that decided it",
        guards=READ,
        responses=refusals(404),
    )
    async def read(
        self, reward_id: FromPath[str], caller: NamedDependency[Caller], reads: NamedDependency[Reads]
    ) -> RewardDetails:
        reward, steps, verdicts = await reads.reward(caller.shop_id, RewardId(from_wire("rwd", reward_id)))
        answers = verdict_answers(verdicts)
        return RewardDetails(
            **_fields(reward),
            history=[_step(step, reward.currency) for step in steps],
            verdict=answers[0] if answers else None,
        )


def _fields(reward: Reward) -> dict[str, Any]:
    return {
        "id": to_wire("rwd", reward.reward_id),
        "revision": reward.revision,
        "programme_id": to_wire("prg", reward.programme_id),
        "offer_version": reward.offer_version,
        "referral_id": to_wire("ref", reward.referral_id),
        "advocate_id": to_wire("adv", reward.advocate_id),
        "order_id": to_wire("ord", reward.order_id),
        "side": reward.side,
        "customer_id": to_wire("cus", reward.customer_id),
        "state": reward.state,
        "amount": MoneyBody(amount_minor=reward.amount_minor, currency=reward.currency),
        "reason": ReasonAnswer(code=reward.reason_code, sentence=reward.reason),
        "approve_after": reward.approve_after,
        "earned_at": reward.earned_at,
        "changed_at": reward.changed_at,
    }


def _step(step: Step, currency: str) -> StepAnswer:
    return StepAnswer(
        revision=step.revision,
        change=step.change,
        state=step.state,
        amount=MoneyBody(amount_minor=step.amount_minor, currency=currency),
        previous_amount=MoneyBody(amount_minor=step.previous_amount_minor, currency=currency),
        reason=ReasonAnswer(code=step.reason_code, sentence=step.reason),
        facts=step.facts,
        at=step.at,
    )
