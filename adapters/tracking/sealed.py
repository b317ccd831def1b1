"""Secrets of connections at rest: sealed with a key that the database has never seen."""

import base64
import binascii
import secrets
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PREFIX: Final = "sealed:1:"
_NONCE_BYTES: Final = 12


class SealBroken(Exception):
    """A stored secret was not sealed with this installation's key, for this connection: a wrong key, or tampering."""


class SecretBox:
    """AES-256-GCM with a random nonce; the connection's id is authenticated, so that no row lends its secret."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, secret: str, connection_id: UUID) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, secret.encode(), connection_id.bytes)
        return PREFIX + base64.b64encode(nonce + sealed).decode()

    def open(self, stored: str, connection_id: UUID) -> str:
        """The secret; one from before secrets were sealed is given as it stands."""
        if not stored.startswith(PREFIX):
            return stored
        try:
            raw = base64.b64decode(stored.removeprefix(PREFIX), validate=True)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], connection_id.bytes).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise SealBroken(str(connection_id)) from None
