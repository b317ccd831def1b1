"""What is known here about the things that orders point at."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from kernel.codes import MalformedCode, normalise
from kernel.ids import AdvocateId, ClaimId, ClickId, CustomerId, OrderId, PersonId, ProgrammeId
from tracking.domain.attribution.chain import Chain, CouponSiteRule, Plan, plan_at
from tracking.domain.attribution.rules import Policy, SiteRule, site_rule_at
from tracking.domain.click import Visitor
from tracking.domain.hint import OrderHint
from tracking.domain.order import Snapshot

INVITE: Final = "grapevine_invite"
"""The order attribute in which a storefront writes an invite code, where it has a field of its own for it."""

EVER: Final = datetime.min.replace(tzinfo=UTC)
"""Before anything happened."""
AlertState = Literal["open", "blocked", "released"]


class KnownAdvocate(Struct, frozen=True, kw_only=True):
    """`name_key` stands for the advocate's name: a keyed hash of the vault's, the same for every spelling."""

    advocate_id: AdvocateId
    programme_id: ProgrammeId
    code: str
    customer_id: CustomerId | None = None
    name_key: UUID | None = None


class KnownClaim(Struct, frozen=True, kw_only=True):
    """`phone_id` stands for the friend's telephone number: a keyed hash of the vault's."""

    claim_id: ClaimId
    programme_id: ProgrammeId
    advocate_id: AdvocateId
    person_id: PersonId
    code: str
    click_id: ClickId | None
    claimed_at: datetime
    expires_at: datetime
    phone_id: UUID | None = None


class KnownClick(Struct, frozen=True, kw_only=True):
    """A stored click. `advocate_id` is None when its link is nobody's."""

    click_id: ClickId
    visitor: Visitor
    clicked_at: datetime
    advocate_id: AdvocateId | None
    programme_id: ProgrammeId | None
    campaign: str | None = None
    """utm_campaign, decoded."""


class KnownSeat(Struct, frozen=True, kw_only=True):
    """Somebody redeemed an invite code, of a customer or of a campaign."""

    code: str
    inviter_id: CustomerId | None
    campaign: str
    person_id: PersonId
    redeemed_at: datetime


class KnownInvite(Struct, frozen=True, kw_only=True):
    """An invite code, of a customer or of a campaign, from its first moment until before its last."""

    code: str
    inviter_id: CustomerId | None
    campaign: str
    valid_from: datetime
    expires_at: datetime


class Alert(Struct, frozen=True, kw_only=True):
    """A code that is used as if a coupon site showed it, and credits nobody from `tripped_at` on until released."""

    code: str
    programme_id: ProgrammeId
    advocate_id: AdvocateId
    tripped_at: datetime
    state: AlertState = "open"

    def blocks(self, moment: datetime) -> bool:
        return self.state != "released" and moment >= self.tripped_at


class Credit(Struct, frozen=True, kw_only=True):
    """A person of the shop said whom an order is to be credited to."""

    order_id: OrderId
    programme_id: ProgrammeId
    advocate_id: AdvocateId
    reason: str
    credited_at: datetime


class Window(Struct, frozen=True, kw_only=True):
    """From `since` on, a programme credits an order up to `days` days after a click."""

    since: datetime
    days: int


class Known(Struct, frozen=True, kw_only=True):
    """All that is known of what a batch of orders points at. What has a `since` is sorted by it."""

    claims: Mapping[ClaimId, KnownClaim] = {}
    claims_by_code: Mapping[str, KnownClaim] = {}
    claims_by_person: Mapping[PersonId, Sequence[KnownClaim]] = {}
    claims_by_phone: Mapping[UUID, Sequence[KnownClaim]] = {}
    advocates_by_code: Mapping[str, Sequence[KnownAdvocate]] = {}
    advocates_by_name: Mapping[UUID, Sequence[KnownAdvocate]] = {}
    advocates_by_customer: Mapping[CustomerId, Sequence[KnownAdvocate]] = {}
    clicks: Mapping[ClickId, KnownClick] = {}
    clicks_by_address: Mapping[bytes, Sequence[KnownClick]] = {}
    hints: Mapping[str, Sequence[OrderHint]] = {}
    seats: Mapping[PersonId, Sequence[KnownSeat]] = {}
    invites: Mapping[str, KnownInvite] = {}
    """By code; empty where no chain looks at invite codes."""
    credits: Mapping[OrderId, Credit] = {}
    alerts: Mapping[str, Alert] = {}
    """By the code of an advocate that is used as if a coupon site showed it."""
    windows: Mapping[ProgrammeId, Sequence[Window]] = {}
    chains: Mapping[ProgrammeId, Sequence[Chain]] = {}
    policies: Sequence[Policy] = ()
    site_rules: Sequence[SiteRule] = ()
    exempt: Mapping[str, datetime | None] = {}
    """Codes that no rule about coupon sites looks at: for good, or until the moment from which they are watched."""

    def plan(self, programme_id: ProgrammeId, moment: datetime) -> tuple[int, Plan]:
        """Version and plan of the programme's chain for an order placed at `moment`."""
        return plan_at(self.chains.get(programme_id, ()), moment)

    def site_rule(self, programme_id: ProgrammeId, moment: datetime) -> CouponSiteRule:
        """The rule about coupon sites for the programme's codes at `moment`: of its chain, else of the shop."""
        return self.plan(programme_id, moment)[1].coupon_site or site_rule_at(self.site_rules, moment)

    def is_exempt(self, code: str) -> bool:
        return code in self.exempt and self.exempt[code] is None


def codes_of(order: Snapshot) -> list[str]:
    """The order's coupon codes in stored form, without those that cannot be one of ours."""
    return [code for code in map(stored_form, order.codes) if code]


def invites_of(order: Snapshot) -> list[str]:
    """What may be an invite code on the order: its coupon codes, then what stands in the attribute for it."""
    written = [code for name, value in order.attributes if name == INVITE and (code := stored_form(value))]
    return codes_of(order) + written


def stored_form(typed: str) -> str | None:
    try:
        return normalise(typed)
    except MalformedCode:
        return None


def window_days(windows: Sequence[Window], moment: datetime) -> int:
    """Days that the programme gave at `moment`; before its first terms, those of its first terms."""
    return windows[max(0, bisect_right(windows, moment, key=lambda window: window.since) - 1)].days


def differ_from(before: Sequence[Window], after: Sequence[Window]) -> datetime | None:
    """The first moment at which the windows give other days, `EVER` when they always did; None when they never do."""
    moments = sorted(window.since for window in (*before, *after))
    if not before or not after:
        return EVER if moments else None
    for moment in moments:
        if window_days(before, moment) != window_days(after, moment):
            return EVER if moment == moments[0] else moment
    return None


def in_words(window: timedelta) -> str:
    """A window as people say it: "30 days", "1 hour"."""
    hours = int(window.total_seconds()) // 3600
    count, unit = (hours // 24, "day") if hours % 24 == 0 else (hours, "hour")
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
