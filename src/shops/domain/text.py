"""Texts as people send them: what a field accepts, and what is tidied where refusing would help nobody."""

import unicodedata
from typing import Final

from kernel.errors import DomainError
from kernel.texts import can_be_seen

UNSEEN: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories that no field keeps: control letters (NUL too), lone surrogates, line and paragraph separators."""


class InvalidText(DomainError):
    code = "invalid_text"
    title = "The text is not accepted"


def line(text: str, *, limit: int, pointer: str) -> str:
    """One line of 1 to `limit` characters in NFC, without surrounding space; anything else: InvalidText.

    A text in which nothing can be seen is none.
    """
    if any(unicodedata.category(letter) in UNSEEN for letter in text):
        raise InvalidText("The text holds control characters.", pointer=pointer)
    text = unicodedata.normalize("NFC", text).strip() if can_be_seen(text) else ""
    if not 1 <= len(text) <= limit:
        raise InvalidText(f"The text must have between 1 and {limit} characters.", pointer=pointer)
    return text


def tidy(text: str | None, *, limit: int) -> str:
    """The text in NFC with control letters turned to spaces, spaces joined, cut at `limit`. Never refuses."""
    if not text:
        return ""
    if text.isascii() and text.isprintable():
        return " ".join(text[: 4 * limit].split())[:limit].rstrip()
    seen = (" " if unicodedata.category(letter) in UNSEEN else letter for letter in text[: 4 * limit])
    tidied = " ".join(unicodedata.normalize("NFC", "".join(seen)).split())[:limit].rstrip()
    return tidied if can_be_seen(tidied) else ""
