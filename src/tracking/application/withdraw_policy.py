"""Withdraw a version of the rule between programmes before it comes into force."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ShopId
from tracking.application.order_book import rebook_placed_from
from tracking.domain.attribution.rules import rule_withdrawn
from tracking.events import AttributionSteered
from tracking.ports import BeginWork


class TakePolicyOff(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    version: int
    by: str


@dataclass(frozen=True, slots=True)
class WithdrawPolicy:
    """What stood before it goes on deciding. One that has come into force is refused: its orders keep their rule."""

    begin: BeginWork

    async def __call__(self, command: TakePolicyOff) -> None:
        async with self.begin(command.shop_id) as work:
            before, now = await work.chains.policies(), work.now()
            policy = rule_withdrawn(before, command.version, command.by, now)
            await work.chains.withdraw_policy(policy)
            work.publish(
                AttributionSteered(action="policy.withdrawn", key_id=command.by, at=now, rules_version=policy.version)
            )
            await rebook_placed_from(work, policy.since)
