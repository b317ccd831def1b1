"""One order under decision, with what every method needs of it, and the ways of saying what was found."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from kernel.ids import AdvocateId, ProgrammeId
from tracking.domain.attribution.known import Known, KnownClaim, KnownClick, in_words, window_days
from tracking.domain.decision import Loser, LossCode, Method, Touch
from tracking.domain.hint import OrderHint, order_name
from tracking.domain.order import Order, Snapshot

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
"""How far the platform's clock may run behind ours before a touch counts as later than the order."""

HINT_DISTANCE: Final = timedelta(hours=1)
"""How far from the order a hint may be: anybody can name any order, but only the buyer does so at checkout."""

Found = Touch | Loser


class Case:
    """`snapshot` is the order as known; `hints` are those that name it and were sent at its checkout."""

    __slots__ = ("hints", "known", "order", "placed_at", "snapshot")

    def __init__(self, order: Order, snapshot: Snapshot, known: Known) -> None:
        self.order = order
        self.snapshot = snapshot
        self.known = known
        self.placed_at = snapshot.placed_at
        self.hints = self._hints() if known.hints else ()

    def _hints(self) -> Sequence[OrderHint]:
        names = {order_name(self.order.key.external_id), order_name(self.snapshot.number)}
        named = [hint for name in sorted(names) for hint in self.known.hints.get(name, ())]
        near = [hint for hint in named if abs(hint.at - self.placed_at) <= HINT_DISTANCE]
        return sorted(near, key=lambda hint: (hint.at, str(hint.claim_id), str(hint.click_id), hint.codes))

    def window(self, method: Method, click: KnownClick) -> timedelta | None:
        """How long a click counts: by the chain, else by the terms in force when it happened; None: not known yet."""
        if click.programme_id is None:
            return None
        step = self.known.plan(click.programme_id, self.placed_at)[1].step(method)
        if step is not None and step.window is not None:
            return step.window
        windows = self.known.windows.get(click.programme_id, ())
        return timedelta(days=window_days(windows, click.clicked_at)) if windows else None

    def is_after(self, moment: datetime) -> bool:
        """Whether what happened then happened after the order."""
        return moment > self.placed_at + CLOCK_TOLERANCE

    def why_not(self, method: Method, click: KnownClick) -> tuple[LossCode, str] | None:
        """Why a click does not count, if so."""
        if click.visitor != "person":
            return "not_a_person", "The link was fetched by a bot or a link preview, not tapped by a person."
        window = self.window(method, click)
        if window is None:
            return "unknown", "The programme of the link is not known here yet."
        if self.is_after(click.clicked_at):
            return "too_late", "The link was tapped after the order had been placed."
        if self.placed_at - click.clicked_at > window:
            return "out_of_window", f"The link was tapped more than {in_words(window)} before the order."
        return None


def from_claim(method: Method, evidence: str, claim: KnownClaim, reason: str) -> Touch:
    return Touch(
        method=method,
        programme_id=claim.programme_id,
        advocate_id=claim.advocate_id,
        claim_id=claim.claim_id,
        click_id=claim.click_id,
        evidence=evidence,
        touched_at=claim.claimed_at,
        reason=reason,
    )


def from_click(method: Method, evidence: str, click: KnownClick, programme_id: ProgrammeId, reason: str) -> Touch:
    return Touch(
        method=method,
        programme_id=programme_id,
        advocate_id=click.advocate_id,
        click_id=click.click_id,
        evidence=evidence,
        touched_at=click.clicked_at,
        reason=reason,
    )


def expired(method: Method, evidence: str, claim: KnownClaim) -> Loser:
    day = claim.expires_at.date().isoformat()
    lost = loser(method, evidence, "expired", f"The claimed deal had run out on {day}.", claim.advocate_id)
    return replace(lost, programme_id=claim.programme_id)


def claimed_late(method: Method, evidence: str, claim: KnownClaim) -> Loser:
    late = "The deal was claimed after the order had been placed."
    return loser(method, evidence, "too_late", late, claim.advocate_id, claim.programme_id)


def loser(
    method: Method,
    evidence: str,
    code: LossCode,
    reason: str,
    advocate_id: AdvocateId | None = None,
    programme_id: ProgrammeId | None = None,
) -> Loser:
    return Loser(
        method=method, evidence=evidence, code=code, reason=reason, advocate_id=advocate_id, programme_id=programme_id
    )


def lost(touch: Touch, code: LossCode, reason: str) -> Loser:
    """A touch that did not count after all."""
    return loser(touch.method, touch.evidence, code, reason, touch.advocate_id, touch.programme_id)


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")
