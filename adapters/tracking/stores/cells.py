"""What stands in one cell: amounts, dates, quantities, as people and tills in our countries write them."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

from adapters.tracking.platforms.reading import clean
from kernel.errors import DomainError
from tracking.domain.report import AHEAD, DateInFuture

Mark = Literal[",", ".", ""]
"""What stands before the decimals in a file; "" when its amounts do not tell."""
_NOISE: Final = re.compile(r"[\s\u00a0\u202f'’`´]|EUR|CHF|DKK|NOK|SEK|kr\.?|€|Fr\.?", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d+|\d{1,3}(?:[.,]\d{3})+|\d*[.,]\d+|\d{1,3}(?:[.,]\d{3})+[.,]\d+")
_ISO: Final = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?)?\s*(Z|[+-]\d{2}:?\d{2})?"
)
_DAY_FIRST: Final = re.compile(
    r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?:[ ,T]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?)?()"
)
_AS_TEXT: Final = re.compile(r'="([^"]*)"')
_FORMULA: Final = ("=", "+", "@", "\t", "\r")


class CellUnfit(DomainError):
    """A cell that cannot be what its column says. `name` is the code that the row is refused with."""

    code = "cell_unfit"
    title = "The cell cannot be read"

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name


def text(cell: str, longest: int = 200) -> str:
    """One line without control characters. Spreadsheets write `="0012"` to keep zeros: that is 0012."""
    wrapped = _AS_TEXT.fullmatch(cell.strip())
    return clean(wrapped[1] if wrapped else cell, longest)


def name(cell: str, longest: int) -> str:
    """A text that others will see in spreadsheets again; one that begins like a formula is refused, not run."""
    found = text(cell, longest + 1)
    if len(found) > longest:
        raise CellUnfit("too_long", f"At most {longest} characters.")
    if found.startswith(_FORMULA):
        raise CellUnfit("formula_refused", "The text begins like a formula.")
    return found


def decimal_mark(amounts: list[str]) -> Mark:
    """Which mark the file's amounts use, by those that leave no doubt; "" when none or both kinds do."""
    marks = {mark for mark in map(_sure_mark, amounts) if mark}
    return marks.pop() if len(marks) == 1 else ""  # type: ignore[return-value]


def _sure_mark(cell: str) -> str:
    bare = _NOISE.sub("", cell)
    found = re.fullmatch(r"[-(]?[\d.,]*?([.,])(\d+)[-)]?", bare)
    if found is None:
        return ""
    others = {letter for letter in bare if letter in ".,"} - {found[1]}
    return found[1] if others or len(found[2]) != 3 else ""


def amount(cell: str, mark: Mark) -> Decimal:
    """1.234,50 and 1,234.50 and 1'234.50 are the same; "1,234" is refused when the file does not tell which it is."""
    bare = _NOISE.sub("", text(cell, 60))
    negative = bare.startswith("-") or bare.endswith("-") or (bare.startswith("(") and bare.endswith(")"))
    digits = re.sub(r"^[-+]|-$|^\(|\)$", "", bare, count=1 if not bare.startswith("(") else 2)
    if not _NUMBER.fullmatch(digits) or len(digits) > 20:
        raise CellUnfit("bad_amount", "This is no amount.")
    seen = [letter for letter in digits if letter in ".,"]
    decimal = seen[-1] if seen else ""
    if seen and len(set(seen)) == 1:
        if len(seen) > 1:
            decimal = ""
        elif len(digits) - digits.index(decimal) == 4 and decimal != mark:
            if not mark:
                raise CellUnfit("ambiguous_amount", "Are these thousands or decimals? Write two decimals.")
            decimal = ""
    whole, _, part = digits.rpartition(decimal) if decimal else (digits, "", "")
    plain = whole.replace(".", "").replace(",", "") or "0"
    value = Decimal(f"{plain}.{part}" if part else plain)
    return -value if negative else value


def moment(cell: str, time: str, zone: ZoneInfo, latest: datetime) -> datetime:
    """A date with or without a time, in the shop's time zone unless it says its offset. Day comes before month."""
    written = " ".join(filter(None, (text(cell, 40), text(time, 20))))
    found = _ISO.fullmatch(written)
    swapped = False
    if found is None:
        found, swapped = _DAY_FIRST.fullmatch(written), True
    if found is None:
        raise CellUnfit("bad_date", "Write a date as 2026-11-20 or 20.11.2026, with a time or without.")
    first, month, third, hour, minute, second, offset = found.groups()
    year, day = (third, first) if swapped else (first, third)
    full_year = int(year) + 2000 if len(year) == 2 else int(year)
    try:
        known = datetime.fromisoformat(f"2000-01-01T00:00:00{offset}").tzinfo if offset else zone
        clock = (int(hour or 0), int(minute or 0), int(second or 0))
        at = datetime(full_year, int(month), int(day), *clock, tzinfo=known).astimezone(UTC)
    except (ValueError, OverflowError):
        raise CellUnfit("bad_date", "There is no such date.") from None
    if at.year < 2000:
        raise CellUnfit("bad_date", "The date is before the year 2000.")
    if at > latest + AHEAD:
        raise CellUnfit(DateInFuture.code, "The date is in the future.")
    return at


def quantity(cell: str) -> int:
    """Whole pieces; none written is one."""
    written = text(cell, 20)
    if not written:
        return 1
    found = re.fullmatch(r"(\d{1,6})(?:[.,]0+)?", written)
    if found is None:
        raise CellUnfit("bad_quantity", "A quantity is a whole number from 0 to 999999.")
    return int(found[1])
