"""API keys: secret ones for servers, publishable ones for pages. Only a hash of either is ever stored.

A key reads `gv_live_` (`gv_test_` in test mode, `gv_pub_` if publishable), 27 letters that carry 160 random bits,
and 6 letters of checksum (CRC-32 of all before it), so that scanners recognise a leaked key and a typing error
costs no lookup.
"""

import hashlib
import re
import zlib
from datetime import datetime
from typing import Final, Literal, NewType, Self
from uuid import UUID

from msgspec import Struct, structs

from kernel.errors import DomainError
from kernel.ids import ShopId
from shops.domain import scopes
from shops.domain.text import line

KeyId = NewType("KeyId", UUID)
Kind = Literal["secret", "publishable"]

RANDOM_BYTES: Final = 20
LABEL_LIMIT: Final = 100
MOST_KEYS: Final = 100
"""Keys in force that one shop may have."""
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BODY: Final = 27
_CHECK: Final = 6
_SHAPE: Final = re.compile(rf"gv_(?:live|test|pub)_[0-9A-Za-z]{{{_BODY + _CHECK}}}")


class KeyRejected(DomainError):
    code = "invalid_key"
    kind = "unauthenticated"
    title = "The API key is not valid"


class KeyNotFound(DomainError):
    code = "key_not_found"
    kind = "not_found"
    title = "There is no such key"


class TooManyKeys(DomainError):
    code = "too_many_keys"
    kind = "conflict"
    title = "The shop has as many keys as it may have"


class NoScopes(DomainError):
    code = "no_scopes"
    title = "The scopes do not fit the kind of key"


class ApiKey(Struct, frozen=True, kw_only=True):
    """One key of one shop, without its secret. `hint` is how people recognise it: "gv_live_…x7Qz"."""

    shop_id: ShopId
    key_id: KeyId
    kind: Kind
    label: str
    scopes: frozenset[str]
    hint: str
    created_at: datetime
    revoked_at: datetime | None = None

    @classmethod
    def create(
        cls,
        shop_id: ShopId,
        key_id: KeyId,
        *,
        kind: Kind,
        label: str,
        wanted: frozenset[str],
        held: frozenset[str],
        test_mode: bool,
        random: bytes,
        at: datetime,
    ) -> tuple[Self, str]:
        """A key and its secret text, which is shown once. Nobody grants a scope they do not hold."""
        if (kind == "secret") != bool(wanted):
            raise NoScopes("A secret key has scopes, a publishable key has none.", pointer="/scopes")
        secret = mint(kind, test_mode=test_mode, random=random)
        key = cls(
            shop_id=shop_id,
            key_id=key_id,
            kind=kind,
            label=line(label, limit=LABEL_LIMIT, pointer="/label"),
            scopes=scopes.grant(wanted, held=held),
            hint=f"{secret[: -_BODY - _CHECK]}…{secret[-4:]}",
            created_at=at,
        )
        return key, secret

    def revoke(self, *, at: datetime) -> Self:
        """The key out of force, for good. Revoking again changes nothing."""
        return self if self.revoked_at else structs.replace(self, revoked_at=at)


def mint(kind: Kind, *, test_mode: bool, random: bytes) -> str:
    """The text of a key made of RANDOM_BYTES random bytes."""
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a key needs {RANDOM_BYTES} random bytes")
    prefix = "gv_pub_" if kind == "publishable" else "gv_test_" if test_mode else "gv_live_"
    body = prefix + _letters(int.from_bytes(random, "big"), _BODY)
    return body + _checksum(body)


def fingerprint(secret: str) -> bytes:
    """SHA-256 of a key, as stored. No key by its shape or checksum: KeyRejected, before anything is looked up."""
    if not _SHAPE.fullmatch(secret) or _checksum(secret[:-_CHECK]) != secret[-_CHECK:]:
        raise KeyRejected
    return hashlib.sha256(secret.encode()).digest()


def _checksum(body: str) -> str:
    return _letters(zlib.crc32(body.encode()), _CHECK)


def _letters(number: int, width: int) -> str:
    letters = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        letters.append(_DIGITS[digit])
    return "".join(reversed(letters))
