"""Why something was decided: a stable code, the values that decided it, and a sentence a shopper understands.

The sentences below are English and serve as the keys of the translations. Placeholders named in
`AMOUNTS` stand for minor units of the reason's currency, `share` for basis points, `moment` for a time.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

from kernel.money import EXPONENTS

Value = int | str | bool | None
_NO_BREAK: Final = "\u00a0"
_SYMBOLS: Final = {"EUR": "€", "GBP": "£", "USD": "US$"}
AMOUNTS: Final = frozenset({"amount", "base", "final", "minimum", "cap"})

SENTENCES: Final[dict[str, str]] = {
    "earned_fixed": "The order qualifies for {amount}.",
    "earned_percent": "{share} of the order's {final} is {amount}.",
    "earned_capped": "{share} of the order's {final}, at most {cap}, is {amount}.",
    "partly_refunded_fixed": "Part of the order was returned; what is left still qualifies for {amount}.",
    "partly_refunded_percent": "Part of the order was returned: {share} of the remaining {final} is {amount}.",
    "partly_refunded_capped": (
        "Part of the order was returned: {share} of the remaining {final}, at most {cap}, is {amount}."
    ),
    "hold_over": "The return period is over and the order is paid.",
    "credit_issued": "The reward was issued as credit.",
    "deal_claimed": "The friend took the deal and has not ordered yet.",
    "order_cancelled": "The order was cancelled.",
    "payment_voided": "The order was never paid.",
    "charged_back": "The payment for the order was charged back.",
    "order_refunded": "The whole order was returned.",
    "below_minimum_after_refund": (
        "After the return, {final} of the order is left; the offer asks for at least {minimum}."
    ),
    "below_minimum": "The order comes to {final}; the offer asks for at least {minimum}.",
    "nothing_to_reward": "Nothing in the order counts, so nothing is earned.",
    "not_first_order": "The offer is for a first order, and the friend has ordered before.",
    "self_referral": "Nobody can recommend the shop to themselves.",
    "programme_not_live": "The programme was not running when the order was placed.",
    "wrong_currency": "The order is in {order_currency}, the offer in {currency}.",
    "test_order": "This was a test order.",
    "attributed_elsewhere": "The order is no longer credited to this recommendation.",
    "unknown_programme": "The programme that the order names does not exist.",
    "unknown_advocate": "The advocate that the order names is not part of the programme.",
    "not_attributed": "The order is credited to nobody.",
}


class Reason(Struct, frozen=True, kw_only=True):
    code: str
    sentence: str
    facts: dict[str, Value]
    """What fills the sentence, amounts as minor units."""


class Check(Struct, frozen=True, kw_only=True):
    """One rule, what it looked at and how it came out."""

    rule: str
    passed: bool
    inputs: dict[str, Value]


def because(code: str, **facts: Value) -> Reason:
    """A reason with its English sentence."""
    return Reason(code=code, sentence=worded(SENTENCES[code], facts), facts=facts)


def worded(template: str, facts: Mapping[str, Value]) -> str:
    """Fill a sentence in plain English: amounts as "€12.50", shares as "12.5 %"."""
    if "{" not in template:
        return template
    currency = str(facts.get("currency") or "EUR")
    return template.format_map({name: _plain(name, value, currency) for name, value in facts.items()})


def _plain(name: str, value: Value, currency: str) -> str:
    if name in AMOUNTS and isinstance(value, int):
        return plain_amount(value, currency)
    if name == "share" and isinstance(value, int):
        return f"{percent(value)} %"
    return str(value)


def plain_amount(minor: int, currency: str) -> str:
    """Minor units as English writes them by CLDR: 125000 of EUR is "€1,250.00", of SEK "SEK 1,250.00"."""
    digits = EXPONENTS.get(currency, 2)
    whole, rest = divmod(abs(minor), 10**digits)
    cents = f".{rest:0{digits}d}" if digits else ""
    return f"{'-' if minor < 0 else ''}{_SYMBOLS.get(currency, f'{currency}{_NO_BREAK}')}{whole:,}{cents}"


def percent(basis_points: int) -> str:
    """Basis points as a percentage without needless zeros: 1250 is "12.5"."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


def moment(at: datetime) -> str:
    return at.isoformat()
