"""What refunds come to beyond their order: nothing more is taken off, so it has to be seen."""

from tracking.domain.order import Line, OrderFacts, gross_of, refunds_of
from tracking.domain.parts import part


def refunded_beyond(facts: OrderFacts) -> int:
    """How much more than the order's total the refunds of lines and amounts come to, in minor units with tax. Lines
    that the order does not show and amounts without tax count as they are; one of the whole is never more than it."""
    snapshot = facts.snapshot
    if snapshot is None:
        return 0
    known = {line.line_id: line for line in snapshot.lines}
    pieces: dict[str, int] = {}
    back = 0
    for refund in refunds_of(facts):
        if refund.withdrawn:
            continue
        back += refund.net_minor + gross_of(refund, snapshot)
        for line in refund.lines:
            if line.line_id in known:
                pieces[line.line_id] = pieces.get(line.line_id, 0) + line.quantity
            else:
                back += line.net_minor
    back += sum(_worth(known[line_id], quantity) for line_id, quantity in pieces.items())
    return max(0, back - snapshot.total_minor)


def _worth(line: Line, quantity: int) -> int:
    """Of so many pieces, with tax, also of more than the line has."""
    return part(line.net_minor + line.tax_minor, quantity, max(1, line.quantity))
