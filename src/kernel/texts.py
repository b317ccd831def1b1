"""Whether a text shows anything: one of spaces, joiners and other marks without a shape names nothing."""

import re
from typing import Final

UNSEEN: Final = (
    r"\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Inside of a character class: what Unicode calls white space, control or default ignorable, and the empty braille
cell."""
_SEEN: Final = re.compile(f"[^{UNSEEN}]")


def can_be_seen(text: str) -> bool:
    return _SEEN.search(text) is not None
