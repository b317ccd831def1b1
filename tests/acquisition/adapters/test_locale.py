"""Which language a friend reads: what their browser likes best of what the shop speaks."""

import pytest

from adapters.acquisition.pages.locale import negotiated


@pytest.mark.parametrize(
    ("accepts", "expected"),
    [
        ("fi, en;q=0.8", "en"),
        ("fi-FI, fi;q=0.9, en-US;q=0.8, de;q=0.1", "en"),
        ("EN-us;Q=0.8, fr-CA; q = .9", "fr"),
        ("en;q=., fr;q=nan, xx", "de"),
        ("fi, *;q=0.5, en;q=0.4", "de"),
        ("fi", "de"),
    ],
)
def test_the_shops_default_comes_last(accepts: str, expected: str) -> None:
    assert negotiated("", accepts, ("de", "fr", "en"), "de") == expected
