"""Programmes, advocates, orders and claims for tests, with what matters to a test as arguments."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from kernel.ids import AdvocateId, CustomerId, OfferId, PersonId, ProgrammeId, ShopId
from referral.domain.advocate import Advocate
from referral.domain.facts import Claim, Order
from referral.domain.programme import History, Offer, Programme, Span
from referral.domain.terms import Terms
from referral.events import Benefit

SPACE = UUID("018f0000-0000-7000-8000-000000000000")
START = datetime(2026, 1, 1, tzinfo=UTC)


def named(what: str) -> Any:
    """The same id for the same words."""
    return uuid5(SPACE, what)


SHOP = ShopId(named("shop"))
PROGRAMME = ProgrammeId(named("programme"))


def percent(basis_points: int, cap_minor: int | None = None) -> Benefit:
    return Benefit(kind="percent", basis_points=basis_points, cap_minor=cap_minor)


def fixed(amount_minor: int) -> Benefit:
    return Benefit(kind="fixed", amount_minor=amount_minor)


def terms(**changes: Any) -> Terms:
    usual: dict[str, Any] = {
        "currency": "EUR", "friend_deal": fixed(1000), "advocate_reward": percent(1000, 2500),
        "minimum_order_minor": 4000, "first_order_only": True, "hold_days": 14,
    }  # fmt: skip
    return Terms(**(usual | changes))


def history(*versions: tuple[datetime, Terms], spans: tuple[tuple[datetime, str], ...] = ()) -> History:
    given = versions or ((START, terms()),)
    states: Any = spans or ((given[0][0], "live"),)
    return History(
        programme_id=PROGRAMME,
        offers=tuple(
            Offer(terms=each.as_offer(OfferId(named(f"offer {n}")), n), launched_at=at)
            for n, (at, each) in enumerate(given, 1)
        ),
        spans=tuple(Span(revision=n, state=state, since=at) for n, (at, state) in enumerate(states, 1)),
    )


def programme(**changes: Any) -> Programme:
    drafted, _ = Programme.draft(
        shop_id=SHOP, programme_id=PROGRAMME, offer_id=OfferId(named("offer 1")), title="Friends",
        terms=terms(**changes), at=START,
    )  # fmt: skip
    return drafted


def advocate(name: str = "Ada") -> Advocate:
    return Advocate(
        shop_id=SHOP, advocate_id=AdvocateId(named(f"advocate {name}")), programme_id=PROGRAMME,
        customer_id=CustomerId(named(f"customer {name}")), person_id=PersonId(named(f"person {name}")),
        code="7K2M9QX0", link_code="7k2m9qx04t", enrolled_at=START,
    )  # fmt: skip


def order(name: str = "Ben", *, number: int = 1, credited_to: str | None = "Ada", **changes: Any) -> Order:
    credited: dict[str, Any] = {}
    if credited_to is not None:
        credited = {
            "programme_id": PROGRAMME, "advocate_id": named(f"advocate {credited_to}"), "method": "coupon_code"
        }  # fmt: skip
    usual: dict[str, Any] = {
        "order_id": named(f"order {number}"), "revision": 1, "number": f"#{number}",
        "placed_at": START + timedelta(days=1, minutes=number), "state": "open", "payment": "paid", "test": False,
        "currency": "EUR", "total_minor": 14280, "base_minor": 12000, "final_base_minor": 12000,
        "customer_id": named(f"customer {name}"), "person_id": named(f"person {name}"), "first_order": True,
    }  # fmt: skip
    return Order(**(usual | credited | changes))


def claim(name: str = "Ben", *, of: str = "Ada", number: int = 1, at: datetime = START, **changes: Any) -> Claim:
    usual: dict[str, Any] = {
        "claim_id": named(f"claim {number}"), "programme_id": PROGRAMME, "advocate_id": named(f"advocate {of}"),
        "friend_id": named(f"customer {name}"), "person_id": named(f"person {name}"), "claimed_at": at,
        "expires_at": at + timedelta(days=30),
    }  # fmt: skip
    return Claim(**(usual | changes))
