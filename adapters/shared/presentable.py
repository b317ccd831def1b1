"""What may stand in a page: names as one short line, addresses that are addresses."""

import unicodedata
from typing import Final
from urllib.parse import urlsplit

LONGEST_NAME: Final = 40


def presentable(name: str) -> str:
    """A person's or shop's name as one short line: no control or direction characters, no runs of spaces."""
    plain = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in name[:400])
    line = " ".join(plain.split())
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1].rstrip() + "…"


def web_address(text: str) -> str:
    """The text if it is an http(s) address that may stand in a page, else empty."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.netloc and text.isprintable() else ""
