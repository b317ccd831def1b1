"""Who gets the order: each programme's chain gives its candidate, the shop's rule decides between programmes.

A pure function of the order and of what is known; run again when more becomes known, in whatever order that comes.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from tracking.domain.attribution import marks, people
from tracking.domain.attribution.case import Case, Found, lost
from tracking.domain.attribution.chain import DEFAULT_PLAN, DEFAULT_VERSION, ConflictRule, Plan, TouchRule
from tracking.domain.attribution.known import Known, in_words
from tracking.domain.attribution.rules import policy_at
from tracking.domain.decision import METHODS, ChainUsed, Decided, Loser, Method, Touch
from tracking.domain.order import Order, Snapshot

FINDERS: Final[Mapping[Method, Callable[[Case], Iterator[Found]]]] = {
    "manual": marks.manual,
    "signed_claim": marks.signed_claim,
    "coupon_code": marks.coupon_code,
    "click_id": marks.click_id,
    "cookie": marks.cookie,
    "friend_email": people.friend_email,
    "phone": people.phone,
    "refer_by_name": people.refer_by_name,
    "invite_code": people.invite_code,
    "campaign_utm": people.campaign_utm,
    "same_address": people.same_address,
}
IN_WORDS: Final[Mapping[Method, str]] = {
    "manual": "credit given by hand",
    "signed_claim": "claimed deal",
    "coupon_code": "coupon code",
    "click_id": "click",
    "cookie": "the browser's memory",
    "friend_email": "the friend's e-mail address",
    "phone": "the friend's telephone number",
    "refer_by_name": "the name that the friend gave",
    "invite_code": "invite code",
    "campaign_utm": "campaign",
    "same_address": "the same internet address",
}
_PLACE: Final = {method: place for place, method in enumerate(METHODS)}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
CONFLICT: Final = "The order points to several at once, and the rule is to credit nobody then."


def attribute(order: Order, known: Known) -> Decided:
    """Decide one order. One that is not known by a snapshot is nobody's."""
    snapshot = order.facts.snapshot
    if snapshot is None:
        return Decided(chain=DEFAULT_VERSION)
    touches, losers = _found(Case(order, snapshot, known))
    found: list[Found] = [*touches, *losers]
    pointed_at = {each.programme_id for each in found if each.programme_id is not None}
    plans = {programme: known.plan(programme, snapshot.placed_at) for programme in sorted(pointed_at)}
    winner, refused = _by_hand(touches), set()
    if winner is None:
        candidates = {
            programme: _candidate([touch for touch in touches if touch.programme_id == programme], plans[programme][1])
            for programme in {touch.programme_id for touch in touches}
        }
        refused = {programme for programme, candidate in candidates.items() if candidate is None}
        standing = [touch for touch in touches if touch is candidates[touch.programme_id]]
        winner = _between(standing, known, snapshot)
    losers.extend(
        _outranked(touch, winner) if winner and touch.programme_id not in refused else lost(touch, "conflict", CONFLICT)
        for touch in touches
        if touch is not winner
    )
    losers.sort(key=lambda loser: _PLACE[loser.method])
    return Decided(
        chain=plans[winner.programme_id][0] if winner else max((v for v, _ in plans.values()), default=DEFAULT_VERSION),
        winner=winner,
        losers=tuple(losers),
        chains=tuple(ChainUsed(programme, version) for programme, (version, _) in plans.items()),
    )


def _found(case: Case) -> tuple[list[Touch], list[Loser]]:
    """Every touch that its programme's chain lets count, in the order found; the others as losers."""
    touches: list[Touch] = []
    losers: list[Loser] = []
    used = _methods(case)
    for method in METHODS:
        for each in FINDERS[method](case) if method in used else ():
            plan = case.known.plan(each.programme_id, case.placed_at)[1] if each.programme_id else None
            step = plan.step(method) if plan is not None else None
            if isinstance(each, Loser):
                if plan is None or (step is not None and step.on):
                    losers.append(each)
            elif step is None:
                continue
            elif not step.on:
                losers.append(lost(each, "switched_off", "The programme's chain has this kind of sign switched off."))
            elif step.window is not None and case.placed_at - each.touched_at > step.window:
                reason = f"It happened more than {in_words(step.window)} before the order."
                losers.append(lost(each, "out_of_window", reason))
            else:
                touches.append(each)
    return touches, losers


def _methods(case: Case) -> set[Method]:
    """The methods that any programme's chain uses, and those of the default, which all others have."""
    methods = {step.method for step in DEFAULT_PLAN.steps}
    for programme in case.known.chains:
        methods.update(step.method for step in case.known.plan(programme, case.placed_at)[1].steps)
    return methods


def _by_hand(touches: Sequence[Touch]) -> Touch | None:
    """What a person of the shop said stands above every chain."""
    return next((touch for touch in touches if touch.method == "manual"), None)


def _candidate(touches: Sequence[Touch], plan: Plan) -> Touch | None:
    """Whom one programme's chain would credit; None when it refuses to choose."""
    ordered = _ordered(touches, plan.rank, plan.touch)
    return _settled(ordered, plan.conflict, lambda touch: (touch.advocate_id, touch.campaign))


def _between(candidates: Sequence[Touch], known: Known, snapshot: Snapshot) -> Touch | None:
    """Which programme's candidate gets the order, by the rule of the shop."""
    conflict, touch_rule = policy_at(known.policies, snapshot.placed_at)
    ordered = _ordered(candidates, _PLACE.__getitem__, touch_rule)
    return _settled(ordered, conflict, lambda touch: touch.programme_id)


def _ordered(touches: Iterable[Touch], rank: Callable[[Method], int], rule: TouchRule) -> list[Touch]:
    """The surest method first; of one method the first or the last touch. Codes typed at checkout were typed at one
    moment and count in the order in which they stand there."""
    sign = 1 if rule == "first" else -1

    def place(numbered: tuple[int, Touch]) -> tuple[int, float, int]:
        number, touch = numbered
        at = 0.0 if touch.method == "coupon_code" else sign * (touch.touched_at - _EPOCH).total_seconds()
        return rank(touch.method), at, number

    return [touch for _, touch in sorted(enumerate(touches), key=place)]


def _settled(ordered: Sequence[Touch], rule: ConflictRule, party: Callable[[Touch], Hashable]) -> Touch | None:
    """The first of the touches, unless they point at several parties and the rule says otherwise."""
    if not ordered or rule == "chain_order" or len({party(touch) for touch in ordered}) == 1:
        return ordered[0] if ordered else None
    return max(ordered, key=lambda touch: touch.touched_at) if rule == "newest_touch" else None


def _outranked(touch: Touch, winner: Touch) -> Loser:
    first = "Something else" if winner.method != touch.method else "Another one of its kind"
    return lost(touch, "outranked", f"{first} counted first: {IN_WORDS[winner.method]}.")
