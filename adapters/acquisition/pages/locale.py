"""Which language a friend reads: what they ask for, else what their browser prefers, else the shop's own."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from adapters.shared.texts import accepted_locale, known_locale, language_of

NAMES: Final = {
    "de": "Deutsch", "nl": "Nederlands", "fr": "Français", "it": "Italiano", "da": "Dansk",
    "fi": "Suomi", "nb": "Norsk", "sv": "Svenska", "en": "English",
}  # fmt: skip


@lru_cache(maxsize=4096)
def negotiated(asked: str, accepts: str, locales: tuple[str, ...], default: str) -> str:
    """`asked` is the address's ?lang= (any of ours wins); `accepts` the Accept-Language header (RFC 9110, 12.5.4),
    held against the shop's locales; else the shop's default."""
    if wish := language_of(asked[:35]):
        return wish
    return accepted_locale(accepts, known_locale(default, *locales), locales)


def offered(locales: Sequence[str]) -> list[tuple[str, str]]:
    """The languages a shop's friends may choose from, each with its own name; none when there is no choice."""
    tags = list(dict.fromkeys(filter(None, map(language_of, locales))))
    return [(tag, NAMES[tag]) for tag in tags] if len(tags) > 1 else []
