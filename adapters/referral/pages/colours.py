"""A palette from one brand colour, readable whatever the colour is (contrast by WCAG 2.2, text at least 4.5 : 1)."""

import re
from functools import lru_cache
from typing import Final

Rgb = tuple[int, int, int]
DEFAULT: Final = "#1f6f54"
READABLE: Final = 4.5
_WHITE: Final[Rgb] = (255, 255, 255)
_BLACK: Final[Rgb] = (0, 0, 0)
_CREAM: Final[Rgb] = (255, 252, 247)
_NIGHT: Final[Rgb] = (22, 20, 18)


@lru_cache(maxsize=512)
def palette(colour: str, colour_text: str) -> dict[str, str]:
    """Colours as "#rrggbb" by their role; what is no such colour, or cannot be read, is replaced."""
    accent = _parse(colour) or _rgb(DEFAULT)
    wanted = _parse(colour_text)
    better = max((_WHITE, _BLACK), key=lambda candidate: contrast(candidate, accent))
    on = wanted if wanted and contrast(wanted, accent) >= READABLE else better
    away = _BLACK if luminance(on) > luminance(accent) else _WHITE
    paper = mix(accent, _CREAM, 0.04)
    ink = darkened(mix(accent, _NIGHT, 0.12), paper, 7.0)
    roles = {
        "accent": accent,
        "on": on,
        "glow": mix(away, accent, 0.22),
        "paper": paper,
        "ink": ink,
        "quiet": darkened(mix(ink, paper, 0.68), paper, READABLE),
        "link": darkened(accent, paper, READABLE),
        "line": mix(accent, paper, 0.18),
    }
    return {role: "#{:02x}{:02x}{:02x}".format(*rgb) for role, rgb in roles.items()}


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


def darkened(colour: Rgb, on: Rgb, ratio: float) -> Rgb:
    for _ in range(40):
        if contrast(colour, on) >= ratio:
            break
        colour = mix(_BLACK, colour, 0.08)
    return colour


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _parse(text: str) -> Rgb | None:
    return _rgb(text) if re.fullmatch(r"#[0-9a-fA-F]{6}", text) else None


def _rgb(text: str) -> Rgb:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
