"""A referral: one advocate's recommendation of one friend in one programme."""

from datetime import datetime
from typing import Final, Literal, Self

from msgspec import Struct
from msgspec.structs import replace

from kernel.errors import DomainError
from kernel.ids import AdvocateId, ClaimId, CustomerId, OrderId, PersonId, ProgrammeId, ReferralId
from referral.domain.reasons import Reason
from referral.events import ReferralChanged

State = Literal["claimed", "ordered", "completed", "refused", "reversed"]
MOVES: Final[dict[State, frozenset[State]]] = {
    "claimed": frozenset({"ordered", "refused", "reversed"}),
    "ordered": frozenset({"claimed", "completed", "refused", "reversed"}),
    "completed": frozenset({"claimed", "ordered", "refused", "reversed"}),
    "refused": frozenset({"claimed", "ordered", "reversed"}),
    "reversed": frozenset({"claimed", "ordered", "refused"}),
}
"""What may follow what. Back to claimed: the order turned out to be somebody else's, and the deal is still open.
completed comes only after ordered, when a reward is approved. The table's trigger refuses the rest as well."""


class ReferralNotFound(DomainError):
    code = "referral_not_found"
    kind = "not_found"
    title = "There is no such referral"


class ReferralMoveRefused(DomainError):
    code = "referral_move_refused"
    kind = "conflict"
    title = "The referral cannot do this in its state"


class Referral(Struct, frozen=True, kw_only=True):
    referral_id: ReferralId
    revision: int
    programme_id: ProgrammeId
    advocate_id: AdvocateId
    friend_id: CustomerId
    person_id: PersonId
    claim_id: ClaimId | None
    order_id: OrderId | None
    """The order that decided the state."""
    state: State
    reason_code: str
    reason: str
    created_at: datetime
    changed_at: datetime

    def became(
        self, state: State, order_id: OrderId | None, claim_id: ClaimId | None, why: Reason, at: datetime
    ) -> Self:
        """The referral after a decision; itself when nothing changed."""
        same = (state, order_id, claim_id, why.sentence) == (self.state, self.order_id, self.claim_id, self.reason)
        if same:
            return self
        if state != self.state and state not in MOVES[self.state]:
            raise ReferralMoveRefused(f"A referral that is {self.state} cannot become {state}.")
        return replace(
            self, revision=self.revision + 1, state=state, order_id=order_id, claim_id=claim_id,
            reason_code=why.code, reason=why.sentence, changed_at=at,
        )  # fmt: skip

    def told(self) -> ReferralChanged:
        return ReferralChanged(
            referral_id=self.referral_id, revision=self.revision, programme_id=self.programme_id,
            advocate_id=self.advocate_id, friend_id=self.friend_id, order_id=self.order_id, state=self.state,
            reason_code=self.reason_code, changed_at=self.changed_at,
        )  # fmt: skip
