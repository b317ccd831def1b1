"""Refunds that come to more than their order."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from kernel.ids import CustomerId, PersonId
from tracking.domain.order import Line, OrderFacts, Refund, RefundedLine, Snapshot, amounts
from tracking.domain.refunds import refunded_beyond

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORDER = Snapshot(
    updated_at=NOON,
    number="1",
    placed_at=NOON,
    currency="EUR",
    total_minor=12_400,
    lines=(Line(line_id="a", quantity=3, net_minor=10_000, tax_minor=1_900),),
    payment="paid",
    shipping_minor=500,
    customer_id=CustomerId(UUID(int=1)),
    person_id=PersonId(UUID(int=2)),
)


def pieces(quantity: int, line_id: str = "a", net_minor: int = 0) -> Refund:
    line = RefundedLine(line_id=line_id, quantity=quantity, net_minor=net_minor)
    return Refund(refund_id=f"{line_id}{quantity}", lines=(line,))


@pytest.mark.parametrize(
    ("refunds", "beyond"),
    [
        ((), 0),
        ((Refund(refund_id="r", gross_minor=12_400),), 0),
        ((Refund(refund_id="r", gross_minor=12_401),), 1),
        ((Refund(refund_id="r", gross_minor=12_401, withdrawn=True),), 0),
        ((Refund(refund_id="r", gross_minor=6_400), Refund(refund_id="s", gross_minor=6_400)), 400),
        ((Refund(refund_id="r", whole=True), Refund(refund_id="s", gross_minor=500)), 0),
        ((pieces(1), pieces(2)), 0),
        ((pieces(4),), 15_867 - 12_400),
        ((pieces(3), Refund(refund_id="shipping", gross_minor=500)), 0),
        ((pieces(3), Refund(refund_id="shipping", gross_minor=501)), 1),
        ((pieces(1, "gone", 12_500),), 100),
        ((Refund(refund_id="r", net_minor=12_500),), 100),
    ],
)
def test_more_than_the_order_came_to_is_seen_and_takes_no_more_off(refunds: tuple[Refund, ...], beyond: int) -> None:
    facts = OrderFacts(snapshot=ORDER, refunds=refunds)
    assert refunded_beyond(facts) == beyond
    assert amounts(facts).final_base_minor >= 0


def test_of_an_order_that_is_not_known_nothing_is_beyond() -> None:
    assert refunded_beyond(OrderFacts(refunds=(Refund(refund_id="r", gross_minor=10),))) == 0
