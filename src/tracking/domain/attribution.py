"""Attribution: which advocate an order is credited to. An ordered chain of methods; the first that holds decides.

Chain 1: signed claim, coupon code (the friend's own or the advocate's), click id on the order, the friend's e-mail.
A pure function of the order and of the facts known about what it points at; run again when more becomes known.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from kernel.codes import MalformedCode, normalise, shown
from kernel.ids import AdvocateId, ClaimId, ClickId, PersonId, ProgrammeId
from tracking.domain.click import Visitor
from tracking.domain.decision import Decided, Loser, LossCode, Method, Touch
from tracking.domain.order import Snapshot

CHAIN: Final = 1
"""Version of the chain; it rises with any change of what it decides."""

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
"""How far the platform's clock may run behind ours before a touch counts as later than the order."""


class KnownAdvocate(Struct, frozen=True, kw_only=True):
    advocate_id: AdvocateId
    programme_id: ProgrammeId
    code: str


class KnownClaim(Struct, frozen=True, kw_only=True):
    claim_id: ClaimId
    programme_id: ProgrammeId
    advocate_id: AdvocateId
    person_id: PersonId
    code: str
    click_id: ClickId | None
    claimed_at: datetime
    expires_at: datetime


class KnownClick(Struct, frozen=True, kw_only=True):
    """A stored click. `advocate_id` is None when its link is nobody's."""

    click_id: ClickId
    visitor: Visitor
    clicked_at: datetime
    advocate_id: AdvocateId | None
    programme_id: ProgrammeId | None


class Window(Struct, frozen=True, kw_only=True):
    """From `since` on, a programme credits an order up to `days` days after a click."""

    since: datetime
    days: int


class Known(Struct, frozen=True, kw_only=True):
    """What is known here about the things that a batch of orders points at. `windows` are sorted by `since`."""

    claims: Mapping[ClaimId, KnownClaim] = {}
    claims_by_code: Mapping[str, KnownClaim] = {}
    claims_by_person: Mapping[PersonId, Sequence[KnownClaim]] = {}
    advocates_by_code: Mapping[str, Sequence[KnownAdvocate]] = {}
    clicks: Mapping[ClickId, KnownClick] = {}
    windows: Mapping[ProgrammeId, Sequence[Window]] = {}


def attribute(order: Snapshot, known: Known) -> Decided:
    """Run the chain over one order."""
    touches: list[Touch] = []
    losers: list[Loser] = []
    for method in _METHODS:
        for found in method(order, known):
            if isinstance(found, Touch):
                touches.append(found)
            else:
                losers.append(found)
    winner = touches[0] if touches else None
    losers.extend(_outranked(touch, touches[0]) for touch in touches[1:])
    return Decided(chain=CHAIN, winner=winner, losers=tuple(losers))


def codes_of(order: Snapshot) -> list[str]:
    """The order's coupon codes in stored form, without those that cannot be one of ours."""
    return [code for code in map(stored_form, order.codes) if code]


def stored_form(typed: str) -> str | None:
    try:
        return normalise(typed)
    except MalformedCode:
        return None


def _signed_claim(order: Snapshot, known: Known) -> Iterator[Touch | Loser]:
    if order.bad_claim:
        yield _loser("signed_claim", "token", "invalid", "The order's claim token was forged, cut or had expired.")
    if order.claim_id is None:
        return
    claim = known.claims.get(order.claim_id)
    if claim is None:
        yield _loser(
            "signed_claim", str(order.claim_id), "unknown", "The claim that the order names is not known here."
        )
    elif order.placed_at >= claim.expires_at:
        yield _expired("signed_claim", str(claim.claim_id), claim)
    else:
        reason = "The friend came to the shop straight from the claimed deal."
        yield _from_claim("signed_claim", str(claim.claim_id), claim, reason)


def _coupon_code(order: Snapshot, known: Known) -> Iterator[Touch | Loser]:
    for typed in order.codes:
        code = stored_form(typed)
        claim = known.claims_by_code.get(code) if code else None
        advocates = known.advocates_by_code.get(code, ()) if code else ()
        if claim is not None and order.placed_at >= claim.expires_at:
            yield _expired("coupon_code", shown(claim.code), claim)
        elif claim is not None:
            reason = f"The friend used their own code {shown(claim.code)} at checkout."
            yield _from_claim("coupon_code", shown(claim.code), claim, reason)
        elif advocates:
            yield _from_advocate(order, advocates[0])
        else:
            reason = "The coupon code belongs to no advocate and to no claimed deal."
            yield _loser("coupon_code", typed, "unknown" if code else "invalid", reason)


