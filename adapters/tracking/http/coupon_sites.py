"""What a shop does about coupon sites over the API: its own rule, and the codes that are exempt from any."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from adapters.shared.http.auth import Caller
from adapters.shared.http.bodies import Answer, Body, decode_cursor, encode_cursor
from adapters.shared.http.problems import refusals
from adapters.tracking.http.chains import CouponSiteBody, site_body
from adapters.tracking.http.shapes import READ, WRITE, Cursor, Limit
from adapters.tracking.http.steering import STEERS, Why
from adapters.tracking.platforms.reading import Moment, utc
from adapters.tracking.postgres.steering_reads import SteeringReads
from kernel.codes import shown
from kernel.ids import ShopId
from tracking.application.exempt_code import Exempt, ExemptCode
from tracking.application.set_site_rule import SetSite, SetSiteRule
from tracking.application.watch_code_again import WatchCodeAgain
from tracking.application.withdraw_site_rule import TakeSiteRuleOff, WithdrawSiteRule
from tracking.domain.attribution.chain import DEFAULT_VERSION, CouponSiteRule
from tracking.domain.attribution.rules import rule_in_force


class SiteRuleBody(Body, frozen=True, kw_only=True, rename={"since": "from"}):
    rule: CouponSiteBody
    since: Moment | None = None


class SiteRuleAnswer(Answer, frozen=True, kw_only=True, rename={"since": "from"}):
    """`from` is null for version 1, which every shop has from the start."""

    version: int
    since: datetime | None
    in_force: bool
    withdrawn_at: datetime | None = None
    """Of a version that was withdrawn before it came into force: it decides nothing."""
    withdrawn_by: str | None = None
    rule: CouponSiteBody


class SiteRuleList(Answer, frozen=True, kw_only=True):
    items: list[SiteRuleAnswer]
    """Newest first; the last one is the default."""


class ExemptBody(Body, frozen=True, kw_only=True):
    reason: Why


class ExemptAnswer(Answer, frozen=True, kw_only=True):
    """A code that strangers are meant to use. No rule about coupon sites looks at it until it is watched again."""

    code: Annotated[str, Meta(examples=["ADA2-2026"])]
    reason: str
    exempted_by: str
    exempted_at: datetime
    watched_by: str | None
    watched_at: datetime | None
    """From when on the code is watched again; null while it is exempt."""


class ExemptList(Answer, frozen=True, kw_only=True):
    items: list[ExemptAnswer]
    next_cursor: str | None


class CouponSiteController(Controller):
    path = "/api/v1/attribution"
    tags = ("tracking",)

    @get("/coupon-site-rules", operation_id="listCouponSiteRules",
         summary="The shop's rule about coupon sites, and those before it", guards=READ,
         responses=refusals())  # fmt: skip
    async def rules(self, caller: NamedDependency[Caller], steering: NamedDependency[SteeringReads]) -> SiteRuleList:
        """It holds for programmes whose chain says nothing of its own."""
        return SiteRuleList(items=await _rules(steering, caller.shop_id))

    @post("/coupon-site-rules", operation_id="setCouponSiteRule",
          summary="Set the shop's rule about coupon sites, from a moment on", guards=WRITE,
          responses=refusals(422))  # fmt: skip
    async def set_rule(
        self,
        data: JSONBody[SiteRuleBody],
        caller: NamedDependency[Caller],
        set_site_rule: NamedDependency[SetSiteRule],
        steering: NamedDependency[SteeringReads],
    ) -> SiteRuleAnswer:
        """Codes that are held back by then stay so until a person releases them."""
        since = utc(data.since, "/from") if data.since else None
        command = SetSite(shop_id=caller.shop_id, rule=data.rule.rule(), since=since, by=caller.key_id)
        version = (await set_site_rule(command)).version
        return next(rule for rule in await _rules(steering, caller.shop_id) if rule.version == version)

    @post("/coupon-site-rules/{version:int}/withdraw", operation_id="withdrawCouponSiteRule", status_code=200,
          summary="Withdraw a rule about coupon sites before it comes into force", guards=WRITE,
          responses=refusals(404, 409, 422))  # fmt: skip
    async def withdraw_rule(
        self,
        version: FromPath[int],
        caller: NamedDependency[Caller],
        withdraw_site_rule: NamedDependency[WithdrawSiteRule],
        steering: NamedDependency[SteeringReads],
    ) -> SiteRuleList:
        """The version before it goes on holding. One that has come into force stays."""
        await withdraw_site_rule(TakeSiteRuleOff(shop_id=caller.shop_id, version=version, by=caller.key_id))
        return SiteRuleList(items=await _rules(steering, caller.shop_id))

    @get("/exempt-codes", operation_id="listExemptCodes", summary="Codes that are exempt, or were", guards=READ,
         responses=refusals(422))  # fmt: skip
    async def exempt_codes(
        self,
        caller: NamedDependency[Caller],
        steering: NamedDependency[SteeringReads],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> ExemptList:
        after = decode_cursor(cursor, str)
        rows = await steering.exempt_codes(caller.shop_id, str(after[0]) if after else None, limit)
        following = encode_cursor(rows[-1].code) if len(rows) == limit else None
        return ExemptList(items=[_exempt(row) for row in rows], next_cursor=following)

    @put("/exempt-codes/{code:str}", operation_id="exemptCode", summary="Exempt a code, and release it if it is held",
         guards=WRITE, opt=STEERS, responses=refusals(404, 409, 422))  # fmt: skip
    async def exempt(
        self,
        code: FromPath[str],
        data: JSONBody[ExemptBody],
        caller: NamedDependency[Caller],
        exempt_code: NamedDependency[ExemptCode],
        steering: NamedDependency[SteeringReads],
    ) -> ExemptAnswer:
        """It credits its advocate then however many strangers use it. Again: with another reason."""
        command = Exempt(shop_id=caller.shop_id, code=code, reason=data.reason, by=caller.key_id)
        return _exempt(await steering.exempt_code(caller.shop_id, await exempt_code(command)))

    @delete("/exempt-codes/{code:str}", operation_id="watchCodeAgain", summary="Have an exempt code watched again",
            guards=WRITE, responses=refusals(404, 422))  # fmt: skip
    async def watch_again(
        self, code: FromPath[str], caller: NamedDependency[Caller], watch_code_again: NamedDependency[WatchCodeAgain]
    ) -> None:
        """What was ordered with it until now counts for no alert."""
        await watch_code_again(caller.shop_id, code, caller.key_id)


async def _rules(steering: SteeringReads, shop_id: ShopId) -> list[SiteRuleAnswer]:
    """All versions, newest first."""
    rules, now = await steering.site_rules(shop_id)
    begun = rule_in_force(rules, now)
    answers = [
        SiteRuleAnswer(
            version=rule.version,
            since=rule.since,
            in_force=rule.version == begun,
            withdrawn_at=rule.withdrawn_at,
            withdrawn_by=rule.withdrawn_by,
            rule=site_body(rule.rule),
        )
        for rule in reversed(rules)
    ]
    default = SiteRuleAnswer(
        version=DEFAULT_VERSION, since=None, in_force=begun == DEFAULT_VERSION, rule=site_body(CouponSiteRule())
    )
    return [*answers, default]


def _exempt(row: Any) -> ExemptAnswer:
    return ExemptAnswer(
        code=shown(row.code),
        reason=row.reason,
        exempted_by=row.exempted_by,
        exempted_at=row.exempted_at,
        watched_by=row.watched_by,
        watched_at=row.watched_at,
    )
