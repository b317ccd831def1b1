"""The verdict on one order: what both sides earn by it, and why. A pure function of the facts."""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from kernel.ids import AdvocateId, OrderId, ProgrammeId
from referral.domain.advocate import Advocate
from referral.domain.facts import Claim, Order
from referral.domain.programme import History
from referral.domain.reasons import Check, Reason, Value, because
from referral.domain.terms import earned
from referral.events import Benefit, OfferTerms

Outcome = Literal["earns", "refused", "reversed"]
"""refused: the order never qualified. reversed: as ordered it did, and was undone since."""
Side = Literal["advocate", "friend"]
SIDES: tuple[Side, ...] = ("advocate", "friend")


class Verdict(Struct, frozen=True, kw_only=True):
    order_id: OrderId
    programme_id: ProgrammeId | None
    advocate_id: AdvocateId | None
    offer: OfferTerms | None
    outcome: Outcome
    reason: Reason
    """Why it earns nothing; for an order that earns, the advocate's reason."""
    checks: tuple[Check, ...]
    advocate_minor: int = 0
    friend_minor: int = 0
    friend_reason: Reason | None = None

    def earns(self, side: Side) -> int:
        return self.advocate_minor if side == "advocate" else self.friend_minor

    def why(self, side: Side) -> Reason:
        return self.reason if side == "advocate" or self.friend_reason is None else self.friend_reason


def judge(
    order: Order, *, history: History | None, advocate: Advocate | None, claim: Claim | None, test_mode: bool
) -> Verdict:
    """Judge an order by the rules, in order, until one fails. All conditions apply to what is left of the order."""
    case = _Case(order, history, advocate, claim, test_mode)
    checks: list[Check] = []
    for rule in _RULES:
        inputs, failure = rule(case)
        checks.append(Check(rule=rule.__name__.strip("_"), passed=failure is None, inputs=inputs))
        if failure is not None:
            code, outcome, facts = failure
            return _verdict(case, outcome, because(code, **facts), tuple(checks))
    return _earning(case, tuple(checks))


def outranked(verdict: Verdict, winner: OrderId) -> Verdict:
    """An order that would earn, were there not an earlier first order of the same friend."""
    check = Check(rule="only_first_order", passed=False, inputs={"counts_instead": str(winner)})
    return replace(
        verdict, outcome="refused", reason=because("not_first_order"), checks=(*verdict.checks, check),
        advocate_minor=0, friend_minor=0, friend_reason=None,
    )  # fmt: skip


class _Case:
    __slots__ = ("advocate", "claim", "history", "offer", "order", "test_mode")

    def __init__(
        self, order: Order, history: History | None, advocate: Advocate | None, claim: Claim | None, test_mode: bool
    ) -> None:
        self.order = order
        self.history = history
        self.advocate = advocate
        self.claim = claim
        self.test_mode = test_mode
        self.offer = _offer(order, history, claim)


def _offer(order: Order, history: History | None, claim: Claim | None) -> OfferTerms | None:
    if history is None:
        return None
    return history.offer_promised(claim.offer_version, claim.claimed_at) if claim else history.offer_at(order.placed_at)


_Failure = tuple[str, Outcome, dict[str, Value]]
_Answer = tuple[dict[str, Value], _Failure | None]


def _attributed(case: _Case) -> _Answer:
    failure: _Failure | None = ("not_attributed", "refused", {}) if case.order.programme_id is None else None
    return {"method": case.order.method}, failure


def _programme_known(case: _Case) -> _Answer:
    known = case.history is not None and case.offer is not None
    return {"programme_id": str(case.order.programme_id)}, None if known else ("unknown_programme", "refused", {})


def _advocate_known(case: _Case) -> _Answer:
    known = case.advocate is not None and case.advocate.programme_id == case.order.programme_id
    return {"advocate_id": str(case.order.advocate_id)}, None if known else ("unknown_advocate", "refused", {})


def _real_order(case: _Case) -> _Answer:
    refused = case.order.test and not case.test_mode
    return {"test_order": case.order.test, "test_shop": case.test_mode}, (
        ("test_order", "refused", {}) if refused else None
    )


def _not_oneself(case: _Case) -> _Answer:
    same_person = case.advocate is not None and case.advocate.person_id == case.order.person_id
    same_customer = case.advocate is not None and case.advocate.customer_id == case.order.customer_id
    inputs: dict[str, Value] = {"same_person": same_person, "same_customer": same_customer, "method": case.order.method}
    return inputs, ("self_referral", "refused", {}) if same_person or same_customer else None


