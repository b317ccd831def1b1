"""Half characters in JSON: an escaped surrogate alone, as whoever cuts a text within an emoji leaves it."""

import re
from typing import Final

UNKNOWN: Final = "\ufffd"
"""What stands for half a character."""
_HALF: Final = re.compile(rb"(\\[^u]|\\u[dD][89abAB]..\\u[dD][c-fC-F]..)|\\u[dD][89a-fA-F]..")
"""Half a character, outside of the first group."""


def mended(body: bytes) -> bytes:
    """The JSON with every half of a character replaced by U+FFFD."""
    return _HALF.sub(lambda found: found[1] or rb"\ufffd", body)
