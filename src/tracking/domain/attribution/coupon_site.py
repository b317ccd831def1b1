"""Advocates' codes that strangers find on a coupon site: noticed by how they are used.

A *use* is an order, no test, that carries an advocate's code; it is *touched* when its buyer is known to have met a
recommendation before: the order or a hint names a claim or a person's click of before the order, or its buyer had
claimed a deal. With the rule (orders n, hours h, share p) of the programme's chain in force when a use was placed, the
code has tripped at the moment t of a use when, among its uses placed from t - h hours to t, both ends included,

    uses >= n    and    100 * untouched >= p * uses

From the earliest such t on the code credits nobody, the order of that moment included, until a person releases it. The
formula looks at the set of uses alone, so it gives the same t for any order in which they become known.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from msgspec import Struct

from kernel.errors import DomainError
from kernel.ids import OrderId
from tracking.domain.attribution.case import CLOCK_TOLERANCE, Case
from tracking.domain.attribution.chain import CouponSiteRule
from tracking.domain.attribution.known import Known, codes_of
from tracking.domain.order import Order

_EVER: Final = datetime(1, 1, 1, tzinfo=UTC)


class AlertNotFound(DomainError):
    code = "unknown_alert"
    kind = "not_found"
    title = "There is no such alert"


class AlertSettled(DomainError):
    code = "alert_settled"
    kind = "conflict"
    title = "The alert was settled like this already"


class UnknownCode(DomainError):
    code = "unknown_code"
    kind = "not_found"
    title = "No advocate has this code"


class CodeNotExempt(DomainError):
    code = "code_not_exempt"
    kind = "not_found"
    title = "The code is not exempt"


class Use(Struct, frozen=True, kw_only=True):
    """One order that carries an advocate's code."""

    code: str
    order_id: OrderId
    placed_at: datetime
    touched: bool


class Watched(Struct, frozen=True, kw_only=True):
    """A code whose uses are to be counted again by `rule`: those placed from `since` on, and before `until` if any.

    `earliest` is the earliest use that is new or gone; `scan_from` is early enough for every window to be counted.
    """

    code: str
    rule: CouponSiteRule
    since: datetime
    until: datetime | None
    earliest: datetime
    scan_from: datetime


class Exemption(Struct, frozen=True, kw_only=True):
    """A code that strangers are meant to use, such as one on a poster: no rule looks at it until a person says so."""

    code: str
    reason: str
    by: str
    at: datetime


class Settled(Struct, frozen=True, kw_only=True):
    """What a person of the shop said about an alert, and why."""

    code: str
    state: Literal["blocked", "released"]
    reason: str
    by: str
    at: datetime


def tripped_at(uses: Iterable[Use], rule: CouponSiteRule) -> datetime | None:
    """The moment at which one code's uses trip the rule; None while they do not."""
    if not rule.on:
        return None
    window: deque[Use] = deque()
    untouched = 0
    ordered = sorted(uses, key=lambda use: use.placed_at)
    for place, use in enumerate(ordered):
        window.append(use)
        untouched += not use.touched
        if place + 1 < len(ordered) and ordered[place + 1].placed_at == use.placed_at:
            continue
        while window[0].placed_at < use.placed_at - timedelta(hours=rule.hours):
            untouched -= not window.popleft().touched
        if len(window) >= rule.orders and 100 * untouched >= rule.share_percent * len(window):
            return use.placed_at
    return None


def uses_of(orders: Iterable[Order], known: Known) -> list[Use]:
    """The uses of advocates' codes that these orders are. A code of a friend's claim is used by that friend: none."""
    found = []
    for order in orders:
        snapshot = order.facts.snapshot
        if snapshot is None or snapshot.test:
            continue
        codes = [code for code in dict.fromkeys(codes_of(snapshot)) if _an_advocates(code, known)]
        if codes:
            touched = _touched(Case(order, snapshot, known))
            found += [
                Use(code=code, order_id=order.order_id, placed_at=snapshot.placed_at, touched=touched) for code in codes
            ]
    return found


def to_watch(uses: Sequence[Use], known: Known) -> list[Watched]:
    """What has to be counted again because of these uses: their codes, by every rule in force since the earliest."""
    earliest: dict[str, datetime] = {}
    for use in uses:
        earliest[use.code] = min(use.placed_at, earliest.get(use.code, use.placed_at))
    watched = []
    for code, since in sorted(earliest.items()):
        if code not in known.advocates_by_code or known.is_exempt(code):
            continue
        programme_id = known.advocates_by_code[code][0].programme_id
        watched_from = known.exempt.get(code) or _EVER
        first = max(since, watched_from)
        changes = {chain.since for chain in known.chains.get(programme_id, ())}
        changes |= {rule.since for rule in known.site_rules}
        starts = [first, *sorted(change for change in changes if change > first)]
        for start, end in zip(starts, [*starts[1:], None], strict=True):
            rule = known.site_rule(programme_id, start)
            scan_from = max(start - timedelta(hours=rule.hours), watched_from)
            if rule.on:
                watched.append(
                    Watched(code=code, rule=rule, since=start, until=end, earliest=since, scan_from=scan_from)
                )
    return watched


def _an_advocates(code: str, known: Known) -> bool:
    return code in known.advocates_by_code and code not in known.claims_by_code


def _touched(case: Case) -> bool:
    latest = case.placed_at + CLOCK_TOLERANCE
    snapshot = case.snapshot
    clicks = (snapshot.click_id, *(hint.click_id for hint in case.hints))
    seen = (case.known.clicks.get(name) for name in clicks if name is not None)
    if any(click is not None and click.visitor == "person" and click.clicked_at <= latest for click in seen):
        return True
    named = (snapshot.claim_id, *(hint.claim_id for hint in case.hints))
    claims = [claim for name in named if name is not None and (claim := case.known.claims.get(name)) is not None]
    claims += case.known.claims_by_person.get(snapshot.person_id, ())
    return any(claim.claimed_at <= latest for claim in claims)
