"""Published facts of the referral context. All carry state: a higher `revision` replaces a lower one."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from kernel.events import Event
from kernel.ids import AdvocateId, CustomerId, OfferId, OrderId, PersonId, ProgrammeId, ReferralId, RewardId


class Benefit(Struct, frozen=True, kw_only=True):
    """What one side gets: a fixed amount, or a share of the order's base in basis points with an optional cap."""

    kind: Literal["fixed", "percent"]
    amount_minor: int = 0
    basis_points: int = 0
    cap_minor: int | None = None


class OfferTerms(Struct, frozen=True, kw_only=True):
    """The terms of one immutable offer version. Amounts are minor units of `currency`."""

    offer_id: OfferId
    version: int
    currency: str
    friend_deal: Benefit
    advocate_reward: Benefit
    minimum_order_minor: int
    first_order_only: bool
    hold_days: int
    claim_days: int
    """Days that a claimed deal may be used."""
    attribution_days: int
    """Days after a click or claim in which an order is credited."""


class ProgrammeChanged(Event, frozen=True, kw_only=True):
    """A programme's state and the terms in force."""

    name = "referral.programme_changed"

    programme_id: ProgrammeId
    revision: int
    title: str
    kind: Literal["refer_a_friend"]
    state: Literal["draft", "live", "paused", "ended"]
    terms: OfferTerms | None
    """None while no offer version was ever live."""


class ProgrammeDrafted(Event, frozen=True, kw_only=True):
    """There is a programme that nobody outside sees yet; `programme_changed` tells of it from its launch on."""

    name = "referral.programme_drafted"

    programme_id: ProgrammeId
    drafted_at: datetime


class AdvocateEnrolled(Event, frozen=True, kw_only=True):
    """A customer became an advocate. Published once per advocate."""

    name = "referral.advocate_enrolled"

    advocate_id: AdvocateId
    programme_id: ProgrammeId
    customer_id: CustomerId
    person_id: PersonId
    code: str
    """As stored (`kernel.codes.normalise`); works as a coupon at checkout."""
    link_code: str
    """Globally unique; the advocate's link is <base>/l/<link_code>."""
    enrolled_at: datetime
    name_key: UUID | None = None
    """Stands for the advocate's name in any spelling: a keyed hash of the vault's. None when it is not known."""


class ReferralChanged(Event, frozen=True, kw_only=True):
    """A friend took an advocate's deal or ordered by it, or what came of that changed."""

    name = "referral.referral_changed"

    referral_id: ReferralId
    revision: int
    programme_id: ProgrammeId
    advocate_id: AdvocateId
    friend_id: CustomerId
    order_id: OrderId | None
    state: Literal["claimed", "ordered", "completed", "refused", "reversed"]
    reason_code: str
    changed_at: datetime


class RewardChanged(Event, frozen=True, kw_only=True):
    """A reward was earned, moved on, or changed its amount."""

    name = "referral.reward_changed"

    reward_id: RewardId
    revision: int
    programme_id: ProgrammeId
    referral_id: ReferralId
    advocate_id: AdvocateId
    order_id: OrderId
    side: Literal["advocate", "friend"]
    customer_id: CustomerId
    """Who earns it."""
    change: Literal["pending", "approved", "issued", "reduced", "increased", "reversed", "reinstated"]
    state: Literal["pending", "approved", "issued", "reversed"]
    amount_minor: int
    previous_amount_minor: int
    currency: str
    reason_code: str
    reason: str
    """One sentence a shopper understands, in English; engagement words its mails from `reason_code`."""
    approve_after: datetime
    changed_at: datetime
