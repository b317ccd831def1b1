"""Orders as a join-semilattice: whatever order facts arrive in, and however often, the same state comes out.

An order's facts are a snapshot (the newest wins), refunds and disputes (sets by id, of each the latest version), a
cancellation (the earliest), a deletion (the latest) and names. All else is computed from what `OrderFacts.merge` gives.
"""

from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Any, Literal, NamedTuple, Self, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from kernel.ids import ClaimId, ClickId, CustomerId, OrderId, PersonId
from tracking.domain import standing
from tracking.domain.decision import Decided
from tracking.domain.parts import part, without_tax
from tracking.domain.signs import Signs

DisputeState = Literal["open", "won", "lost"]
"""won: the shop kept the money, or the dispute was dropped."""
DISPUTE_RANK: dict[str, int] = {"open": 0, "won": 1, "lost": 2}
_encode = msgspec.json.Encoder().encode
T = TypeVar("T")


class OrderKey(NamedTuple):
    """How the outside names an order. `platform` is "own" for our own order format, by webhook and API."""

    platform: str
    external_id: str


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. `net_minor` is its whole amount after discounts and without tax; `tax_minor` the tax on it."""

    line_id: str
    quantity: int
    net_minor: int
    tax_minor: int = 0
    discount_minor: int = 0
    """What was taken off already, as the shop counts it: with tax where its prices hold the tax."""
    sku: str = ""


class Snapshot(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The order as the platform showed it at `updated_at`.

    The lines' net and tax, the shipping and its tax, and what the platform adds besides (`other_minor`: fees, tips,
    rounding, gift cards used) make `total_minor` exactly.
    """

    updated_at: datetime
    number: str
    placed_at: datetime
    currency: str
    total_minor: int
    lines: tuple[Line, ...]
    payment: standing.Payment
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
    tax_included: bool = False
    """The shop's prices hold the tax."""
    shipping_minor: int = 0
    """Shipping without tax."""
    shipping_tax_minor: int = 0
    discount_minor: int = 0
    """Of the whole order, shipping included, as the shop counts it."""
    fulfilment: standing.Fulfilment = "unknown"
    fulfilled_at: datetime | None = None
    """When the first goods left, where the platform says so."""
    told_at: datetime | None = None
    """When the shop told it, where it does not say since when it is so: then `updated_at` is when it was placed."""
    cancelled_at: datetime | None = None
    """For platforms that can take a cancellation back: a newer snapshot without it does."""
    attributes: tuple[tuple[str, str], ...] = ()
    """What the storefront wrote on the order for us, and campaign codes; nothing else, as that may be personal."""
    signs: Signs | None = None
    payment_at: datetime | None = None
    """When the payment was last heard of, where not every message tells; None: at `updated_at`. See `standing`."""
    fulfilment_at: datetime | None = None
    asked_milli: int = 0
    """The total in thousandths of the currency that the buyer was asked for, if that is not the shop's."""
    refunds_shown: tuple[str, ...] | None = None
    """The ids of all refunds, on platforms that show all with the order: what is no longer shown was taken back."""

    @property
    def other_minor(self) -> int:
        goods = sum(line.net_minor + line.tax_minor for line in self.lines)
        return self.total_minor - goods - self.shipping_minor - self.shipping_tax_minor

    def rank(self) -> tuple[Any, ...]:
        """Orders snapshots totally: newest first, then told last, then cancelled, then any fixed order of contents."""
        told_at = self.told_at or self.updated_at
        return self.updated_at, told_at, self.cancelled_at is not None, _encode(standing.without_words(self))


class RefundedLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`net_minor` counts only when the order's snapshot does not show the line."""

    line_id: str
    quantity: int
    net_minor: int = 0