def _click_id(order: Snapshot, known: Known) -> Iterator[Touch | Loser]:
    if order.bad_click:
        yield _loser("click_id", "token", "invalid", "The order's click token was forged, cut or had expired.")
    if order.click_id is None:
        return
    evidence = str(order.click_id)
    click = known.clicks.get(order.click_id)
    if click is None or click.advocate_id is None or click.programme_id is None:
        yield _loser("click_id", evidence, "unknown", "The click that the order names led through no advocate's link.")
        return
    windows = known.windows.get(click.programme_id, ())
    loss = _why_not(click, windows, order.placed_at)
    if loss is not None:
        yield _loser("click_id", evidence, loss[0], loss[1], click.advocate_id)
        return
    days = window_days(windows, click.clicked_at)
    yield Touch(
        method="click_id",
        programme_id=click.programme_id,
        advocate_id=click.advocate_id,
        click_id=click.click_id,
        evidence=evidence,
        touched_at=click.clicked_at,
        reason=f"The friend tapped the advocate's link less than {days} days before the order.",
    )


def _why_not(click: KnownClick, windows: Sequence[Window], placed_at: datetime) -> tuple[LossCode, str] | None:
    if click.visitor != "person":
        return "not_a_person", "The link was fetched by a bot or a link preview, not tapped by a person."
    if not windows:
        return "unknown", "The programme of the link is not known here yet."
    if click.clicked_at > placed_at + CLOCK_TOLERANCE:
        return "too_late", "The link was tapped after the order had been placed."
    days = window_days(windows, click.clicked_at)
    if placed_at - click.clicked_at > timedelta(days=days):
        return "out_of_window", f"The link was tapped more than {days} days before the order."
    return None


def _friend_email(order: Snapshot, known: Known) -> Iterator[Touch | Loser]:
    claims = known.claims_by_person.get(order.person_id, ())
    for claim in sorted(claims, key=lambda claim: (claim.claimed_at, claim.claim_id), reverse=True):
        evidence = str(claim.claim_id)
        if order.placed_at >= claim.expires_at:
            yield _expired("friend_email", evidence, claim)
        elif claim.claimed_at > order.placed_at + CLOCK_TOLERANCE:
            reason = "The deal was claimed after the order had been placed."
            yield _loser("friend_email", evidence, "too_late", reason, claim.advocate_id)
        else:
            reason = "The order carries the e-mail address with which the friend claimed the deal."
            yield _from_claim("friend_email", evidence, claim, reason)


_METHODS: Final[Sequence[Callable[[Snapshot, Known], Iterator[Touch | Loser]]]] = (
    _signed_claim,
    _coupon_code,
    _click_id,
    _friend_email,
)


def window_days(windows: Sequence[Window], moment: datetime) -> int:
    """Days that the programme gave at `moment`; before its first terms, those of its first terms."""
    return windows[max(0, bisect_right(windows, moment, key=lambda window: window.since) - 1)].days


def _from_claim(method: Method, evidence: str, claim: KnownClaim, reason: str) -> Touch:
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


def _from_advocate(order: Snapshot, advocate: KnownAdvocate) -> Touch:
    return Touch(
        method="coupon_code",
        programme_id=advocate.programme_id,
        advocate_id=advocate.advocate_id,
        evidence=shown(advocate.code),
        touched_at=order.placed_at,
        reason=f"The advocate's code {shown(advocate.code)} was typed at checkout.",
    )


def _expired(method: Method, evidence: str, claim: KnownClaim) -> Loser:
    day = claim.expires_at.date().isoformat()
    return _loser(method, evidence, "expired", f"The claimed deal had run out on {day}.", claim.advocate_id)


def _outranked(touch: Touch, winner: Touch) -> Loser:
    by = winner.method.replace("_", " ")
    reason = f"The {by} counts before it." if winner.method != touch.method else f"Another {by} counts before it."
    return _loser(touch.method, touch.evidence, "outranked", reason, touch.advocate_id)


def _loser(method: Method, evidence: str, code: LossCode, reason: str, advocate_id: AdvocateId | None = None) -> Loser:
    return Loser(method=method, evidence=evidence, code=code, reason=reason, advocate_id=advocate_id)
