"""What an order's attribution came to, with its evidence, and why the other ways did not count."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from kernel.ids import AdvocateId, ClaimId, ClickId, ProgrammeId

Method = Literal["signed_claim", "coupon_code", "click_id", "friend_email"]

LossCode = Literal["outranked", "expired", "out_of_window", "too_late", "unknown", "invalid", "not_a_person"]
"""outranked: an earlier method of the chain decided. expired: the claim had run out. out_of_window: the click was too
long ago. too_late: it happened after the order. unknown: nobody we know of. invalid: forged, cut or expired token.
not_a_person: a bot or a link preview clicked."""


class Touch(Struct, frozen=True, kw_only=True):
    """A way in which an order points at an advocate."""

    method: Method
    programme_id: ProgrammeId
    advocate_id: AdvocateId
    claim_id: ClaimId | None = None
    click_id: ClickId | None = None
    evidence: str
    touched_at: datetime
    reason: str


class Loser(Struct, frozen=True, kw_only=True):
    """A way that did not count, with the stable reason code and one sentence."""

    method: Method
    evidence: str
    code: LossCode
    reason: str
    advocate_id: AdvocateId | None = None


class Decided(Struct, frozen=True, kw_only=True):
    """The result of one run of the chain of version `chain`."""

    chain: int
    winner: Touch | None = None
    losers: tuple[Loser, ...] = ()
