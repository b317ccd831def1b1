"""Withdraw a version of the shop's rule about coupon sites before it comes into force."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ShopId
from tracking.application.order_book import rebook_placed_from
from tracking.domain.attribution.rules import rule_withdrawn
from tracking.events import AttributionSteered
from tracking.ports import BeginWork


class TakeSiteRuleOff(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    version: int
    by: str


@dataclass(frozen=True, slots=True)
class WithdrawSiteRule:
    """What stood before it goes on holding. One that has come into force is refused."""

    begin: BeginWork

    async def __call__(self, command: TakeSiteRuleOff) -> None:
        async with self.begin(command.shop_id) as work:
            before, now = await work.chains.site_rules(), work.now()
            rule = rule_withdrawn(before, command.version, command.by, now)
            await work.chains.withdraw_site_rule(rule)
            work.publish(
                AttributionSteered(
                    action="coupon_site.withdrawn", key_id=command.by, at=now, rules_version=rule.version
                )
            )
            await rebook_placed_from(work, rule.since)