def _programme_live(case: _Case) -> _Answer:
    live = case.history is not None and case.history.live_at(case.order.placed_at)
    return {"placed_at": case.order.placed_at.isoformat()}, None if live else ("programme_not_live", "refused", {})


def _same_currency(case: _Case) -> _Answer:
    asked = case.offer.currency if case.offer is not None else ""
    inputs: dict[str, Value] = {"order_currency": case.order.currency, "currency": asked}
    return inputs, None if asked == case.order.currency else ("wrong_currency", "refused", dict(inputs))


def _first_order(case: _Case) -> _Answer:
    asked = case.offer is not None and case.offer.first_order_only
    refused = asked and not case.order.first_order
    inputs: dict[str, Value] = {"first_order_only": asked, "first_order": case.order.first_order}
    return inputs, ("not_first_order", "refused", {}) if refused else None


def _minimum_as_ordered(case: _Case) -> _Answer:
    minimum, currency = _minimum(case)
    base = case.order.base_minor
    inputs: dict[str, Value] = {"base": base, "minimum": minimum, "currency": currency}
    if base >= minimum:
        return inputs, None
    return inputs, ("below_minimum", "refused", {"final": base, "minimum": minimum, "currency": currency})


def _not_cancelled(case: _Case) -> _Answer:
    return {"state": case.order.state}, ("order_cancelled", "reversed", {}) if case.order.state == "cancelled" else None


def _not_voided(case: _Case) -> _Answer:
    voided = case.order.payment == "voided"
    return {"payment": case.order.payment}, ("payment_voided", "reversed", {}) if voided else None


def _something_left(case: _Case) -> _Answer:
    order = case.order
    inputs: dict[str, Value] = {
        "base": order.base_minor, "final": order.final_base_minor, "charged_back": order.charged_back
    }  # fmt: skip
    if order.final_base_minor > 0:
        return inputs, None
    if order.base_minor > 0:
        return inputs, ("charged_back" if order.charged_back else "order_refunded", "reversed", {})
    return inputs, ("nothing_to_reward", "refused", {})


def _minimum_left(case: _Case) -> _Answer:
    minimum, currency = _minimum(case)
    inputs: dict[str, Value] = {"final": case.order.final_base_minor, "minimum": minimum, "currency": currency}
    failed = case.order.final_base_minor < minimum
    return inputs, ("below_minimum_after_refund", "reversed", dict(inputs)) if failed else None


def _minimum(case: _Case) -> tuple[int, str]:
    return (case.offer.minimum_order_minor, case.offer.currency) if case.offer is not None else (0, "")


_RULES = (
    _attributed, _programme_known, _advocate_known, _real_order, _not_oneself, _programme_live, _same_currency,
    _first_order, _minimum_as_ordered, _not_cancelled, _not_voided, _something_left, _minimum_left,
)  # fmt: skip


def _verdict(case: _Case, outcome: Outcome, reason: Reason, checks: tuple[Check, ...]) -> Verdict:
    return Verdict(
        order_id=case.order.order_id, programme_id=case.order.programme_id, advocate_id=case.order.advocate_id,
        offer=case.offer, outcome=outcome, reason=reason, checks=checks,
    )  # fmt: skip


def _earning(case: _Case, checks: tuple[Check, ...]) -> Verdict:
    offer, order = case.offer, case.order
    if offer is None:
        return _verdict(case, "refused", because("unknown_programme"), checks)
    advocate_minor = earned(offer.advocate_reward, order.final_base_minor, offer.currency)
    friend_minor = earned(offer.friend_deal, order.final_base_minor, offer.currency)
    if advocate_minor == 0 and friend_minor == 0:
        return _verdict(case, "refused", because("nothing_to_reward"), checks)
    return replace(
        _verdict(case, "earns", _why_earned(offer.advocate_reward, advocate_minor, case), checks),
        advocate_minor=advocate_minor,
        friend_minor=friend_minor,
        friend_reason=_why_earned(offer.friend_deal, friend_minor, case),
    )


def _why_earned(benefit: Benefit, amount: int, case: _Case) -> Reason:
    order = case.order
    start = "partly_refunded" if order.final_base_minor < order.base_minor else "earned"
    if benefit.kind == "fixed":
        return because(f"{start}_fixed", amount=amount, final=order.final_base_minor, currency=order.currency)
    facts: dict[str, Value] = {
        "amount": amount, "share": benefit.basis_points, "final": order.final_base_minor, "currency": order.currency
    }  # fmt: skip
    if benefit.cap_minor is not None and amount >= benefit.cap_minor:
        return because(f"{start}_capped", cap=benefit.cap_minor, **facts)
    return because(f"{start}_percent", **facts)
