"""The rule between programmes over the API: what happens when several have a candidate for one order."""

from datetime import datetime

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from adapters.shared.http.auth import Caller
from adapters.shared.http.bodies import Answer, Body
from adapters.shared.http.problems import refusals
from adapters.tracking.http.shapes import READ, WRITE
from adapters.tracking.platforms.reading import Moment, utc
from adapters.tracking.postgres.steering_reads import SteeringReads
from kernel.ids import ShopId
from tracking.application.set_policy import SetPolicy, SetRule
from tracking.application.withdraw_policy import TakePolicyOff, WithdrawPolicy
from tracking.domain.attribution.chain import DEFAULT_VERSION, ConflictRule, TouchRule
from tracking.domain.attribution.rules import rule_in_force


class PolicyBody(Body, frozen=True, kw_only=True, rename={"since": "from"}):
    conflict: ConflictRule
    touch: TouchRule = "last"
    since: Moment | None = None


class PolicyAnswer(Answer, frozen=True, kw_only=True, rename={"since": "from"}):
    """What happens when several programmes have a candidate for one order.

    `from` is null for version 1, which every shop has from the start.
    """

    version: int
    since: datetime | None
    in_force: bool
    withdrawn_at: datetime | None = None
    """Of a version that was withdrawn before it came into force: it decides nothing."""
    withdrawn_by: str | None = None
    conflict: ConflictRule
    touch: TouchRule


class PolicyList(Answer, frozen=True, kw_only=True):
    items: list[PolicyAnswer]
    """Newest first; the last one is the default."""


class PolicyController(Controller):
    path = "/api/v1/attribution/policies"
    tags = ("tracking",)

    @get(operation_id="listPolicies", summary="The rule between programmes, and those before it", guards=READ,
         responses=refusals())  # fmt: skip
    async def read(self, caller: NamedDependency[Caller], steering: NamedDependency[SteeringReads]) -> PolicyList:
        return PolicyList(items=await _policies(steering, caller.shop_id))

    @post(operation_id="setPolicy", summary="Set the rule between programmes, from a moment on", guards=WRITE,
          responses=refusals(422))  # fmt: skip
    async def set_policy(
        self,
        data: JSONBody[PolicyBody],
        caller: NamedDependency[Caller],
        set_policy: NamedDependency[SetPolicy],
        steering: NamedDependency[SteeringReads],
    ) -> PolicyAnswer:
        policy = await set_policy(
            SetRule(
                shop_id=caller.shop_id,
                conflict=data.conflict,
                touch=data.touch,
                since=utc(data.since, "/from") if data.since else None,
                by=caller.key_id,
            )
        )
        return _of(await _policies(steering, caller.shop_id), policy.version)

    @post("/{version:int}/withdraw", operation_id="withdrawPolicy", status_code=200,
          summary="Withdraw a rule between programmes before it comes into force", guards=WRITE,
          responses=refusals(404, 409, 422))  # fmt: skip
    async def withdraw(
        self,
        version: FromPath[int],
        caller: NamedDependency[Caller],
        withdraw_policy: NamedDependency[WithdrawPolicy],
        steering: NamedDependency[SteeringReads],
    ) -> PolicyList:
        """The version before it goes on deciding. One that has come into force stays."""
        await withdraw_policy(TakePolicyOff(shop_id=caller.shop_id, version=version, by=caller.key_id))
        return PolicyList(items=await _policies(steering, caller.shop_id))


async def _policies(steering: SteeringReads, shop_id: ShopId) -> list[PolicyAnswer]:
    """All versions, newest first."""
    policies, now = await steering.policies(shop_id)
    begun = rule_in_force(policies, now)
    answers = [
        PolicyAnswer(
            version=policy.version,
            since=policy.since,
            in_force=policy.version == begun,
            withdrawn_at=policy.withdrawn_at,
            withdrawn_by=policy.withdrawn_by,
            conflict=policy.conflict,
            touch=policy.touch,
        )
        for policy in reversed(policies)
    ]
    default = PolicyAnswer(
        version=DEFAULT_VERSION, since=None, in_force=begun == DEFAULT_VERSION, conflict="chain_order", touch="last"
    )
    return [*answers, default]


def _of(policies: list[PolicyAnswer], version: int) -> PolicyAnswer:
    return next(policy for policy in policies if policy.version == version)
