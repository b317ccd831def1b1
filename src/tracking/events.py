"""Published facts of the tracking context."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from kernel.events import Event
from kernel.ids import AdvocateId, ClaimId, ClickId, CustomerId, OrderId, PersonId, ProgrammeId

Method = Literal[
    "manual",
    "signed_claim",
    "coupon_code",
    "click_id",
    "cookie",
    "friend_email",
    "phone",
    "refer_by_name",
    "invite_code",
    "campaign_utm",
    "same_address",
]


class Attribution(Struct, frozen=True, kw_only=True):
    """Whom an order is credited to, and why."""

    method: Method
    programme_id: ProgrammeId
    advocate_id: AdvocateId
    claim_id: ClaimId | None
    click_id: ClickId | None
    touched_at: datetime
    """When the winning touch happened: the click, the claim, or the order itself for a typed code."""
    reason: str
    """One sentence for people."""


class CampaignCredit(Struct, frozen=True, kw_only=True):
    """The campaign of a programme that an order is credited to, when it is credited to no advocate, and why."""

    method: Method
    programme_id: ProgrammeId
    campaign: str
    click_id: ClickId | None
    touched_at: datetime
    reason: str
    """One sentence for people."""


class OrderChanged(Event, frozen=True, kw_only=True):
    """The whole state of an order as known; a higher `revision` replaces a lower one.

    `base_minor` is the sum of the lines after discounts, without tax and shipping, as ordered;
    `final_base_minor` is what is left of it after refunds, cancellation and lost chargebacks, never below zero.
    """

    name = "tracking.order_changed"

    order_id: OrderId
    revision: int
    number: str
    """How the shop's people call it: "#1001"."""
    placed_at: datetime
    state: Literal["open", "cancelled"]
    payment: Literal["pending", "paid", "voided"]
    test: bool
    currency: str
    total_minor: int
    base_minor: int
    final_base_minor: int
    customer_id: CustomerId
    person_id: PersonId
    first_order: bool
    """True when no earlier order of this person or customer is known that was neither cancelled nor voided; test orders
    apart."""
    attribution: Attribution | None
    campaign: CampaignCredit | None = None
    fulfilment: Literal["unknown", "open", "partial", "fulfilled", "returned"] = "unknown"
    """Whether the goods left. unknown: the platform does not say."""
    fulfilled_at: datetime | None = None
    """When the first goods left, where the platform says so."""
    dispute: Literal["open", "won", "lost"] | None = None
    """How chargebacks stand: a lost one leaves a `final_base_minor` of zero, an open one does not count."""


class AttributionSteered(Event, frozen=True, kw_only=True):
    """A person of the shop decided something about attribution. Why, they said; the words stay in tracking."""

    name = "tracking.attribution_steered"

    action: Literal[
        "order.credited",
        "order.credit_withdrawn",
        "chain.set",
        "chain.withdrawn",
        "policy.set",
        "policy.withdrawn",
        "code.blocked",
        "code.released",
        "code.exempted",
        "code.watched",
        "coupon_site.set",
        "coupon_site.withdrawn",
    ]
    key_id: str
    """The API key by which it was done."""
    at: datetime
    order_id: OrderId | None = None
    programme_id: ProgrammeId | None = None
    advocate_id: AdvocateId | None = None
    rules_version: int | None = None
    """Of the chain or of the shop's rule that was set or withdrawn."""
    code: str | None = None


class RetentionNoted(Event, frozen=True, kw_only=True):
    """The shop's retention was changed by somebody, or applied to what was past it."""

    name = "tracking.retention_noted"

    action: Literal["retention.changed", "retention.applied"]
    key_id: str | None = None
    """The API key by which it was changed."""
    at: datetime
    orders_months: int
    clicks_months: int
    orders: int = 0
    """Orders whose buyers were forgotten."""
    clicks: int = 0
    """Clicks that were deleted."""
    events_months: int | None = None
    """None in facts of the time when events of the tag were kept for 13 months everywhere."""
    events: int = 0
    """Events of the tag that were deleted."""
