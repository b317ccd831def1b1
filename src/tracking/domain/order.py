"""Orders as a join-semilattice: whatever order facts arrive in, and however often, the same state comes out.

An order's facts are a snapshot (the newest wins), refunds (a set by refund id) and a cancellation (the earliest).
`OrderFacts.merge` is commutative, associative and idempotent; everything else is computed from its result.
"""

from datetime import datetime
from typing import Literal, NamedTuple, Self

import msgspec
from msgspec import Struct

from kernel.ids import ClaimId, ClickId, CustomerId, OrderId, PersonId
from kernel.money import LIMIT
from tracking.domain.decision import Decided

Payment = Literal["pending", "paid", "voided"]
PAYMENT_RANK: dict[str, int] = {"pending": 0, "paid": 1, "voided": 2}
_encode = msgspec.json.Encoder().encode


class OrderKey(NamedTuple):
    """How the outside names an order. `platform` is "shopify", or "own" for our own order format by webhook and API."""

    platform: str
    external_id: str


class Line(Struct, frozen=True, kw_only=True):
    """One line. `net_minor` is its whole amount after discounts and without tax; `tax_minor` the tax on it."""

    line_id: str
    quantity: int
    net_minor: int
    tax_minor: int = 0


class Snapshot(Struct, frozen=True, kw_only=True):
    """The order as the platform showed it at `updated_at`."""

    updated_at: datetime
    number: str
    placed_at: datetime
    currency: str
    total_minor: int
    lines: tuple[Line, ...]
    payment: Payment
    refunded: bool = False
    """The platform says that everything was paid back."""
    test: bool = False
    codes: tuple[str, ...] = ()
    """Coupon codes as typed."""
    claim_id: ClaimId | None = None
    click_id: ClickId | None = None
    bad_claim: bool = False
    """The order carried a claim token that is forged, cut or expired."""
    bad_click: bool = False
    customer_id: CustomerId
    person_id: PersonId

    def rank(self) -> tuple[datetime, int, bool, bytes]:
        """Orders snapshots totally: newest first, then the further payment, then any fixed order of contents."""
        return self.updated_at, PAYMENT_RANK[self.payment], self.refunded, _encode(self)


class RefundedLine(Struct, frozen=True, kw_only=True):
    """`net_minor` counts only when the order's snapshot does not show the line."""

    line_id: str
    quantity: int
    net_minor: int = 0


class Refund(Struct, frozen=True, kw_only=True):
    """Money paid back: whole, by line, by an amount without tax (`net_minor`) or with it (`gross_minor`)."""

    refund_id: str
    whole: bool = False
    lines: tuple[RefundedLine, ...] = ()
    net_minor: int = 0
    gross_minor: int = 0


class OrderFacts(Struct, frozen=True, kw_only=True):
    """All that is known of one order. `snapshot` is None while only a refund or a cancellation has arrived."""

    snapshot: Snapshot | None = None
    refunds: tuple[Refund, ...] = ()
    cancelled_at: datetime | None = None

    def merge(self, other: Self) -> Self:
        """The least state that holds both."""
        return type(self)(
            snapshot=_newest(self.snapshot, other.snapshot),
            refunds=_union(self.refunds, other.refunds),
            cancelled_at=min(filter(None, (self.cancelled_at, other.cancelled_at)), default=None),
        )


class Amounts(NamedTuple):
    base_minor: int
    final_base_minor: int


class Order(Struct, frozen=True, kw_only=True):
    """One order of a shop. `revision` is 0 until the order itself is known, then rises with every visible change."""

    order_id: OrderId
    key: OrderKey
    facts: OrderFacts
    revision: int = 0
    first_order: bool = False
    decided: Decided | None = None

    @property
    def cancelled(self) -> bool:
        return self.facts.cancelled_at is not None

    @property
    def sort_key(self) -> str:
        """Breaks ties between orders placed at the same moment, the same way whatever order they arrived in."""
        return f"{self.key.platform}:{self.key.external_id}"


def amounts(facts: OrderFacts) -> Amounts:
    """The base as ordered, and what is left of it: base minus refunds, zero once cancelled, voided or all paid back."""
    snapshot = facts.snapshot
    if snapshot is None:
        return Amounts(0, 0)
    base = sum(line.net_minor for line in snapshot.lines)
    gone = facts.cancelled_at is not None or snapshot.payment == "voided" or snapshot.refunded
    if gone or any(refund.whole for refund in facts.refunds):
        return Amounts(base, 0)
    return Amounts(base, max(0, min(base, base - _refunded(snapshot, facts.refunds, base))))


def _refunded(snapshot: Snapshot, refunds: tuple[Refund, ...], base: int) -> int:
    quantities: dict[str, int] = {}
    loose = 0
    known = {line.line_id: line for line in snapshot.lines}
    for refund in refunds:
        loose += refund.net_minor
        for part in refund.lines:
            if part.line_id in known:
                quantities[part.line_id] = quantities.get(part.line_id, 0) + part.quantity
            else:
                loose += part.net_minor
    by_line = sum(_share(known[line_id], quantity) for line_id, quantity in quantities.items())
    gross = sum(refund.gross_minor for refund in refunds)
    return by_line + loose + _without_tax(gross, base, sum(line.tax_minor for line in snapshot.lines))


def _share(line: Line, quantity: int) -> int:
    """The part of the line that `quantity` pieces make in all, rounded half up once: several refunds add up exactly."""
    if quantity >= line.quantity:
        return line.net_minor
    return (2 * line.net_minor * quantity + line.quantity) // (2 * line.quantity)


def _without_tax(gross_minor: int, base: int, tax: int) -> int:
    """The net part of a gross amount, at the order's average rate, rounded half up."""
    whole = base + tax
    if tax == 0 or whole <= 0:
        return gross_minor
    part, rest = divmod(abs(gross_minor) * base, whole)
    part += 2 * rest >= whole
    return part if gross_minor >= 0 else -part


def _newest(one: Snapshot | None, other: Snapshot | None) -> Snapshot | None:
    if one is None or other is None:
        return one or other
    if one.updated_at != other.updated_at:
        return one if one.updated_at > other.updated_at else other
    return max(one, other, key=Snapshot.rank)


def _union(one: tuple[Refund, ...], other: tuple[Refund, ...]) -> tuple[Refund, ...]:
    if not one or not other or one == other:
        return one or other
    merged = {refund.refund_id: refund for refund in one}
    for refund in other:
        present = merged.get(refund.refund_id, refund)
        merged[refund.refund_id] = max(present, refund, key=_encode)
    return tuple(merged[refund_id] for refund_id in sorted(merged))


def within_limit(*amounts_minor: int) -> bool:
    """True when all amounts are zero or more and below the kernel's limit."""
    return all(0 <= amount <= LIMIT for amount in amounts_minor)
