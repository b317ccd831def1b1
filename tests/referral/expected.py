"""What final orders must earn, written a second time and as plainly as possible; and changes that orders go through."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from referral.domain.facts import Claim, Order
from referral.domain.terms import Terms
from referral.events import Benefit
from tests.referral.made import PROGRAMME, named

Fact = Order | Claim
Versions = Sequence[tuple[datetime, Terms]]


def expected(
    orders: Sequence[Order], claims: Sequence[Claim], versions: Versions
) -> dict[tuple[UUID, str], tuple[UUID, int]]:
    """Advocate and amount by (order, side), from the final orders alone."""
    wanted: dict[tuple[UUID, str], tuple[UUID, int]] = {}
    taken: set[UUID] = set()
    for order in sorted(orders, key=lambda each: (each.placed_at, each.order_id)):
        if order.programme_id is None or order.advocate_id is None or order.person_id in taken:
            continue
        terms = _terms(order, claims, versions)
        if not _qualifies(order, terms):
            continue
        taken.add(order.person_id)
        for side, benefit in (("advocate", terms.advocate_reward), ("friend", terms.friend_deal)):
            amount = _amount(benefit, order.final_base_minor)
            if amount:
                wanted[order.order_id, side] = (order.advocate_id, amount)
    return wanted


def _qualifies(order: Order, terms: Terms) -> bool:
    return (
        order.state == "open"
        and order.payment != "voided"
        and order.first_order
        and order.person_id != named(f"person {_name(order)}")
        and order.base_minor >= terms.minimum_order_minor
        and order.final_base_minor >= max(terms.minimum_order_minor, 1)
    )


def _name(order: Order) -> str:
    return next(name for name in ("Ada", "Cleo") if named(f"advocate {name}") == order.advocate_id)


def _terms(order: Order, claims: Sequence[Claim], versions: Versions) -> Terms:
    mine = [
        claim.claimed_at
        for claim in claims
        if (claim.person_id, claim.advocate_id) == (order.person_id, order.advocate_id)
        and claim.claimed_at <= order.placed_at < claim.expires_at
    ]
    moment = min(mine, default=order.placed_at)
    return next((terms for at, terms in reversed(list(versions)) if at <= moment), versions[0][1])


def _amount(benefit: Benefit, base: int) -> int:
    if benefit.kind == "fixed":
        return benefit.amount_minor
    share = (Decimal(base) * benefit.basis_points / 10_000).to_integral_value(ROUND_HALF_UP)
    return min(int(share), benefit.cap_minor or int(share))


def revisions(advocates: Sequence[str]) -> st.SearchStrategy[dict[str, Any]]:
    """What may happen to an order."""
    credited = [
        {"programme_id": PROGRAMME, "advocate_id": named(f"advocate {name}"), "method": "coupon_code"}
        for name in advocates
    ]
    return st.one_of(
        st.sampled_from([0, 100, 3999, 4000, 6000, 6005, 11999, 12000]).map(lambda left: {"final_base_minor": left}),
        st.sampled_from(["open", "cancelled"]).map(lambda state: {"state": state}),
        st.sampled_from(["pending", "paid", "voided"]).map(lambda payment: {"payment": payment}),
        st.booleans().map(lambda first: {"first_order": first}),
        st.sampled_from([*credited, {"programme_id": None, "advocate_id": None, "method": None}]),
    )


def orders_of(facts: Sequence[Fact]) -> list[Order]:
    return [fact for fact in facts if isinstance(fact, Order)]


def claims_of(facts: Sequence[Fact]) -> list[Claim]:
    return [fact for fact in facts if isinstance(fact, Claim)]


def days(count: int) -> timedelta:
    return timedelta(days=count)
