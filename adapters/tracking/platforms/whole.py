"""Reads deliveries in which somebody cut a text within a character: the order counts, unless that text names it."""

from collections.abc import Callable, Iterator
from datetime import datetime

from msgspec import Struct

from adapters.tracking.halves import UNKNOWN, mended
from adapters.tracking.platforms.platform import Delivered
from tracking.domain.delivery import Unreadable
from tracking.domain.report import OrderReport


class Mended(Struct, frozen=True):
    """A delivery without half characters."""

    topic: str
    body: bytes
    received_at: datetime


def read_whole(read: Callable[[Delivered], OrderReport], delivered: Delivered) -> OrderReport:
    """What the platform's own reader says, also where a text breaks off within a character. Raises what that raises."""
    try:
        return read(delivered)
    except Unreadable:
        body = mended(delivered.body)
        if body == delivered.body:
            raise
    report = read(Mended(delivered.topic, body, delivered.received_at))
    if any(UNKNOWN in name for name in _names(report)):
        raise Unreadable("A text that names the order, or a part of it, breaks off within a character.")
    return report


def _names(report: OrderReport) -> Iterator[str]:
    yield report.key.external_id
    yield from report.also
    yield from (line.line_id for line in report.order.lines) if report.order else ()
    for refund in report.refunds:
        yield refund.refund_id
        yield from (line.line_id for line in refund.lines)
    yield from (dispute.dispute_id for dispute in report.disputes)
