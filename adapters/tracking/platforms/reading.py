"""What every platform module needs to read foreign payloads exactly: amounts, times, texts."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from kernel.errors import CurrencyMismatch, InvalidAmount
from kernel.money import EXPONENTS, LIMIT
from tracking.domain.delivery import Unreadable

Moment = Annotated[datetime, Meta(tz=True)]
"""A time that says its offset."""

UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding raises for a payload of another shape; RecursionError for one that is nested absurdly deep."""

LOCALES: Final = frozenset({"de", "nl", "fr", "it", "da", "fi", "nb", "sv", "en"})
_DROPPED: Final = dict.fromkeys((*range(32), 127, 0x2028, 0x2029))


class Amounts:
    """Reads decimal amounts of one currency as minor units, exactly. A currency we do not know: CurrencyMismatch."""

    def __init__(self, currency: str) -> None:
        if currency not in EXPONENTS:
            raise CurrencyMismatch(f"The order is in {currency[:8]!r}, which no shop here trades in.")
        self.currency = currency
        self._digits = EXPONENTS[currency]

    def minor(self, amount: Decimal) -> int:
        """12.50 is 1250. More digits than the currency has, or no finite amount in range: InvalidAmount."""
        if not amount.is_finite() or abs(amount) > LIMIT:
            raise InvalidAmount("An amount is out of range.")
        scaled = amount.scaleb(self._digits)
        minor = int(scaled)
        if minor != scaled:
            raise InvalidAmount(f"An amount has more decimal places than {self.currency} knows.")
        return minor


def utc(moment: datetime) -> datetime:
    """The moment in UTC; Unreadable for one that no shop can mean."""
    if not 2000 <= moment.year <= 2100:
        raise Unreadable("A time is out of range.")
    return moment.astimezone(UTC)


def clean(text: str | None, longest: int = 200) -> str:
    """Foreign text as one line without control characters, cut to length."""
    return text.translate(_DROPPED)[:longest].strip() if text else ""


def optional(text: str | None, longest: int = 200) -> str | None:
    return clean(text, longest) or None


def language(locale: str | None) -> str | None:
    """The language part of a platform's locale, when it is one of ours: "de-AT" is "de", "no" is "nb"."""
    if not locale:
        return None
    part = locale.replace("_", "-").split("-", 1)[0].lower()
    part = "nb" if part in {"no", "nn"} else part
    return part if part in LOCALES else None
