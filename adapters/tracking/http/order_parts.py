"""What an order consists of, as the API shows it: its lines and sums, what went out, what came back."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta

from adapters.shared.http.bodies import Answer, MoneyBody
from tracking.domain.order import OrderFacts, Refund, Snapshot, disputed, gross_of, refunds_of, unknown_lines
from tracking.domain.refunds import refunded_beyond


class OrderLineAnswer(Answer, frozen=True, kw_only=True):
    line_id: str
    sku: str
    quantity: int
    net: MoneyBody
    """The whole line after discounts, without tax."""
    tax: MoneyBody
    discount: MoneyBody
    """What was taken off already."""


class RefundAnswer(Answer, frozen=True, kw_only=True):
    refund_id: str
    whole: bool
    line_ids: list[str]
    unknown_line_ids: list[str]
    """Those of them that the order does not show: they take nothing off, unless the platform said an amount."""
    net: MoneyBody
    """An amount without tax, besides the lines."""
    gross: MoneyBody
    """An amount with tax, besides the lines."""
    withdrawn: bool
    """It failed or was taken back, and counts no more."""


class DisputeAnswer(Answer, frozen=True, kw_only=True):
    """A chargeback. While it is open nothing is held back; once lost, nothing of the order is left."""

    dispute_id: str
    state: Literal["open", "won", "lost"]
    amount: MoneyBody
    reason: Annotated[str, Meta(examples=["fraudulent"])]
    at: datetime


class OrderParts(Answer, frozen=True, kw_only=True):
    """`lines`, `shipping`, `shipping_tax` and `other` make the total exactly."""

    lines: list[OrderLineAnswer]
    tax_included: bool
    """The shop's prices hold the tax; so do the discounts then."""
    shipping: MoneyBody
    shipping_tax: MoneyBody
    discount: MoneyBody
    other: MoneyBody
    """Fees, tips, rounding, gift cards used."""
    coupon_codes: list[str]
    attributes: dict[str, str]
    """What the storefront wrote on the order for us, and campaign codes."""
    fulfilment: Literal["unknown", "open", "partial", "fulfilled", "returned"]
    fulfilled_at: datetime | None
    refunds: list[RefundAnswer]
    refunded_beyond: MoneyBody
    """What the refunds come to, with tax, beyond the order's total. It takes nothing more off; above zero, a refund is
    most likely wrong, or another order's."""
    dispute: Literal["open", "won", "lost"] | None
    disputes: list[DisputeAnswer]


def order_parts(facts: OrderFacts, money: Callable[[int], MoneyBody]) -> dict[str, Any]:
    """The fields of `OrderParts`. The order is one that is known by a snapshot."""
    snapshot = facts.snapshot
    if snapshot is None:
        raise ValueError("an order without a snapshot is not shown")
    unknown = set(unknown_lines(facts))
    return _snapshot(snapshot, money) | {
        "refunds": [_refund(refund, snapshot, unknown, money) for refund in refunds_of(facts)],
        "refunded_beyond": money(refunded_beyond(facts)),
        "dispute": disputed(facts),
        "disputes": [
            DisputeAnswer(
                dispute_id=dispute.dispute_id,
                state=dispute.state,
                amount=money(dispute.gross_minor),
                reason=dispute.reason,
                at=dispute.at,
            )
            for dispute in facts.disputes
        ],
    }


def _snapshot(snapshot: Snapshot, money: Callable[[int], MoneyBody]) -> dict[str, Any]:
    return {
        "lines": [
            OrderLineAnswer(
                line_id=line.line_id,
                sku=line.sku,
                quantity=line.quantity,
                net=money(line.net_minor),
                tax=money(line.tax_minor),
                discount=money(line.discount_minor),
            )
            for line in snapshot.lines
        ],
        "tax_included": snapshot.tax_included,
        "shipping": money(snapshot.shipping_minor),
        "shipping_tax": money(snapshot.shipping_tax_minor),
        "discount": money(snapshot.discount_minor),
        "other": money(snapshot.other_minor),
        "coupon_codes": list(snapshot.codes),
        "attributes": dict(snapshot.attributes),
        "fulfilment": snapshot.fulfilment,
        "fulfilled_at": snapshot.fulfilled_at,
    }


def _refund(refund: Refund, snapshot: Snapshot, unknown: set[str], money: Callable[[int], MoneyBody]) -> RefundAnswer:
    named = list(dict.fromkeys(line.line_id for line in refund.lines))
    return RefundAnswer(
        refund_id=refund.refund_id,
        whole=refund.whole,
        line_ids=named,
        unknown_line_ids=[line_id for line_id in named if line_id in unknown],
        net=money(refund.net_minor),
        gross=money(gross_of(refund, snapshot)),
        withdrawn=refund.withdrawn,
    )
