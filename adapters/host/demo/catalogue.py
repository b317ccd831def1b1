"""What Nordlicht sells. Prices are chosen so that half of an order of two things still earns a reward."""

from functools import cache
from pathlib import Path
from typing import Final

from msgspec import Struct

ART: Final = Path(__file__).parent / "art"


class Product(Struct, frozen=True, kw_only=True):
    """`gross_minor` is the price in euro cents with tax; `product_id` is the platform's own."""

    key: str
    product_id: int
    title: str
    kind: str
    story: str
    gross_minor: int


PRODUCTS: Final = {
    product.key: product
    for product in (
        Product(key="fjell", product_id=8126340002119, title="Fjell", kind="Pendant lamp", gross_minor=8900,
                story="Folded from one sheet of steel, like a ridge in the last light."),
        Product(key="skog", product_id=8126340002120, title="Skog", kind="Table lamp", gross_minor=7900,
                story="Oiled oak and linen that lets the evening through."),
        Product(key="havn", product_id=8126340002121, title="Havn", kind="Storm lantern", gross_minor=6400,
                story="Stands on the jetty in any wind. Candle included."),
        Product(key="mane", product_id=8126340002122, title="Måne", kind="Globe lamp", gross_minor=8400,
                story="Mouth-blown opal glass. A small moon for the windowsill."),
        Product(key="lysning", product_id=8126340002123, title="Lysning", kind="Candelabrum", gross_minor=7200,
                story="Three flames on solid brass; it darkens with the years."),
        Product(key="stille", product_id=8126340002124, title="Stille", kind="Beeswax candles", gross_minor=6000,
                story="Three pillars from the heath, poured by hand. 90 quiet hours."),
    )
}  # fmt: skip
MOST_OF_ONE: Final = 9
FREE_SHIPPING_MINOR: Final = 7500
SHIPPING_MINOR: Final = 490


@cache
def art(key: str) -> str:
    """The product's picture as inline SVG."""
    return (ART / f"{key}.svg").read_text("utf-8").strip()
