"""A palette from one brand colour, readable whatever the colour is.

Contrast by WCAG 2.2 (relative luminance and contrast ratio as defined there): text at least 4.5 : 1.
"""

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

Rgb = tuple[int, int, int]

DEFAULT: Final = "#1f6f54"
READABLE: Final = 4.5
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")
_WHITE: Final[Rgb] = (255, 255, 255)
_BLACK: Final[Rgb] = (0, 0, 0)
_CREAM: Final[Rgb] = (255, 252, 247)
_NIGHT: Final[Rgb] = (22, 20, 18)


class Palette(Struct, frozen=True, kw_only=True):
    """Colours as "#rrggbb"."""

    accent: str
    """The brand colour itself: panel and button."""
    on_accent: str
    """Text on the accent."""
    glow: str
    """A lighter or darker relative of the accent, for the panel's light."""
    paper: str
    """The page: warm white with a hint of the brand."""
    ink: str
    """Text on paper."""
    quiet: str
    """Secondary text on paper."""
    link: str
    """The brand colour, darkened until it can be read on paper."""
    line: str
    """Fine lines on paper."""
    edge: str
    """The border of a field: at least 3 : 1 on paper."""


@lru_cache(maxsize=512)
def palette(colour: str, colour_text: str) -> Palette:
    """Colours that are not "#rrggbb" count as not given; a text colour that cannot be read on the brand is replaced."""
    accent = _parse(colour) or _rgb(DEFAULT)
    wanted = _parse(colour_text)
    black_or_white = max((_WHITE, _BLACK), key=lambda candidate: contrast(candidate, accent))
    on_accent = wanted if wanted and contrast(wanted, accent) >= READABLE else black_or_white
    # The light on the panel moves away from the text's colour, so text stays readable on it.
    away = _BLACK if luminance(on_accent) > luminance(accent) else _WHITE
    paper = mix(accent, _CREAM, 0.04)
    ink = mix(accent, _NIGHT, 0.12)
    link = _darkened(accent, paper, READABLE)
    return Palette(
        accent=_hex(accent),
        on_accent=_hex(on_accent),
        glow=_hex(mix(away, accent, 0.22)),
        paper=_hex(paper),
        ink=_hex(_darkened(ink, paper, 7.0)),
        quiet=_hex(_darkened(mix(ink, paper, 0.68), paper, READABLE)),
        link=_hex(link),
        line=_hex(mix(link, paper, 0.24)),
        edge=_hex(_darkened(mix(ink, paper, 0.5), paper, 3.2)),
    )


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG contrast ratio, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """`share` of the first colour in the second."""
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _darkened(colour: Rgb, on: Rgb, ratio: float) -> Rgb:
    for _ in range(40):
        if contrast(colour, on) >= ratio:
            break
        colour = mix(_BLACK, colour, 0.08)
    return colour


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _parse(text: str) -> Rgb | None:
    return _rgb(text) if _HEX.fullmatch(text) else None


def _rgb(text: str) -> Rgb:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
