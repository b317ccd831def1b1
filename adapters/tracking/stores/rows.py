"""From rows to reports: a row is an order, a refund or a cancellation; rows with an item are lines of one order."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from adapters.tracking.stores.columns import Header
from adapters.tracking.stores.row import Cells, Row, Way
from tracking.domain.order import Line, OrderKey, Refund, RefundedLine
from tracking.domain.report import MOST_CODES, MOST_LINES, OrderReport, ReportedOrder
from tracking.domain.upload import Fault


class Found(NamedTuple):
    """What some rows came to: a report, or what is wrong with each of them. `cells` is the first row."""

    rows: tuple[int, ...]
    cells: Cells
    report: OrderReport | None = None
    faults: tuple[Fault, ...] = ()


class RowReader:
    """Takes records one after the other. Lines of one order stand together: it is told when the next order begins."""

    def __init__(self, header: Header, way: Way) -> None:
        self._header = header
        self._way = way
        self._open: OrderKey | None = None
        self._lines: list[tuple[Cells, Row | Fault]] = []
        self._told: set[int] = set()

    def read(self, number: int, record: Sequence[str]) -> Iterator[Found]:
        cells = Cells(self._header, self._way, number, record)
        row, key = cells.row(), cells.key()
        if key is None or key != self._open:
            yield from self.end()
        if isinstance(row, Row) and row.kind != "sale":
            yield Found((number,), cells, _correction(row))
        elif cells.of_line and key is not None:
            self._open = key
            self._lines.append((cells, row))
        elif isinstance(row, Row):
            yield Found((number,), cells, self._sale([row]))
        else:
            yield Found((number,), cells, None, (row,))

    def end(self) -> Iterator[Found]:
        """Tell the order whose lines were gathered."""
        key, lines = self._open, self._lines
        self._open, self._lines = None, []
        if key is None:
            return
        numbers = tuple(cells.number for cells, _ in lines)
        faults = {row.row: row for _, row in lines if isinstance(row, Fault)}
        first = lines[0][0]
        if hash(key) in self._told:
            faults = {numbers[0]: first.fault("order", "rows_apart", "Other lines of this order stand further up.")}
        elif len(lines) > MOST_LINES:
            faults = {numbers[0]: first.fault("line", "too_many_lines", f"An order has at most {MOST_LINES} lines.")}
        self._told.add(hash(key))
        if not faults:
            yield Found(numbers, first, self._sale([row for _, row in lines if isinstance(row, Row)]))
            return
        other = "This row is well, another of its order is not."
        said = (faults.get(c.number) or c.fault("order", "order_incomplete", other) for c, _ in lines)
        yield Found(numbers, first, None, tuple(said))

    def _sale(self, rows: Sequence[Row]) -> OrderReport:
        first = rows[0]
        total = next((row.total_minor for row in rows if row.total_minor is not None), None)
        order = ReportedOrder(
            # A later row of a file, and a later file, replaces what was said before.
            updated_at=self._way.at + timedelta(microseconds=rows[-1].number),
            number=first.key.external_id.partition("/")[2],
            placed_at=first.at,
            total_minor=sum(row.paid_minor or 0 for row in rows) if total is None else total,
            lines=tuple(_lines(rows)),
            payment="paid",
            codes=tuple(dict.fromkeys(code for row in rows for code in row.codes))[:MOST_CODES],
            tax_included=True,
            discount_minor=sum(row.discount_minor for row in rows),
            buyer=next((row.buyer for row in rows if row.buyer.reference or row.buyer.email), first.buyer),
        )
        return OrderReport(key=first.key, currency=first.currency, order=order)


def _lines(rows: Sequence[Row]) -> Iterator[Line]:
    """Of one item one line, in however many rows it stands: a return names the item, not the row."""
    items: dict[str, list[Row]] = {}
    for row in rows:
        items.setdefault(row.line, []).append(row)
    for item, same in items.items():
        tax = sum(row.tax_minor for row in same)
        yield Line(
            line_id=item or "1",
            quantity=sum(row.pieces for row in same),
            net_minor=sum(row.paid_minor or 0 for row in same) - tax,
            tax_minor=tax,
            discount_minor=sum(row.discount_minor for row in same),
            sku=item,
        )


def _correction(row: Row) -> OrderReport:
    """A cancellation, or a refund: of an item, of an amount, or of everything when neither is written."""
    if row.kind == "cancel":
        return OrderReport(key=row.key, currency=row.currency, cancelled_at=row.at)
    paid = abs(row.paid_minor or 0)
    refund = Refund(
        refund_id=row.refund or f"{row.at.isoformat()}/{row.line}/{row.pieces}/{paid}",
        whole=not row.line and row.paid_minor is None,
        lines=(RefundedLine(line_id=row.line, quantity=row.pieces, net_minor=max(0, paid - row.tax_minor)),)
        if row.line
        else (),
        gross_minor=0 if row.line else paid,
    )
    return OrderReport(key=row.key, currency=row.currency, refunds=(refund,))
