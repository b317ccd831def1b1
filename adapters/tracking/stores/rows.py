"""From rows to reports: a row is an order, a refund or a cancellation; rows with an item are lines of one order.

Rows without one that say different things of an order are refused: whether they are parts of it, a correction, or two
orders of one number, no one but the shop can tell.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from msgspec.structs import replace

from adapters.tracking.stores.columns import Header
from adapters.tracking.stores.row import Cells, Row, Way
from tracking.domain.order import Line, OrderKey, Refund, RefundedLine
from tracking.domain.report import MOST_CODES, MOST_LINES, OrderReport, ReportedOrder
from tracking.domain.upload import Fault

_TWICE: Final = (
    "Several rows of this file say different things of this order. Write one row for the whole order, or an item in"
    " each row; and no number may stand for two orders of a store."
)


class Found(NamedTuple):
    """What some rows came to: a report, or what is wrong with each of them. `cells` is the first row."""

    rows: tuple[int, ...]
    cells: Cells
    report: OrderReport | None = None
    faults: tuple[Fault, ...] = ()
    upto: int = 0
    """All rows up to this one are told when this and all others that say the same are."""


class RowReader:
    """Takes records one after the other. Rows of one order that stand together are told together, when the next order
    begins: its sale, then what was taken back and what is wrong by itself."""

    def __init__(self, header: Header, way: Way) -> None:
        self._header = header
        self._way = way
        self._open: OrderKey | None = None
        self._sold: list[tuple[Cells, Row | Fault]] = []
        self._beside: list[Found] = []
        self._told: dict[int, int] = {}
        """What was said of each order, in few bytes: a file may have 500,000."""

    def read(self, number: int, record: Sequence[str]) -> Iterator[Found]:
        cells = Cells(self._header, self._way, number, record)
        row, key = cells.row(), cells.key()
        if key is None or key != self._open or max(len(self._sold), len(self._beside)) > MOST_LINES:
            yield from self.end()
        self._open = key
        if isinstance(row, Row) and row.kind != "sale":
            self._beside.append(Found((number,), cells, _correction(row)))
        elif isinstance(row, Row) or (cells.of_line and key is not None):
            self._sold.append((cells, row))
        else:
            self._beside.append(Found((number,), cells, None, (row,)))

    def end(self) -> Iterator[Found]:
        """Tell the order whose rows were gathered."""
        key, sold, beside = self._open, self._sold, self._beside
        self._open, self._sold, self._beside = None, [], []
        told = [self._order(key, sold), *beside] if key is not None and sold else beside
        last = max((found.rows[-1] for found in told), default=0)
        for found in told:
            yield found._replace(upto=last)

    def cut(self) -> Iterator[Found]:
        """Tell what was gathered, when the rest cannot be read: of an order's items, some may be missing."""
        lost = "The file cannot be read from here on, so items of this order may be missing."
        self._sold = [
            (cells, cells.fault("order", "order_incomplete", lost) if cells.of_line else row)
            for cells, row in self._sold
        ]
        yield from self.end()

    def _order(self, key: OrderKey, sold: Sequence[tuple[Cells, Row | Fault]]) -> Found:
        numbers = tuple(cells.number for cells, _ in sold)
        rows = [row for _, row in sold if isinstance(row, Row)]
        faults = {row.row: row for _, row in sold if isinstance(row, Fault)}
        faults = self._objections(key, [cells for cells, _ in sold], rows) or faults
        first = sold[0][0]
        if not faults:
            return Found(numbers, first, self._sale(rows))
        other = "This row is well, another of its order is not."
        said = (faults.get(c.number) or c.fault("order", "order_incomplete", other) for c, _ in sold)
        return Found(numbers, first, None, tuple(said))

    def _objections(self, key: OrderKey, cells: Sequence[Cells], rows: Sequence[Row]) -> dict[int, Fault]:
        """What is wrong with the rows of an order together, by their numbers."""
        first, of_items = cells[0], any(each.of_line for each in cells)
        whole = {replace(row, number=0) for row in rows if not row.line}
        said = hash(next(iter(whole))) if len(whole) == 1 and not of_items else 0
        before = self._told.get(hash(key))
        self._told.setdefault(hash(key), said)
        if before is not None and of_items:
            return {first.number: first.fault("order", "rows_apart", "Other lines of this order stand further up.")}
        if len(cells) > MOST_LINES:
            return {first.number: first.fault("line", "too_many_lines", f"An order has at most {MOST_LINES} lines.")}
        again = before is not None and (said == 0 or before != said)
        if again or _contradict(whole, [row.paid_minor or 0 for row in rows if row.line]):
            return {each.number: each.fault("order", "order_twice", _TWICE) for each in cells}
        return {}

    def _sale(self, rows: Sequence[Row]) -> OrderReport:
        """Of an order's rows. One of the whole order beside those of its items adds nothing to its sum."""
        first, parts = rows[0], [row for row in rows if row.line] or rows[:1]
        total = next((row.total_minor for row in rows if row.total_minor is not None), None)
        order = ReportedOrder(
            # A later row of a file, and a later file, replaces what was said before.
            updated_at=self._way.at + timedelta(microseconds=rows[-1].number),
            number=first.key.external_id.partition("/")[2],
            placed_at=first.at,
            total_minor=sum(row.paid_minor or 0 for row in parts) if total is None else total,
            lines=tuple(_lines(parts)),
            payment="paid",
            codes=tuple(dict.fromkeys(code for row in rows for code in row.codes))[:MOST_CODES],
            tax_included=True,
            discount_minor=sum(row.discount_minor for row in parts),
            buyer=next((row.buyer for row in rows if row.buyer.reference or row.buyer.email), first.buyer),
        )
        return OrderReport(key=first.key, currency=first.currency, order=order)


def _contradict(whole: Collection[Row], items: Sequence[int]) -> bool:
    """Whether rows of a whole order say different things of it, or another sum than those of its items do."""
    return len(whole) > 1 or bool(items and any(row.paid_minor != sum(items) for row in whole))


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
