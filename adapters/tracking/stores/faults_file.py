"""What was wrong with a file, as a file: for the spreadsheet that the next try is made in."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from tracking.domain.upload import Fault

_BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def faults_file(faults: Iterable[Fault]) -> bytes:
    """CSV with a byte order mark, so that spreadsheets read it as UTF-8; no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(("row", "order", "column", "code", "detail"))
    for fault in faults:
        writer.writerow((fault.row, *map(_harmless, (fault.order, fault.column, fault.code, fault.detail))))
    return out.getvalue().encode("utf-8-sig")


def _harmless(text: str) -> str:
    """A leading apostrophe makes a spreadsheet show the text instead of running it."""
    return f"'{text}" if text.lstrip(" ").startswith(_BEGINS_A_FORMULA) else text
