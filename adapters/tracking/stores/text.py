"""From bytes as they come to records: encodings, line ends, separators, quotes; never the whole file at once."""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from typing import Final

from tracking.domain.delivery import Unreadable

LONGEST_RECORD: Final = 64 * 1024
_WIDE: Final = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
_ZIPPED: Final = b"PK\x03"
"""What workbooks of spreadsheets begin with."""
DELIMITERS: Final = (";", ",", "\t", "|")


class RecordTooLong(Unreadable):
    code = "record_too_long"
    title = "A row is longer than 64 kB: is a quote left open?"


class NotText(Unreadable):
    code = "not_text"
    title = "The file is a spreadsheet's own format: save it as CSV"


class QuoteOpen(Unreadable):
    code = "quote_open"
    title = "A quote is opened and never closed"


class _Hungry(Exception):
    """The lines so far end within a record."""


class Lines:
    """Bytes in, whole lines of text out: UTF-8 or UTF-16, with or without a byte order mark, else Windows-1252.

    What is no UTF-8 is Windows-1252 line by line: files grow from several sources.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._started = False
        self._wide: codecs.IncrementalDecoder | None = None

    def feed(self, data: bytes) -> list[str]:
        if not self._started:
            self._rest += data
            if len(self._rest) < 3:  # a byte order mark may still be coming
                return []
            data, self._rest = self._start(self._rest), b""
        if self._wide is not None:
            data = self._wide.decode(data).encode("utf-8", "replace")
        text = self._rest + data
        held = b"\r" if text.endswith(b"\r") else b""  # its line feed may be in the next part
        whole = text[: len(text) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, self._rest = whole.split(b"\n")
        self._rest += held
        if len(self._rest) > LONGEST_RECORD:
            raise RecordTooLong
        return [_decoded(line) + "\n" for line in lines]

    def end(self) -> list[str]:
        if not self._started:
            self._rest = self._start(self._rest)
        rest, self._rest = self._rest.rstrip(b"\r"), b""
        return [_decoded(line) for line in rest.splitlines(keepends=True)]

    def _start(self, data: bytes) -> bytes:
        self._started = True
        if data.startswith(_ZIPPED):
            raise NotText
        for name, mark in _WIDE.items():
            zeros = [byte == 0 for byte in data[:2]]
            if data.startswith(mark) or zeros == [byte == 0 for byte in ",".encode(name)]:
                self._wide = codecs.getincrementaldecoder(name)("replace")
                return data.removeprefix(mark)
        return data.removeprefix(codecs.BOM_UTF8)


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


class Records:
    """Lines in, records out as lists of cells, by the rules of spreadsheets: quotes may hold separators and line ends.

    A record whose lines have not all come is tried again when more have.
    """

    def __init__(self, delimiter: str) -> None:
        self._lines: deque[str] = deque()
        self._taken: list[str] = []
        self._length = 0
        self._ended = False
        self._reader = csv.reader(self, delimiter=delimiter)
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """The reader asks for a line."""
        if not self._lines:
            if not self._ended:
                raise _Hungry
            if self._taken:
                raise QuoteOpen
            raise StopIteration
        line = self._lines.popleft()
        self._taken.append(line)
        self._length += len(line)
        if self._length > LONGEST_RECORD:
            raise RecordTooLong
        return line

    def feed(self, lines: list[str], *, last: bool = False) -> Iterator[tuple[int, list[str]]]:
        """Records that are whole now, counted from 1; rows without any text are counted and left out."""
        self._lines.extend(lines)
        self._ended = last
        while True:
            self._taken, self._length = [], 0
            try:
                cells = next(self._reader)
            except _Hungry:
                self._lines.extendleft(reversed(self._taken))
                return
            except StopIteration:
                return
            except csv.Error:
                raise RecordTooLong from None
            self.count += 1
            if any(cell.strip() for cell in cells):
                yield self.count, cells


def split(line: str, delimiter: str) -> list[str]:
    """One line by one separator, to see which separator a file uses."""
    return next(csv.reader([line], delimiter=delimiter), [])
