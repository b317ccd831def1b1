"""Attribution: whom an order is credited to, by a chain of methods that each programme sets for itself."""

from tracking.domain.attribution.chain import Chain, Plan, Step
from tracking.domain.attribution.deciding import attribute
from tracking.domain.attribution.known import (
    Credit,
    Known,
    KnownAdvocate,
    KnownClaim,
    KnownClick,
    KnownInvite,
    KnownSeat,
    Window,
    codes_of,
    invites_of,
    stored_form,
    window_days,
)
from tracking.domain.attribution.rules import Policy

__all__ = [
    "Chain",
    "Credit",
    "Known",
    "KnownAdvocate",
    "KnownClaim",
    "KnownClick",
    "KnownInvite",
    "KnownSeat",
    "Plan",
    "Policy",
    "Step",
    "Window",
    "attribute",
    "codes_of",
    "invites_of",
    "stored_form",
    "window_days",
]
