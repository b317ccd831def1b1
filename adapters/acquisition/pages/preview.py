"""The picture that messengers show beside a link: the deal in big letters on the shop's colour."""

import asyncio
from collections import OrderedDict
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Final

from adapters.acquisition.pages import wording
from adapters.acquisition.postgres.landing import DealFacts
from adapters.shared.colours import Palette, palette
from adapters.shared.presentable import presentable
from adapters.shared.texts import Texts

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

SIZE: Final = (1200, 630)
MOST: Final = 64
_MARGIN: Final = 90
_WIDTH: Final = SIZE[0] - 2 * _MARGIN - 20
_SPACES: Final = {0xA0: " ", 0x202F: " "}
"""Narrow and fixed spaces of formatted amounts, which few fonts hold."""


class Previews:
    """Draws each picture once, beside the event loop, and keeps the last few."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()

    async def of(self, facts: DealFacts, locale: str) -> bytes:
        """A PNG of 1200 by 630 pixels, as Open Graph asks for."""
        key = (facts.shop_id, facts.stamp, facts.terms, locale)
        async with self._one_at_a_time:
            image = self._kept.get(key)
            if image is None:
                image = await asyncio.to_thread(self._draw, facts, locale)
                self._kept[key] = image
                if len(self._kept) > MOST:
                    self._kept.popitem(last=False)
        return image

    def _draw(self, facts: DealFacts, locale: str) -> bytes:
        shop = facts.shop
        if facts.terms is None:
            raise ValueError("A deal without terms has no picture.")
        deal = wording.deal(self._texts, locale, shop.country, facts.terms)
        return draw(palette(shop.brand.colour, shop.brand.colour_text), presentable(shop.title), deal.worth, deal.off)


def draw(colours: Palette, shop: str, worth: str, off: str) -> bytes:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", SIZE, colours.accent)
    pen = ImageDraw.Draw(image)
    pen.ellipse((760, -420, 1560, 380), fill=colours.glow)
    pen.ellipse((-360, 420, 360, 1140), fill=colours.glow)
    pen.rounded_rectangle((60, 150, 1140, 570), radius=36, fill="#ffffff")
    pen.pieslice((36, 426, 84, 474), -90, 90, fill=colours.accent)
    pen.pieslice((1116, 426, 1164, 474), 90, 270, fill=colours.accent)
    for x in range(100, 1100, 28):
        pen.line((x, 450, x + 14, 450), fill=colours.line, width=4)
    _write(pen, shop, 46, (_MARGIN, 88), colours.on_accent)
    _write(pen, worth, 190, (_MARGIN + 20, 300), colours.link)
    _write(pen, off, 54, (_MARGIN + 20, 510), colours.ink)
    out = BytesIO()
    image.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def _write(pen: "ImageDraw", text: str, size: int, at: tuple[int, int], colour: str) -> None:
    """One line, vertically centred on `at`, in letters that shrink until it fits."""
    font = _font(size)
    while pen.textlength(text, font=font) > _WIDTH and size > 16:
        size -= 4
        font = _font(size)
    pen.text(at, text.translate(_SPACES), font=font, fill=colour, anchor="lm")


@lru_cache(maxsize=64)
def _font(size: int) -> "FreeTypeFont":
    from font_source_serif_pro import SourceSerifProBold  # type: ignore[import-untyped]
    from PIL import ImageFont

    return ImageFont.truetype(SourceSerifProBold, size)
