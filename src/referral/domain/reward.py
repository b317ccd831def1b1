"""A reward: what one side earned by one order. Its amount always follows the final order; every move is a step."""

from datetime import datetime
from typing import Final, Literal, Self

from msgspec import Struct
from msgspec.structs import replace

from kernel.errors import DomainError
from kernel.ids import AdvocateId, CustomerId, OrderId, PersonId, ProgrammeId, ReferralId, RewardId
from referral.domain.reasons import Reason, Value
from referral.events import RewardChanged

State = Literal["pending", "approved", "issued", "reversed"]
Change = Literal["pending", "approved", "issued", "reduced", "increased", "reversed", "reinstated"]
MOVES: Final[dict[State, frozenset[State]]] = {
    "pending": frozenset({"approved", "reversed"}),
    "approved": frozenset({"issued", "reversed"}),
    "issued": frozenset({"reversed"}),
    "reversed": frozenset({"pending"}),
}
"""What may follow what; the table's trigger refuses the rest as well."""


class RewardNotFound(DomainError):
    code = "reward_not_found"
    kind = "not_found"
    title = "There is no such reward"


class RewardMoveRefused(DomainError):
    code = "reward_move_refused"
    kind = "conflict"
    title = "The reward cannot do this in its state"


class Step(Struct, frozen=True, kw_only=True):
    """One line of a reward's history, and the only cause of a ledger transfer."""

    reward_id: RewardId
    revision: int
    change: Change
    previous_state: State | None
    state: State
    previous_amount_minor: int
    amount_minor: int
    reason_code: str
    reason: str
    facts: dict[str, Value]
    at: datetime


class Reward(Struct, frozen=True, kw_only=True):
    """`amount_minor` is above zero, and zero exactly when the reward is reversed."""

    reward_id: RewardId
    revision: int
    programme_id: ProgrammeId
    offer_version: int
    referral_id: ReferralId
    advocate_id: AdvocateId
    order_id: OrderId
    person_id: PersonId
    """The friend who ordered, whichever side this reward is for."""
    side: Literal["advocate", "friend"]
    customer_id: CustomerId
    """Who earns it."""
    state: State
    amount_minor: int
    currency: str
    reason_code: str
    reason: str
    approve_after: datetime
    first_order_only: bool
    earned_at: datetime
    changed_at: datetime

    @property
    def active(self) -> bool:
        return self.state != "reversed"

    def is_due(self, at: datetime) -> bool:
        """Whether the hold is over; the order must be paid besides."""
        return self.state == "pending" and self.approve_after <= at

    def started(self, why: Reason) -> Step:
        """The first step of a reward that was just earned."""
        return self._step("pending", None, 0, why)

    def reprice(self, amount_minor: int, why: Reason, at: datetime) -> tuple[Self, Step]:
        """Follow the order to another amount, in whatever state the reward is."""
        if not self.active or amount_minor <= 0 or amount_minor == self.amount_minor:
            raise RewardMoveRefused
        change: Change = "reduced" if amount_minor < self.amount_minor else "increased"
        return self._went(change, self.state, amount_minor, why, at)

    def reverse(self, why: Reason, at: datetime) -> tuple[Self, Step]:
        return self._went("reversed", "reversed", 0, why, at)

    def reinstate(self, amount_minor: int, why: Reason, at: datetime) -> tuple[Self, Step]:
        if amount_minor <= 0:
            raise RewardMoveRefused
        return self._went("reinstated", "pending", amount_minor, why, at)

    def approve(self, why: Reason, at: datetime) -> tuple[Self, Step]:
        if at < self.approve_after:
            raise RewardMoveRefused("The return period is not over.")
        return self._went("approved", "approved", self.amount_minor, why, at)

    def issue(self, why: Reason, at: datetime) -> tuple[Self, Step]:
        return self._went("issued", "issued", self.amount_minor, why, at)

    def told(self, step: Step) -> RewardChanged:
        """The published fact of a step."""
        return RewardChanged(
            reward_id=self.reward_id, revision=step.revision, programme_id=self.programme_id,
            referral_id=self.referral_id, advocate_id=self.advocate_id, order_id=self.order_id, side=self.side,
            customer_id=self.customer_id, change=step.change, state=step.state, amount_minor=step.amount_minor,
            previous_amount_minor=step.previous_amount_minor, currency=self.currency, reason_code=step.reason_code,
            reason=step.reason, approve_after=self.approve_after, changed_at=step.at,
        )  # fmt: skip

    def _went(self, change: Change, state: State, amount_minor: int, why: Reason, at: datetime) -> tuple[Self, Step]:
        if state != self.state and state not in MOVES[self.state]:
            raise RewardMoveRefused(f"A reward that is {self.state} cannot become {state}.")
        after = replace(
            self, revision=self.revision + 1, state=state, amount_minor=amount_minor,
            reason_code=why.code, reason=why.sentence, changed_at=at,
        )  # fmt: skip
        return after, after._step(change, self.state, self.amount_minor, why)

    def _step(self, change: Change, before: State | None, amount_before: int, why: Reason) -> Step:
        return Step(
            reward_id=self.reward_id, revision=self.revision, change=change, previous_state=before, state=self.state,
            previous_amount_minor=amount_before, amount_minor=self.amount_minor, reason_code=why.code,
            reason=why.sentence, facts=why.facts, at=self.changed_at,
        )  # fmt: skip
