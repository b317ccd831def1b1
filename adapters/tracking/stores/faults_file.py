"""What was wrong with a file, as a file: for the spreadsheet that the next try is made in."""

import csv
import io
from collections.abc import Iterable

from adapters.tracking.harmless import harmless
from tracking.domain.upload import Fault


def faults_file(faults: Iterable[Fault]) -> bytes:
    """CSV with a byte order mark, so that spreadsheets read it as UTF-8; no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(("row", "order", "column", "code", "detail"))
    for fault in faults:
        writer.writerow((fault.row, *map(harmless, (fault.order, fault.column, fault.code, fault.detail))))
    return out.getvalue().encode("utf-8-sig")
