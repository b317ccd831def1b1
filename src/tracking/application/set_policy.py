"""Set what happens when several of the shop's programmes have a candidate for one order."""

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from kernel.ids import ShopId
from tracking.application.order_book import rebook_placed_from
from tracking.domain.attribution.chain import ConflictRule, TouchRule, next_version
from tracking.domain.attribution.rules import Policy
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
            before, now = await work.chains.policies(), work.now()
            version, since = next_version(before, command.since, now)
            policy = Policy(version=version, since=since, conflict=command.conflict, touch=command.touch)
            await work.chains.add_policy(policy, command.by)
            work.publish(AttributionSteered(action="policy.set", key_id=command.by, at=now, rules_version=version))
            await rebook_placed_from(work, since)
        return policy