class Refund(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Money paid back: whole, by line, by an amount without tax (`net_minor`) or with it (`gross_minor`)."""

    refund_id: str
    whole: bool = False
    lines: tuple[RefundedLine, ...] = ()
    net_minor: int = 0
    gross_minor: int = 0
    asked_milli: int = 0
    """An amount with tax, in thousandths of the currency that the buyer was asked for. It waits for the order."""
    version: int = 0
    """Of two reports of one refund the higher version counts."""
    withdrawn: bool = False
    """It failed or was taken back: no money moved."""

    def rank(self) -> tuple[Any, ...]:
        return self.version, _encode(self)


class Dispute(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A chargeback as it stood at `at`. Only a lost one changes what is left of the order: nothing is."""

    dispute_id: str
    state: DisputeState
    at: datetime
    gross_minor: int = 0
    """What the bank took or may take, with tax."""
    reason: str = ""
    """The platform's word for it."""

    def rank(self) -> tuple[Any, ...]:
        return self.at, DISPUTE_RANK[self.state], _encode(self)


class OrderFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is known of one order. `snapshot` is None while only a refund or the like has arrived."""

    snapshot: Snapshot | None = None
    refunds: tuple[Refund, ...] = ()
    cancelled_at: datetime | None = None
    """Cancelled for good."""
    disputes: tuple[Dispute, ...] = ()
    gone_at: datetime | None = None
    """When the platform last said that it deleted the order."""
    also: tuple[str, ...] = ()
    """Other names of the order on its platform. See `namesakes`."""

    def merge(self, other: Self) -> Self:
        """The least state that holds both. Commutative, associative and idempotent."""
        return type(self)(
            snapshot=_newest(self.snapshot, other.snapshot),
            refunds=_union(self.refunds, other.refunds, attrgetter("refund_id"), Refund.rank),
            cancelled_at=min(filter(None, (self.cancelled_at, other.cancelled_at)), default=None),
            disputes=_union(self.disputes, other.disputes, attrgetter("dispute_id"), Dispute.rank),
            gone_at=max(filter(None, (self.gone_at, other.gone_at)), default=None),
            also=tuple(sorted({*self.also, *other.also})) if other.also else self.also,
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
        return cancelled_at(self.facts) is not None

    @property
    def sort_key(self) -> str:
        """Breaks ties between orders placed at the same moment, the same way whatever order they arrived in."""
        return f"{self.key.platform}:{self.key.external_id}"


def cancelled_at(facts: OrderFacts) -> datetime | None:
    """Since when the order is cancelled. Deleted counts as cancelled until the order shows up again (a newer snapshot),
    and not at all when its goods had left: shops delete old orders to keep their records small."""
    snapshot, gone_at = facts.snapshot, facts.gone_at
    if snapshot is None:
        return min(filter(None, (facts.cancelled_at, gone_at)), default=None)
    if gone_at is not None and (snapshot.updated_at > gone_at or snapshot.fulfilment in {"fulfilled", "returned"}):
        gone_at = None
    return min(filter(None, (facts.cancelled_at, snapshot.cancelled_at, gone_at)), default=None)


def disputed(facts: OrderFacts) -> DisputeState | None:
    """The disputes in a word: lost when one is, else open when one is, else won; None without any."""
    worst: tuple[DisputeState, ...] = ("lost", "open", "won")
    states = {dispute.state for dispute in facts.disputes}
    return next((state for state in worst if state in states), None)


def unknown_lines(facts: OrderFacts) -> list[str]:
    """Lines that refunds name and the order does not show, in the refunds' order."""
    known = {line.line_id for line in facts.snapshot.lines} if facts.snapshot else set()
    named = (line.line_id for refund in facts.refunds for line in refund.lines)
    return list(dict.fromkeys(line_id for line_id in named if line_id not in known))


def amounts(facts: OrderFacts) -> Amounts:
    """The base as ordered, and what is left of it: base minus refunds, and nothing once the order was cancelled,
    voided, all paid back or charged back for good."""
    snapshot = facts.snapshot
    if snapshot is None:
        return Amounts(0, 0)
    base = sum(line.net_minor for line in snapshot.lines)
    gone = snapshot.payment == "voided" or snapshot.refunded or cancelled_at(facts) is not None
    if gone or any(dispute.state == "lost" for dispute in facts.disputes):
        return Amounts(base, 0)
    refunds = [refund for refund in refunds_of(facts) if not refund.withdrawn]
    if any(refund.whole for refund in refunds):
        return Amounts(base, 0)
    return Amounts(base, max(0, min(base, base - _refunded(snapshot, refunds, base))))


def refunds_of(facts: OrderFacts) -> tuple[Refund, ...]:
    """The refunds as they stand: what came with an order (so it has a version) and is no longer shown is withdrawn."""
    shown = facts.snapshot.refunds_shown if facts.snapshot else None
    if shown is None:
        return facts.refunds
    return tuple(
        replace(each, withdrawn=True) if each.version and each.refund_id not in shown else each
        for each in facts.refunds
    )


def gross_of(refund: Refund, snapshot: Snapshot) -> int:
    """The refund's amount with tax; one in the buyer's currency at the rate of the order."""
    total = snapshot.asked_milli
    return refund.gross_minor + part(min(refund.asked_milli, total), snapshot.total_minor, total or 1)


def _refunded(snapshot: Snapshot, refunds: list[Refund], base: int) -> int:
    quantities: dict[str, int] = {}
    loose = 0
    known = {line.line_id: line for line in snapshot.lines}
    for refund in refunds:
        loose += refund.net_minor
        for line in refund.lines:
            if line.line_id in known:
                quantities[line.line_id] = quantities.get(line.line_id, 0) + line.quantity
            else:
                loose += line.net_minor
    by_line = sum(_share(known[line_id], quantity) for line_id, quantity in quantities.items())
    gross = sum(gross_of(refund, snapshot) for refund in refunds)
    return by_line + loose + without_tax(gross, base, sum(line.tax_minor for line in snapshot.lines))


def _share(line: Line, quantity: int) -> int:
    """The part of the line that `quantity` pieces make in all, rounded half up once: several refunds add up exactly."""
    if quantity >= max(1, line.quantity):
        return line.net_minor
    return part(line.net_minor, quantity, line.quantity or 1)


def _newest(one: Snapshot | None, other: Snapshot | None) -> Snapshot | None:
    if one is None or other is None:
        return one or other
    key: Callable[[Snapshot], Any] = Snapshot.rank if one.updated_at == other.updated_at else attrgetter("updated_at")
    older, newer = sorted((one, other), key=key)
    return standing.with_words(newer, older)


def _union(
    one: tuple[T, ...], other: tuple[T, ...], name: Callable[[T], str], rank: Callable[[T], tuple[Any, ...]]
) -> tuple[T, ...]:
    """Both sets by name, sorted; of two versions the one that ranks higher."""
    if not one or not other or one == other:
        return one or other
    merged = {name(each): each for each in one}
    for each in other:
        merged[name(each)] = max(merged.get(name(each), each), each, key=rank)
    return tuple(merged[key] for key in sorted(merged))
