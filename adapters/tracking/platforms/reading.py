"""What every platform module needs to read foreign payloads exactly: amounts, times, texts."""

import contextlib
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from adapters.tracking.halves import UNKNOWN, mended
from kernel.errors import CurrencyMismatch, InvalidAmount
from kernel.money import EXPONENTS, LIMIT, Money
from tracking.domain.delivery import Unreadable
from tracking.domain.order import Line
from tracking.domain.report import MOST_ATTRIBUTES, MOST_CODES

Moment = Annotated[datetime, Meta(tz=True)]
"""A time that says its offset."""

UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ArithmeticError)
"""What reading raises for a payload of another shape; RecursionError for one that is nested absurdly deep,
ArithmeticError for numbers with absurd exponents."""

T = TypeVar("T")

LOCALES: Final = frozenset({"de", "nl", "fr", "it", "da", "fi", "nb", "sv", "en"})
CLAIM_ATTRIBUTE: Final = "grapevine_claim"
CLICK_ATTRIBUTE: Final = "grapevine_click"
CODE_ATTRIBUTE: Final = "grapevine_code"
_TOKENS: Final = frozenset({CLAIM_ATTRIBUTE, CLICK_ATTRIBUTE})
_CLICK_IDS: Final = frozenset({"gclid", "gbraid", "wbraid", "fbclid", "msclkid", "ttclid"})
_CAMPAIGNS: Final = frozenset({"affiliate_code", "campaign_code"})
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

    def rounded(self, amount: Decimal) -> int:
        """For platforms that calculate with more digits than the currency has: rounded half up, each amount once."""
        if not amount.is_finite() or abs(amount) > LIMIT:
            raise InvalidAmount("An amount is out of range.")
        return int(amount.scaleb(self._digits).to_integral_value(ROUND_HALF_UP))


def milli(amount: Decimal) -> int:
    """Thousandths of a currency that need not be one of ours."""
    if not amount.is_finite() or abs(amount) > LIMIT:
        raise InvalidAmount("An amount is out of range.")
    return int(amount.scaleb(3).to_integral_value(ROUND_HALF_UP))


def take_off(lines: Iterable[Line], net: int, tax: int) -> tuple[Line, ...]:
    """The lines after a discount of the whole order, spread by what they cost, to the cent, never below zero."""
    kept = list(lines)
    for name, off in (("net_minor", net), ("tax_minor", tax)):
        weights = [max(0, getattr(line, name)) for line in kept]
        if off <= 0 or sum(weights) == 0:
            continue
        shares = Money(min(off, sum(weights)), "EUR").split(weights)  # a currency is needed, its name does not matter
        kept = [
            replace(line, **{name: getattr(line, name) - share.amount_minor})
            for line, share in zip(kept, shares, strict=True)
        ]
    return tuple(kept)


def peeked(decoder: msgspec.json.Decoder[T], body: bytes, otherwise: T) -> T:
    """What a part of the body says, half characters elsewhere or not; `otherwise` when it cannot be read."""
    for text in (bytes, mended):
        with contextlib.suppress(*UNREADABLE):
            return decoder.decode(text(body))
    return otherwise


def kept_attributes(pairs: Iterable[tuple[object, object]]) -> tuple[tuple[str, str], ...]:
    """Of an order's attributes those that are ours or name a campaign. Others may be personal: they stay out."""
    kept: dict[str, str] = {}
    for name, value in pairs:
        if isinstance(name, str) and isinstance(value, str) and value and name not in _TOKENS:
            ours = name.startswith(("grapevine_", "utm_")) or name in _CLICK_IDS or name in _CAMPAIGNS
            if ours and len(kept) < MOST_ATTRIBUTES:
                kept.setdefault(clean(name, 64), clean(value, 200))
    return tuple(sorted(kept.items()))


def token(value: object) -> str | None:
    """A signed text as it may stand on an order."""
    return value if isinstance(value, str) and value else None


def coupon_codes(typed: Iterable[object]) -> tuple[str, ...]:
    """Codes as typed, each once."""
    codes = (clean(code, 64) for code in typed if isinstance(code, str))
    return tuple(dict.fromkeys(code for code in codes if code))[:MOST_CODES]


def utc(moment: datetime, pointer: str | None = None) -> datetime:
    """The moment in UTC; Unreadable, naming the field, for one that no shop can mean."""
    if not 2000 <= moment.year <= 2100:
        raise Unreadable("A time is out of range.", pointer=pointer)
    return moment.astimezone(UTC)


def clean(text: str | None, longest: int = 200) -> str:
    """Foreign text as one line without control characters, cut to length."""
    return text.translate(_DROPPED)[:longest].strip() if text else ""


def optional(text: str | None, longest: int = 200) -> str | None:
    """What may tell who somebody is; None for nothing, and for what is not known to the last character."""
    return clean(text, longest) or None if not text or UNKNOWN not in text else None


def language(locale: str | None) -> str | None:
    """The language part of a platform's locale, when it is one of ours: "de-AT" is "de", "no" is "nb"."""
    if not locale:
        return None
    part = locale.replace("_", "-").split("-", 1)[0].lower()
    part = "nb" if part in {"no", "nn"} else part
    return part if part in LOCALES else None
