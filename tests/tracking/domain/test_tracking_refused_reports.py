"""Reports of orders and refunds that cannot be are refused, and the refusal names the field."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kernel.errors import CurrencyMismatch, InvalidAmount
from tracking.domain.order import Dispute, Line, OrderKey, Refund, RefundedLine
from tracking.domain.report import AHEAD, Buyer, DateInFuture, OrderReport, ReportedOrder

_ONE = RefundedLine(line_id="1", quantity=1)
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def line(net_minor: int, quantity: int = 1, line_id: str = "a") -> Line:
    return Line(line_id=line_id, quantity=quantity, net_minor=net_minor, tax_minor=0)


def report(**changes: object) -> OrderReport:
    values = {
        "updated_at": NOON,
        "number": "#1",
        "placed_at": NOON,
        "total_minor": 1000,
        "lines": (line(1000),),
        "payment": "paid",
        "buyer": Buyer(reference="b"),
    }
    return OrderReport(key=OrderKey("own", "1"), currency="EUR", order=ReportedOrder(**values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("odd", "pointer"),
    [
        ({"gross_minor": 10**16}, "/amount"),
        ({"net_minor": -(10**16)}, "/amount"),
        ({"lines": tuple(RefundedLine(line_id=f"{n}", quantity=1) for n in range(1001))}, "/lines"),
        ({"lines": (_ONE, RefundedLine(line_id="2", quantity=-1))}, "/lines/1/quantity"),
        ({"lines": (_ONE, _ONE, RefundedLine(line_id="2", quantity=1, net_minor=-1))}, "/lines/2/net"),
    ],
)
def test_a_refund_that_cannot_be_names_its_field(odd: dict[str, Any], pointer: str) -> None:
    refund = Refund(**{"refund_id": "R-1"} | odd)
    with pytest.raises(InvalidAmount) as refused:
        OrderReport(key=OrderKey("own", "1"), currency="EUR", refunds=(refund,)).check("EUR")
    assert refused.value.pointer == pointer


def test_another_currency_names_its_field() -> None:
    with pytest.raises(CurrencyMismatch) as refused:
        report().check("CHF")
    assert refused.value.pointer == "/total/currency"
    refund = OrderReport(key=OrderKey("own", "1"), currency="EUR", refunds=(Refund(refund_id="R-1", gross_minor=1),))
    with pytest.raises(CurrencyMismatch) as refused:
        refund.check("CHF")
    assert refused.value.pointer == "/amount/currency"


def test_reports_that_cannot_be_are_refused() -> None:
    report().check("EUR")
    with pytest.raises(CurrencyMismatch):
        report().check("CHF")
    for odd in (
        {"total_minor": -1},
        {"lines": (line(-1),)},
        {"lines": (line(1, -1),)},
        {"lines": (line(1), line(2))},
        {"lines": (line(10**15), line(10**15, line_id="b"))},
        {"total_minor": 10**16},
        {"shipping_minor": -1},
        {"shipping_tax_minor": 10**16},
        {"discount_minor": 10**16},
        {"attributes": tuple((f"utm_{n}", "x") for n in range(31))},
    ):
        with pytest.raises(InvalidAmount):
            report(**odd).check("EUR")


@pytest.mark.parametrize("field", ["placed_at", "updated_at", "fulfilled_at", "cancelled_at", "told_at"])
def test_what_has_not_happened_yet_names_its_field(field: str) -> None:
    report(**{field: NOON + AHEAD}).check_dates(NOON)
    with pytest.raises(DateInFuture) as refused:
        report(**{field: NOON + AHEAD + timedelta(seconds=1)}).check_dates(NOON)
    assert refused.value.pointer == f"/{field}".replace("told_at", "timestamp")
    assert "2026-11-02" in refused.value.detail


def test_a_cancellation_refund_or_dispute_that_has_not_happened_yet_names_its_field() -> None:
    key, later = OrderKey("own", "1"), datetime(2099, 1, 1, tzinfo=UTC)
    dispute = Dispute(dispute_id="d", state="open", at=later)
    cases: list[tuple[str, dict[str, Any]]] = [
        ("/cancelled_at", {"cancelled_at": later}),
        ("/at", {"disputes": (dispute,)}),
        ("/timestamp", {"refunds": (Refund(refund_id="r", gross_minor=1),), "told_at": later}),
    ]
    for pointer, said in cases:
        with pytest.raises(DateInFuture) as refused:
            OrderReport(key=key, currency=None, **said).check_dates(NOON)
        assert refused.value.pointer == pointer
