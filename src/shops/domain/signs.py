"""Signs by which other contexts can tell that two people have the same telephone number or name, and not which one."""

import hashlib
import hmac
import unicodedata
from collections.abc import Callable
from typing import Final
from uuid import UUID

from kernel.ids import ShopId

PhoneNumber = Callable[[str, str], str | None]
"""A number as somebody wrote it and the country (ISO 3166-1 alpha-2) where, as E.164 ("+4915123456789"); None for what
is no valid number."""

LONGEST_NAME: Final = 200
_ALIKE: Final = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ł": "l", "ß": "ss", "þ": "th", "ð": "d"})


def phone_id(key: bytes, shop_id: ShopId, number: str) -> UUID:
    """Stands for a number in E.164 within one shop. `key` is secret: without it nobody can try numbers."""
    return _keyed(key, b"phone", shop_id, number)


def name_key(key: bytes, shop_id: ShopId, name: str) -> UUID | None:
    """Stands for a name in any spelling within one shop; None for one of a single word, which fits too many."""
    canonical = canonical_name(name[:LONGEST_NAME])
    return _keyed(key, b"name", shop_id, canonical) if " " in canonical else None


def canonical_name(name: str) -> str:
    """The name's words in small letters without accents, sorted: "Lovelace, Ada" and "ada  LOVELACE" are one."""
    # Twice: some letters show their capital, and some capitals their accent, only after the other step.
    folded = _plain(_plain(name)).translate(_ALIKE)
    kept = (letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(sorted("".join(letter if letter.isalnum() else " " for letter in kept).split()))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text.casefold())


def _keyed(key: bytes, kind: bytes, shop_id: ShopId, content: str) -> UUID:
    """A UUID of version 8 (RFC 9562) from HMAC-SHA256 over kind, shop and content."""
    message = b"\0".join((kind, shop_id.bytes, content.encode(errors="replace")))
    number = int.from_bytes(hmac.new(key, message, hashlib.sha256).digest()[:16], "big")
    number = number & ~(0xF << 76) | 8 << 76
    return UUID(int=number & ~(0x3 << 62) | 2 << 62)
