"""A store's file as a stream: parts of bytes in, what its rows came to out."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from adapters.tracking.stores.cells import decimal_mark
from adapters.tracking.stores.columns import Header, meaning
from adapters.tracking.stores.row import Way
from adapters.tracking.stores.rows import Found, RowReader
from adapters.tracking.stores.text import DELIMITERS, Lines, Records, split
from tracking.domain.delivery import Unreadable
from tracking.domain.upload import MOST_ROWS

_AMOUNTS: Final = ("total", "amount", "discount", "tax")
_SAMPLE: Final = 200


class TooManyRows(Unreadable):
    code = "too_many_rows"
    title = f"A file has at most {MOST_ROWS} rows"


class StoreFile:
    """Feed it the parts in order, then end it. Raises Unreadable when the rest of the file cannot be read."""

    def __init__(self, *, store: str, currency: str, time_zone: str, at: datetime) -> None:
        self._way = (store, currency, ZoneInfo(time_zone), at)
        self._lines = Lines()
        self._records: Records | None = None
        self._rows: RowReader | None = None
        self._first_row = 0
        self._delimiter = ""
        self._held: list[str] = []

    def feed(self, part: bytes) -> Iterator[Found]:
        yield from self._told(lambda: self._lines.feed(part), last=False)

    def end(self) -> Iterator[Found]:
        yield from self._told(self._lines.end, last=True)
        if self._rows is None:
            Header(()).check()
        else:
            yield from self._rows.end()

    def _told(self, lines: Callable[[], list[str]], *, last: bool) -> Iterator[Found]:
        try:
            yield from self._read(lines(), last=last)
        except Unreadable:
            if self._rows is not None:
                yield from self._rows.cut()
            raise

    def _read(self, lines: list[str], *, last: bool) -> Iterator[Found]:
        if self._records is None:
            self._held += lines
            if len(self._held) < _SAMPLE and not last:
                return
            lines, self._held = self._begin(self._held), []
        if self._records is None:
            return
        for number, record in self._records.feed(lines, last=last):
            if number + self._first_row > MOST_ROWS:
                raise TooManyRows
            if self._rows is None:
                self._rows = self._read_header(record, lines)
            else:
                yield from self._rows.read(number + self._first_row, record)

    def _begin(self, lines: list[str]) -> list[str]:
        """Skip what stands above the headings, and see by which separator they are told apart."""
        while lines and (not lines[0].strip() or lines[0].lower().startswith("sep=")):
            lines = lines[1:]
            self._first_row += 1
        if lines:
            self._delimiter = max(DELIMITERS, key=lambda delimiter: _known(lines[0], delimiter))
            self._records = Records(self._delimiter)
        return lines

    def _read_header(self, headings: list[str], lines: list[str]) -> RowReader:
        header = Header(headings)
        header.check()
        store, currency, zone, at = self._way
        sample = (split(line, self._delimiter) for line in lines[1:_SAMPLE])
        amounts = [header.cell(cells, name) for cells in sample for name in _AMOUNTS]
        mark = decimal_mark(amounts)
        return RowReader(header, Way(store=store, currency=currency, zone=zone, mark=mark, at=at))


def _known(line: str, delimiter: str) -> int:
    return sum(meaning(heading) is not None for heading in split(line, delimiter))
