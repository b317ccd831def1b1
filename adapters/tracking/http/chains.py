"""Chains over the API: how each programme decides whom an order is credited to."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, field

from adapters.shared.http.auth import Caller
from adapters.shared.http.bodies import Answer, Body
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from adapters.tracking.http.shapes import READ, WRITE
from adapters.tracking.platforms.reading import Moment, utc
from adapters.tracking.postgres.steering_reads import SteeringReads
from kernel.ids import ProgrammeId
from tracking.application.draft_chain import DraftChain, DraftPlan
from tracking.application.set_chain import SetChain, SetPlan
from tracking.application.withdraw_chain import TakeOff, WithdrawChain
from tracking.domain.attribution import Plan, Step
from tracking.domain.attribution.chain import (
    DEFAULT_PLAN,
    DEFAULT_VERSION,
    BadWindow,
    ConflictRule,
    CouponSiteRule,
    TouchRule,
)
from tracking.domain.decision import Method

ProgrammeText = Annotated[str, Meta(examples=["prg_01k9z7d2m8f3rt5wq6x7y8z9ab"])]


class StepBody(Body, frozen=True, kw_only=True):
    """One method. Without a window the programme's terms and the claim's expiry say how long it counts."""

    method: Method
    on: bool = True
    window_hours: Annotated[int, Meta(ge=1, le=9600, examples=[72])] | None = None
    window_days: Annotated[int, Meta(ge=1, le=400, examples=[30])] | None = None
    """As `window_hours`, in days of 24 hours; give one of them."""


class CouponSiteBody(Body, frozen=True, kw_only=True):
    """An advocate's code credits nobody from the order on at which, of the orders with it in `hours`, there are at
    least `orders` and at least `share_percent` of them without any click or claim before."""

    on: bool = True
    orders: Annotated[int, Meta(ge=2, le=100_000)] = 30
    hours: Annotated[int, Meta(ge=1, le=720)] = 24
    share_percent: Annotated[int, Meta(ge=1, le=100)] = 90

    def rule(self) -> CouponSiteRule:
        return msgspec.convert(self, CouponSiteRule, from_attributes=True)


class PlanBody(Body, frozen=True, kw_only=True):
    """The methods in the order in which they count, `manual` first."""

    steps: Annotated[list[StepBody], Meta(min_length=1, max_length=20)]
    touch: TouchRule = "last"
    """Of several touches of one method."""
    conflict: ConflictRule = "chain_order"
    """When several advocates are pointed at."""
    campaigns: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=50, examples=[["spring"]])] = (
        field(default_factory=list)
    )
    coupon_site: CouponSiteBody | None = None
    """Null: as the shop has it for all its programmes."""

    def plan(self) -> Plan:
        return Plan(
            steps=tuple(_step(step, place) for place, step in enumerate(self.steps)),
            touch=self.touch,
            conflict=self.conflict,
            campaigns=tuple(self.campaigns),
            coupon_site=self.coupon_site.rule() if self.coupon_site else None,
        )


class ChainBody(Body, frozen=True, kw_only=True, rename={"since": "from"}):
    """Without `plan` the draft comes into force; without `from` at once."""

    plan: PlanBody | None = None
    since: Moment | None = None


class VersionAnswer(Answer, frozen=True, kw_only=True, rename={"since": "from"}):
    """`from` is null for version 1, which every programme has from the start."""

    version: int
    since: datetime | None
    in_force: bool
    withdrawn_at: datetime | None = None
    """Of a version that was withdrawn before it came into force: it decides nothing."""
    withdrawn_by: str | None = None
    plan: PlanBody


class ChainAnswer(Answer, frozen=True, kw_only=True):
    programme_id: ProgrammeText
    versions: list[VersionAnswer]
    """Newest first."""
    draft: PlanBody | None


class CheckedAnswer(Answer, frozen=True, kw_only=True):
    usable: Literal[True]
    plan: PlanBody


class ChainController(Controller):
    path = "/api/v1/attribution/chains"
    tags = ("tracking",)

    @get("/{programme_id:str}", operation_id="getChain", summary="A programme's chain", guards=READ,
         responses=refusals(404, 409))  # fmt: skip
    async def read(
        self, programme_id: FromPath[str], caller: NamedDependency[Caller], steering: NamedDependency[SteeringReads]
    ) -> ChainAnswer:
        return await _chain(steering, caller, _id(programme_id))

    @put("/{programme_id:str}/draft", operation_id="draftChain", summary="Keep a draft of the next chain",
         guards=WRITE, responses=refusals(404, 409, 422))  # fmt: skip
    async def draft(
        self,
        programme_id: FromPath[str],
        data: JSONBody[PlanBody],
        caller: NamedDependency[Caller],
        draft_chain: NamedDependency[DraftChain],
        steering: NamedDependency[SteeringReads],
    ) -> ChainAnswer:
        programme = _id(programme_id)
        await draft_chain(DraftPlan(shop_id=caller.shop_id, programme_id=programme, plan=data.plan()))
        return await _chain(steering, caller, programme)

    @post("/check", operation_id="checkChain", summary="Check a chain without keeping it", status_code=200,
          guards=WRITE, responses=refusals(422))  # fmt: skip
    async def check(self, data: JSONBody[PlanBody]) -> CheckedAnswer:
        """A chain that could not be set is refused, and the refusal names the field."""
        plan = data.plan()
        plan.check()
        return CheckedAnswer(usable=True, plan=plan_body(plan))

    @post("/{programme_id:str}/versions", operation_id="setChain", summary="Set a chain in force, from a moment on",
          guards=WRITE, responses=refusals(404, 409, 422))  # fmt: skip
    async def set_version(
        self,
        programme_id: FromPath[str],
        data: JSONBody[ChainBody],
        caller: NamedDependency[Caller],
        set_chain: NamedDependency[SetChain],
        steering: NamedDependency[SteeringReads],
    ) -> ChainAnswer:
        """It decides the orders placed from then on; those before keep the chain that they were decided by."""
        programme = _id(programme_id)
        await set_chain(
            SetPlan(
                shop_id=caller.shop_id,
                programme_id=programme,
                plan=data.plan.plan() if data.plan else None,
                since=utc(data.since, "/from") if data.since else None,
                by=caller.key_id,
            )
        )
        return await _chain(steering, caller, programme)

    @post("/{programme_id:str}/versions/{version:int}/withdraw", operation_id="withdrawChain", status_code=200,
          summary="Withdraw a version before it comes into force", guards=WRITE,
          responses=refusals(404, 409, 422))  # fmt: skip
    async def withdraw(
        self,
        programme_id: FromPath[str],
        version: FromPath[int],
        caller: NamedDependency[Caller],
        withdraw_chain: NamedDependency[WithdrawChain],
        steering: NamedDependency[SteeringReads],
    ) -> ChainAnswer:
        """The version before it goes on deciding. One that has come into force stays."""
        programme = _id(programme_id)
        await withdraw_chain(TakeOff(shop_id=caller.shop_id, programme_id=programme, version=version, by=caller.key_id))
        return await _chain(steering, caller, programme)


def plan_body(plan: Plan) -> PlanBody:
    return PlanBody(
        steps=[StepBody(method=step.method, on=step.on, window_hours=step.window_hours) for step in plan.steps],
        touch=plan.touch,
        conflict=plan.conflict,
        campaigns=list(plan.campaigns),
        coupon_site=site_body(plan.coupon_site) if plan.coupon_site else None,
    )


def site_body(rule: CouponSiteRule) -> CouponSiteBody:
    return msgspec.convert(rule, CouponSiteBody, from_attributes=True)


def _step(step: StepBody, place: int) -> Step:
    if step.window_days is None:
        return Step(method=step.method, on=step.on, window_hours=step.window_hours)
    if step.window_hours is not None:
        raise BadWindow("Give the window in hours or in days.", pointer=f"/steps/{place}/window_days")
    return Step(method=step.method, on=step.on, window_hours=24 * step.window_days)


def _id(text: str) -> ProgrammeId:
    return ProgrammeId(from_wire("prg", text))


async def _chain(steering: SteeringReads, caller: Caller, programme_id: ProgrammeId) -> ChainAnswer:
    chains, draft, now = await steering.chain(caller.shop_id, programme_id)
    begun = max((c.version for c in chains if c.since <= now and not c.withdrawn_at), default=DEFAULT_VERSION)
    default = VersionAnswer(
        version=DEFAULT_VERSION, since=None, in_force=begun == DEFAULT_VERSION, plan=plan_body(DEFAULT_PLAN)
    )
    versions = [
        VersionAnswer(
            version=chain.version,
            since=chain.since,
            in_force=chain.version == begun,
            withdrawn_at=chain.withdrawn_at,
            withdrawn_by=chain.withdrawn_by,
            plan=plan_body(chain.plan),
        )
        for chain in reversed(chains)
    ]
    return ChainAnswer(
        programme_id=to_wire("prg", programme_id),
        versions=[*versions, default],
        draft=plan_body(draft) if draft else None,
    )
