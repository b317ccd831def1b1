"""Every brand colour gives a page that can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shared.colours import DEFAULT, _rgb, contrast, palette

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


@given(colour=COLOURS, colour_text=COLOURS)
def test_text_reaches_the_contrast_that_wcag_asks_for(colour: str, colour_text: str) -> None:
    made = palette(colour, colour_text)

    def ratio(one: str, other: str) -> float:
        return contrast(_rgb(one), _rgb(other))

    assert made.accent == colour
    assert ratio(made.on_accent, made.accent) >= 4.5
    assert ratio(made.on_accent, made.glow) >= 4.5
    for text in (made.ink, made.quiet, made.link):
        assert ratio(text, made.paper) >= 4.5
        assert ratio(text, "#ffffff") >= 4.5
    assert ratio(made.edge, made.paper) >= 3


@pytest.mark.parametrize("colour", ["", "red", "#fff", "#12345g", "#1f6f54;}</style><script>", "#1f6f5４"])
def test_what_is_no_colour_counts_as_none(colour: str) -> None:
    assert palette(colour, colour) == palette(DEFAULT, "")
