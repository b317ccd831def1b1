"""What CLDR (by Babel) knows of languages and regions, less what nobody here asks for.

A language is 1.2 MB and a region nearly as much again; amounts, numbers, dates and times need a fifth of it.
"""

from functools import lru_cache
from typing import Final

from babel import Locale, localedata
from babel.core import get_global

_UNUSED: Final = (
    "compact_currency_formats", "compact_decimal_formats", "compound_unit_patterns", "date_fields",
    "datetime_skeletons", "interval_formats", "languages", "meta_zones", "scripts", "territories", "time_zones",
    "unit_display_names", "unit_patterns", "variants",
)  # fmt: skip


@lru_cache(maxsize=256)
def locale_of(tag: str) -> Locale:
    """The locale of "de_CH" or "de-CH". Raises ValueError or UnknownLocaleError."""
    locale = Locale.parse(tag.replace("_", "-"), sep="-")
    _slim(str(locale).partition("@")[0])  # a modifier ("de@euro") has no data of its own
    return locale


def _slim(name: str) -> None:
    """Babel keeps one dictionary a locale, made from its parent's: so the parent's is made slim first."""
    if name != "root":
        _slim(get_global("parent_exceptions").get(name) or name.rpartition("_")[0] or "root")
    data = localedata.load(name)
    for part in _UNUSED:
        data.pop(part, None)
