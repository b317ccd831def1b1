"""Reading stores' files: any bytes, any cut, any of our countries' ways to write amounts and dates."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.tracking.harmless import harmless
from adapters.tracking.stores.cells import CellUnfit, Mark, amount, decimal_mark, moment
from adapters.tracking.stores.columns import meaning
from adapters.tracking.stores.faults_file import faults_file
from adapters.tracking.stores.file import StoreFile
from adapters.tracking.stores.rows import Found
from adapters.tracking.stores.text import Lines, Records
from tracking.domain.delivery import Unreadable
from tracking.domain.report import MOST_LINES
from tracking.domain.upload import MOST_ROWS, Fault

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=12)


def found(data: bytes, cut: int = 1 << 20) -> list[Found]:
    file = StoreFile(store="main", currency="EUR", time_zone="Europe/Berlin", at=AT)
    told = [one for at in range(0, len(data), cut) for one in file.feed(data[at : at + cut])]
    return told + list(file.end())


def said(told: list[Found]) -> list[Any]:
    return [(one.rows, one.report, one.faults) for one in told]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(CELL, min_size=2, max_size=4), max_size=6),
    st.sampled_from([";", ",", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 40),
)
def test_what_was_written_is_read_however_it_is_cut(
    rows: list[list[str]], delimiter: str, encoding: str, end: str, cut: int
) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    data = out.getvalue().encode(encoding)
    lines, records, read = Lines(), Records(delimiter), []
    for at in range(0, len(data), cut):
        read += [cells for _, cells in records.feed(lines.feed(data[at : at + cut]))]
    read += [cells for _, cells in records.feed(lines.end(), last=True)]
    assert read == [row for row in rows if any(cell.strip() for cell in row)]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.booleans(), st.integers(1, 50))
def test_any_bytes_are_read_or_refused_the_same_however_they_are_cut(data: bytes, headed: bool, cut: int) -> None:
    data = b"order;date;total\n" * headed + data

    def outcome(step: int) -> Any:
        try:
            return said(found(data, step))
        except Unreadable as refusal:
            return refusal.code

    assert outcome(cut) == outcome(1 << 20)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**9).map(lambda minor: Decimal(minor) / 100),
    st.sampled_from([(",", "."), (",", " "), (".", ","), (".", "’"), (",", "\u202f"), (",", ""), (".", "")]),
    st.sampled_from(["{}", "€ {}", "{} kr", "CHF {}", "{} EUR"]),
    st.booleans(),
)
def test_an_amount_is_the_same_in_every_country(
    value: Decimal, marks: tuple[Mark, str], form: str, minus: bool
) -> None:
    decimal, thousands = marks
    whole, _, part = f"{value:,.2f}".rpartition(".")
    written = form.format(f"{whole.replace(',', thousands)}{decimal}{part}")
    assert amount(f"-{written}" if minus else written, decimal_mark([written])) == (-value if minus else value)


@pytest.mark.parametrize(
    ("cell", "mark", "wanted"),
    [
        ("1.234", ",", 1234), ("1,234", ".", 1234), ("1.234.567", "", 1234567), ("12,5", "", "12.5"),
        ("(5,00)", "", -5), ("5,00-", "", -5), (",50", "", "0.5"), ("12.50", ",", "12.50"), ('="7,00"', "", 7),
    ],
)  # fmt: skip
def test_what_a_mark_means_is_told_by_the_file(cell: str, mark: Mark, wanted: Any) -> None:
    assert amount(cell, mark) == Decimal(wanted)


@pytest.mark.parametrize("cell", ["1,234", "=1+1", "eighty", "1.2.3", "1e5", "NaN", "--5", "", "9" * 30, "1,23,4"])
def test_what_may_be_misread_is_refused(cell: str) -> None:
    with pytest.raises(CellUnfit):
        amount(cell, "")


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20 14:05", "2026-11-20T13:05:00Z", "2026-11-20T15:05:00+02:00", "20.11.2026 14:05",
        "20/11/2026 14:05:00", "20-11-26 14.05", "2026/11/20 14:05",
    ],
)  # fmt: skip
def test_a_moment_is_the_same_however_it_is_written(written: str) -> None:
    assert moment(written, "", BERLIN, AT) == datetime(2026, 11, 20, 13, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "code"),
    [("31.02.2026", "bad_date"), ("2027-01-01", "date_in_future"), ("1999-01-01", "bad_date"), ("now", "bad_date"),
     ("0000-01-01", "bad_date"), ("9999-12-31", "date_in_future"), ("2026-11-20 25:00", "bad_date")],
)  # fmt: skip
def test_a_date_that_cannot_be_is_refused(written: str, code: str) -> None:
    with pytest.raises(CellUnfit) as refused:
        moment(written, "", BERLIN, AT)
    assert refused.value.name == code


@pytest.mark.parametrize(
    ("heading", "wanted"),
    [("Order number", "order"), ("BELEGNUMMER", "order"), ("Währung", "currency"), ("Numéro de commande", "order"),
     ("Beløb", "amount"), ("Päivämäärä", "date"), ("E-Mail-Adresse", "email"), ("Telefonnummer", "phone"),
     ("Myymälä", "store"), ("Nonsense", None)],
)  # fmt: skip
def test_headings_of_our_countries_are_known(heading: str, wanted: str | None) -> None:
    assert meaning(heading) == wanted


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"order;date;total\n1;2026-11-20;\"80\n", "quote_open"),
        (b"order;date;total\n" + b"x" * 70_000, "record_too_long"),
        (b"date;total\n", "column_missing"), (b"order;date;note\n", "column_missing"), (b"\n\n", "column_missing"),
        (b"order;date;total;Belegnummer\n", "column_twice"), (b"PK\x03\x04" + bytes(200), "not_text"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why(data: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        found(data)
    assert refused.value.code == code


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_wide_letters_are_read_with_and_without_their_mark(encoding: str, mark: str) -> None:
    (told,) = found(f"{mark}order;date;total\nKøb 1;2026-11-20;80,00\n".encode(encoding), cut=7)
    assert told.report is not None
    assert (told.report.key.external_id, told.report.order and told.report.order.total_minor) == ("main/Køb 1", 8_000)


def test_a_file_has_so_many_rows_and_no_more() -> None:
    file = StoreFile(store="main", currency="EUR", time_zone="Europe/Berlin", at=AT)
    file._first_row = MOST_ROWS - 2  # as if so many empty ones stood above
    told = list(file.feed(b"order;date;total\n1;2026-11-20;80,00\n")) + list(file.end())
    assert [one.rows for one in told] == [(MOST_ROWS,)]
    file = StoreFile(store="main", currency="EUR", time_zone="Europe/Berlin", at=AT)
    file._first_row = MOST_ROWS - 1
    with pytest.raises(Unreadable, match="too_many_rows"):
        list(file.feed(b"order;date;total\n1;2026-11-20;80,00\n")) + list(file.end())


def test_lines_of_one_order_that_stand_apart_are_refused_not_lost() -> None:
    told = found(b"order,date,item,amount\n1,2026-11-20,A,1.00\n2,2026-11-20,A,1.00\n1,2026-11-20,B,2.00\n")
    assert [(one.rows, [fault.code for fault in one.faults]) for one in told] == [
        ((2,), []), ((3,), []), ((4,), ["rows_apart"]),
    ]  # fmt: skip


def test_half_an_order_is_not_taken() -> None:
    (told,) = found(b"order,date,item,amount\n1,2026-11-20,A,1.00\n1,2026-11-20,B,x\n")
    assert [(fault.row, fault.code) for fault in told.faults] == [(2, "order_incomplete"), (3, "bad_amount")]


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ("1;;80 1;;80", [(), ()]),
        ("1;;80 2;;1 1;;80", [(), (), ()]),
        ("1;;80 2;;1 1;;81", [(), (), ("order_twice",)]),
        ("1;;80 1;;81 2;;1 1;;80", [("order_twice", "order_twice"), (), ("order_twice",)]),
        ("1;;80 1;A;50 1;B;30", [()]),
        ("1;A;50 1;B;30 1;;80", [()]),
        ("1;;80 1;A;50", [("order_twice", "order_twice")]),
        ("1;;80 2;;1 1;A;80", [(), (), ("rows_apart",)]),
        ("1;A;80 2;;1 1;;80", [(), (), ("order_twice",)]),
        ("1;;80 1;;x", [(), ("bad_amount",)]),
    ],
)  # fmt: skip
def test_rows_of_one_order_agree_or_are_refused(rows: str, codes: list[tuple[str, ...]]) -> None:
    data = "order;item;amount;date\n" + "".join(f"{row};2026-11-20\n" for row in rows.split())
    told = found(data.encode())
    if rows == "1;;80 1;;80":
        assert [one.rows for one in told] == [(2, 3)]
        codes = codes[:1]
    assert [tuple(fault.code for fault in one.faults) for one in told] == codes


def test_a_row_of_the_whole_order_adds_nothing_to_those_of_its_items() -> None:
    (told,) = found(
        b"order,date,item,amount,email\n1,2026-11-20,,80,b@x.example\n1,2026-11-20,A,50,\n1,2026-11-20,B,30,\n"
    )
    assert told.report is not None
    order = told.report.order
    assert order is not None
    assert (order.total_minor, order.buyer.email) == (8_000, "b@x.example")
    assert [(line.line_id, line.net_minor) for line in order.lines] == [("A", 5_000), ("B", 3_000)]


def test_what_is_read_together_is_told_up_to_one_row() -> None:
    told = found(b"order;date;total\n1;2026-11-20;80\n1;2026-11-20;-30\n1;2026-11-20;-20\n2;2026-11-20;5\n")
    assert [(one.rows, one.upto) for one in told] == [((2,), 4), ((3,), 4), ((4,), 4), ((5,), 5)]


def test_rows_before_one_that_cannot_be_read_are_told() -> None:
    def until_it_breaks(data: bytes) -> list[Any]:
        file = StoreFile(store="main", currency="EUR", time_zone="Europe/Berlin", at=AT)
        told: list[Found] = []
        with pytest.raises(Unreadable):
            told.extend(file.feed(data))
            told.extend(file.end())
        return [(one.rows, [fault.code for fault in one.faults]) for one in told]

    assert until_it_breaks(b'order;date;total\n1;2026-11-20;80\n2;2026-11-20;"8\n') == [((2,), [])]
    broken = b'order;date;item;amount\n1;2026-11-20;A;80\n1;2026-11-20;B;"8\n'
    assert until_it_breaks(broken) == [((2,), ["order_incomplete"])]


def test_many_rows_of_one_order_are_not_gathered_without_end() -> None:
    file = StoreFile(store="main", currency="EUR", time_zone="Europe/Berlin", at=AT)
    told = list(file.feed(b"order;date;item;amount\n" + b"1;2026-11-20;A;1\n" * (3 * MOST_LINES)))
    assert sum(len(one.rows) for one in told) >= 2 * MOST_LINES
    assert all(one.faults for one in told)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_no_cell_of_the_file_of_faults_is_a_formula(order: str, column: str) -> None:
    text = faults_file([Fault(row=2, column=column, code="x", detail="y", order=order)]).decode("utf-8-sig", "replace")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("  @A1", "'  @A1"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("de;q=0; =1;-2", "de;q=0;' =1;'-2"),
        ("A-1001", "A-1001"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_run_is_shown(text: str, shown: str) -> None:
    assert harmless(text) == shown
