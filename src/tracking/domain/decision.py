"""What an order's attribution came to, with its evidence, and why the other ways did not count."""

from datetime import datetime
from typing import Final, Literal, get_args

from msgspec import Struct

from kernel.ids import AdvocateId, ClaimId, ClickId, ProgrammeId

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
METHODS: Final[tuple[Method, ...]] = get_args(Method)
"""In the order in which they count between programmes, and in the default chain: the surest first."""

LossCode = Literal[
    "outranked",
    "expired",
    "out_of_window",
    "too_late",
    "unknown",
    "invalid",
    "not_a_person",
    "switched_off",
    "ambiguous",
    "conflict",
    "coupon_site",
    "not_yet_valid",
]
"""outranked: another way counts before it. expired: the claim had run out. out_of_window: too long ago. too_late: it
happened after the order. unknown: nobody we know of. invalid: forged, cut or expired token. not_a_person: a bot or a
link preview clicked. switched_off: the programme's chain has the method off. ambiguous: several advocates have the name
that the friend gave. conflict: it pointed elsewhere than another, and the rule is to credit nobody then. coupon_site:
strangers use the advocate's code in numbers, as they do when a coupon site shows it. not_yet_valid: an invite code of
later."""


class Touch(Struct, frozen=True, kw_only=True):
    """A way in which an order points at an advocate or, without one, at a programme's campaign."""

    method: Method
    programme_id: ProgrammeId
    advocate_id: AdvocateId | None
    claim_id: ClaimId | None = None
    click_id: ClickId | None = None
    evidence: str
    touched_at: datetime
    reason: str
    campaign: str | None = None


class Loser(Struct, frozen=True, kw_only=True):
    """A way that did not count, with the stable reason code and one sentence."""

    method: Method
    evidence: str
    code: LossCode
    reason: str
    advocate_id: AdvocateId | None = None
    programme_id: ProgrammeId | None = None


class ChainUsed(Struct, frozen=True):
    """The version of a programme's chain that took part in a decision."""

    programme_id: ProgrammeId
    version: int


class Decided(Struct, frozen=True, kw_only=True):
    """The result of one run. `chain` is the version of the winner's programme's chain; without a winner the highest of
    `chains`, and 1, the default, when there are none.

    `chains` names the version of every programme that the order pointed at, also where nothing of it counted.
    """

    chain: int
    winner: Touch | None = None
    losers: tuple[Loser, ...] = ()
    chains: tuple[ChainUsed, ...] = ()

    @property
    def review(self) -> str | None:
        """The evidence that a person should look at: a name that several advocates have, on an order of nobody's.

        None as well once the name was forgotten.
        """
        if self.winner is not None:
            return None
        return next((loser.evidence or None for loser in self.losers if loser.code == "ambiguous"), None)
