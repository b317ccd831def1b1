"""Set what happens when several of the shop's programmes have a candidate for one order."""

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from kernel.ids import ShopId
from tracking.application.order_book import rebook_placed_from
from tracking.domain.attribution import Policy
from tracking.domain.attribution.chain import DEFAULT_POLICY_VERSION, ConflictRule, TouchRule, next_start
from tracking.events import AttributionSteered
from tracking.ports import BeginWork


class SetRule(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    conflict: ConflictRule
    touch: TouchRule
    since: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class SetPolicy:
    """What happens, from a moment on, when several of the shop's programmes have a candidate for one order."""

    begin: BeginWork

    async def __call__(self, command: SetRule) -> Policy:
        async with self.begin(command.shop_id) as work:
            before = await work.chains.policies()
            newest, now = before[-1] if before else None, work.now()
            since = next_start(command.since, newest.since if newest else None, now)
            version = (newest.version if newest else DEFAULT_POLICY_VERSION) + 1
            policy = Policy(version=version, since=since, conflict=command.conflict, touch=command.touch)
            await work.chains.add_policy(policy, command.by)
            work.publish(AttributionSteered(action="policy.set", key_id=command.by, at=now, rules_version=version))
            await rebook_placed_from(work, since)
        return policy
