"""The page behind a link that leads nowhere: short, in the visitor's language, and its shop's colours if it has one."""

import base64
import hashlib
from functools import lru_cache
from html import escape
from pathlib import Path
from string import Template
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import asdict

from adapters.shared.colours import Palette, palette
from adapters.shared.presentable import presentable, web_address
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


class Front(Struct, frozen=True, kw_only=True):
    """What a shop shows of itself: its name, where it lives, and its colours."""

    title: str
    storefront_url: str
    colour: str
    colour_text: str


def dead_link(why: Why, accept_language: str, front: Front | None = None) -> Page:
    """The whole page, as UTF-8 HTML; without a front when nobody knows whose link it is."""
    return _page(why, accepted_locale(accept_language, SOURCE), front)


@lru_cache(maxsize=256)
def _page(why: Why, locale: str, front: Front | None) -> Page:
    picture, title, advice = _SAID[why]
    colours = palette(*(front.colour, front.colour_text) if front else ("", ""))
    style = _style(colours)
    name = presentable(front.title) if front else ""
    body = Template(_read("dead_link.html")).substitute(
        locale=locale,
        accent=colours.accent,
        style=style,
        picture=_read(picture),
        title=escape(_texts.text(locale, title)),
        advice=escape(_texts.text(locale, advice)),
        of=escape(f" · {name}" if name else ""),
        shop=_masthead(name) if name else "",
        onward=_onward(front, name, locale) if front and name else "",
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


def _masthead(name: str) -> str:
    mark = f'<span class="mark" aria-hidden="true">{escape(name[:1].upper())}</span>'
    return f'<p class="shop">{mark}{escape(name)}</p>'


def _onward(front: Front, name: str, locale: str) -> str:
    """The way to the shop, which is still open."""
    address = web_address(front.storefront_url)
    words = escape(_texts.text(locale, marked("Go to {shop}"), shop=name))
    return f'<p class="onward"><a href="{escape(address)}">{words}</a></p>' if address else ""


def _style(colours: Palette) -> str:
    return f":root{{{''.join(f'--{name}:{value};' for name, value in asdict(colours).items())}}}" + _read(
        "dead_link.css"
    )


def _read(name: str) -> str:
    return (HERE / name).read_text("utf-8").replace("\n", "")
