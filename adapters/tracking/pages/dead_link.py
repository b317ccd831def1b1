"""The page behind a link that leads nowhere: short, in the visitor's language, with a look of its own."""

import base64
import hashlib
from functools import lru_cache
from html import escape
from pathlib import Path
from string import Template
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import asdict

from adapters.shared.colours import palette
from adapters.shared.texts import SOURCE, Texts, accepted_locale, marked

Why = Literal["unknown", "closed", "away"]
HERE: Final = Path(__file__).parent
_SAID: Final[dict[Why, tuple[str, str, str]]] = {
    "unknown": (
        "torn.svg",
        marked("This link leads nowhere"),
        marked("It may have been cut off on its way. Ask the person who sent it to share it again."),
    ),
    "closed": (
        "waiting.svg",
        marked("This link is closed"),
        marked("It is open for a certain time only, or it was switched off. The person who sent it can tell you more."),
    ),
    "away": (
        "waiting.svg",
        marked("One moment, please"),
        marked("This link cannot be opened right now. Please try again in a moment."),
    ),
}
_texts: Final = Texts(HERE.parent / "locales")


class Page(Struct, frozen=True):
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


def dead_link(why: Why, accept_language: str) -> Page:
    """The whole page, as UTF-8 HTML."""
    return _page(why, accepted_locale(accept_language, SOURCE))


@lru_cache(maxsize=32)
def _page(why: Why, locale: str) -> Page:
    picture, title, advice = _SAID[why]
    colours = palette("", "")
    style = _style()
    body = Template(_read("dead_link.html")).substitute(
        locale=locale,
        accent=colours.accent,
        style=style,
        picture=_read(picture),
        title=escape(_texts.text(locale, title)),
        advice=escape(_texts.text(locale, advice)),
    )
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
    headers = (
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-language", locale.encode()),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", policy.encode()),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
    )
    return Page(headers, body.encode())


@lru_cache(maxsize=1)
def _style() -> str:
    colours = "".join(f"--{name}:{value};" for name, value in asdict(palette("", "")).items())
    return f":root{{{colours}}}" + _read("dead_link.css")


def _read(name: str) -> str:
    return (HERE / name).read_text("utf-8").replace("\n", "")
