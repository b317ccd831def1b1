"""Ids in files as the API writes them (see `adapters.shared.http.ids`), a page at a time.

The database writes each id marked and in hexadecimal; turning it into letters there would take a dozen times as long.
"""

import re
from base64 import b32encode
from typing import Final
from uuid import UUID

PREFIXES: Final = {
    "advocate_id": "adv", "claim_id": "clm", "click_id": "clk", "customer_id": "cus", "link_id": "lnk",
    "order_id": "ord", "programme_id": "prg",
}  # fmt: skip
MARK: Final = "\x01"
"""Stands before an id and in no text of a page."""
_FRONT: Final = 8
"""Zeros in front make an id as long as 32 letters, of which the last 26 are its own."""
_MARKED: Final = re.compile(rb"\x01([a-z]{3}_)([0-9a-f]{40})")
_LETTERS: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz")


def marked(column: str, expression: str) -> str:
    """SQL for an id of the column's kind."""
    return f"E'\\x01{PREFIXES[column]}_{'0' * _FRONT}' || replace(({expression})::text, '-', '')"


def key_of(field: str) -> UUID:
    """The id that is marked so."""
    return UUID(field[-32:])


def shown(page: bytes) -> bytes:
    """A page with its ids in the API's letters."""
    hexadecimal = b"".join(digits for _, digits in _MARKED.findall(page))
    letters = b32encode(bytes.fromhex(hexadecimal.decode())).translate(_LETTERS)
    ends = iter(range(32, len(letters) + 1, 32))
    return _MARKED.sub(lambda found: found[1] + letters[(end := next(ends)) - 26 : end], page)
