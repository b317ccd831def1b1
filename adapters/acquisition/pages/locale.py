"""Which language a friend reads: what they ask for, else what their browser prefers, else the shop's own."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from adapters.shared.texts import LOCALES

NAMES: Final = {
    "de": "Deutsch", "nl": "Nederlands", "fr": "Français", "it": "Italiano", "da": "Dansk",
    "fi": "Suomi", "nb": "Norsk", "sv": "Svenska", "en": "English",
}  # fmt: skip
_ALIKE: Final = {"no": "nb", "nn": "nb"}
_MOST_RANGES: Final = 20


def language(tag: str) -> str:
    """The language of ours that a tag means ("de-AT" is "de", "no" is "nb"); empty when we do not speak it."""
    found = tag.strip().lower().replace("_", "-").partition("-")[0]
    found = _ALIKE.get(found, found)
    return found if found in LOCALES else ""


@lru_cache(maxsize=4096)
def negotiated(asked: str, accepts: str, locales: tuple[str, ...], default: str) -> str:
    """`asked` is the address's ?lang= (any of ours wins); `accepts` the Accept-Language header (RFC 9110, 12.5.4),
    held against the shop's locales; else the shop's default."""
    if wish := language(asked[:35]):
        return wish
    offered = dict.fromkeys(filter(None, map(language, locales)))
    fallback = language(default) or next(iter(offered), "en")
    for tag in _ranked(accepts):
        if tag == "*":
            return fallback
        if (found := language(tag)) in offered:
            return found
    return fallback


def offered(locales: Sequence[str]) -> list[tuple[str, str]]:
    """The languages a shop's friends may choose from, each with its own name; none when there is no choice."""
    tags = list(dict.fromkeys(filter(None, map(language, locales))))
    return [(tag, NAMES[tag]) for tag in tags] if len(tags) > 1 else []


def _ranked(header: str) -> list[str]:
    ranked = []
    for place, part in enumerate(header[:512].split(",")[:_MOST_RANGES]):
        tag, _, quality = part.partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=")) if quality else 1.0
        except ValueError:
            continue
        if weight > 0:
            ranked.append((-weight, place, tag.strip()))
    return [tag for _, _, tag in sorted(ranked)]
