"""Set what the shop holds to be the use of a code by a coupon site, for the programmes that leave it to the shop."""

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from kernel.ids import ShopId
from tracking.application.order_book import rebook_placed_from
from tracking.domain.attribution.chain import CouponSiteRule, next_version
from tracking.domain.attribution.rules import SiteRule
from tracking.events import AttributionSteered
from tracking.ports import BeginWork


class SetSite(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    rule: CouponSiteRule
    since: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class SetSiteRule:
    """From a moment on. Codes that are held back by then stay so until a person releases them."""

    begin: BeginWork

    async def __call__(self, command: SetSite) -> SiteRule:
        command.rule.check()
        async with self.begin(command.shop_id) as work:
            before, now = await work.chains.site_rules(), work.now()
            version, since = next_version(before, command.since, now)
            rule = SiteRule(version=version, since=since, rule=command.rule)
            await work.chains.add_site_rule(rule, command.by)
            work.publish(AttributionSteered(action="coupon_site.set", key_id=command.by, at=now, rules_version=version))
            await rebook_placed_from(work, since)
        return rule
