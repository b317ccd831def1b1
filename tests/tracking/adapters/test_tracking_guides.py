"""What the guides tell people to set up is what the set-up by API says: a message that a guide leaves out
never comes."""

import re
from pathlib import Path
from typing import Final

import pytest

from adapters.tracking.platforms import PLATFORMS

GUIDE: Final = Path("docs/guides/platforms.md")
HEADINGS: Final = {
    "shopify": "Shopify",
    "woocommerce": "WooCommerce",
    "shopware": "Shopware 6",
    "stripe": "Stripe Checkout",
}
"""By kind, where the guide names every message. BigCommerce takes all by `store/order/*`; ours stand with the API."""


def section(heading: str) -> str:
    text = GUIDE.read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0])


@pytest.mark.parametrize("kind", HEADINGS)
def test_the_guide_names_every_message_that_the_set_up_names(kind: str) -> None:
    told = section(HEADINGS[kind]).replace('"', "`").replace("*", "`")
    words = {name: f"`{name}`" for name in PLATFORMS[kind].setup.topics}
    assert [name for name, word in words.items() if word not in told] == []
