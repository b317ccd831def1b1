"""Where shops may be and what they may speak: data that a new country extends."""

from typing import Final

from kernel.errors import DomainError

COUNTRIES: Final = frozenset({"AT", "BE", "CH", "DE", "DK", "FI", "FR", "IT", "NL", "NO", "SE"})
CURRENCIES: Final = frozenset({"EUR", "CHF", "DKK", "NOK", "SEK"})
LOCALES: Final = ("de", "nl", "fr", "it", "da", "fi", "nb", "sv", "en")

_SPOKEN: Final = {"no": "nb", "nn": "nb"}
"""Other tags for a language that we have: plain Norwegian and Nynorsk readers get Bokmål."""


class UnknownCountry(DomainError):
    code = "unknown_country"
    title = "The country is not supported"


class UnknownCurrency(DomainError):
    code = "unknown_currency"
    title = "The currency is not supported"


class UnknownLocale(DomainError):
    code = "unknown_locale"
    title = "The locale is not supported"


class UnknownTimeZone(DomainError):
    code = "unknown_time_zone"
    title = "The time zone is not known"


def country(text: str) -> str:
    if text not in COUNTRIES:
        raise UnknownCountry(f"Shops may be in {', '.join(sorted(COUNTRIES))}.", pointer="/country")
    return text


def currency(text: str) -> str:
    if text not in CURRENCIES:
        raise UnknownCurrency(f"Shops may sell in {', '.join(sorted(CURRENCIES))}.", pointer="/currency")
    return text


def locales(offered: tuple[str, ...], default: str) -> tuple[str, ...]:
    """The shop's locales without repetition, in the order given; the default must be one of them."""
    for locale in offered:
        if locale not in LOCALES:
            raise UnknownLocale(f"Locales are {', '.join(LOCALES)}.", pointer="/locales")
    if default not in offered:
        raise UnknownLocale("The default locale must be one of the shop's locales.", pointer="/default_locale")
    return tuple(dict.fromkeys(offered))


def spoken(tag: str | None) -> str | None:
    """The locale of ours that a language tag means: "de-AT" is "de", "no" is "nb", "pt" is None."""
    primary = (tag or "")[:35].replace("_", "-").split("-")[0].strip().lower()
    locale = _SPOKEN.get(primary, primary)
    return locale if locale in LOCALES else None
