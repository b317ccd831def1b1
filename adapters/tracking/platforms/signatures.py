"""Whether a webhook is what the platform signed: over the raw bytes, in constant time, with one secret or two."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from kernel.errors import DomainError

TOLERANCE: Final = timedelta(minutes=5)


class SignatureInvalid(DomainError):
    code = "signature_invalid"
    kind = "unauthenticated"
    title = "The signature does not fit"


class TimestampOutOfTolerance(DomainError):
    code = "timestamp_out_of_tolerance"
    kind = "unauthenticated"
    title = "The webhook is too old or from the future"


def check_base64(body: bytes, signature: bytes, secrets: Iterable[str]) -> None:
    """Shopify and WooCommerce: base64(HMAC-SHA256(raw body, secret)); else SignatureInvalid."""
    fits = False
    for secret in secrets:
        expected = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))
        fits |= hmac.compare_digest(expected, signature)
    if not fits:
        raise SignatureInvalid


def check_hex(body: bytes, signature: bytes, secrets: Iterable[str]) -> None:
    """Shopware: hex(HMAC-SHA256(raw body, secret)); else SignatureInvalid."""
    fits = False
    for secret in secrets:
        expected = hmac.digest(secret.encode(), body, hashlib.sha256).hex().encode()
        fits |= hmac.compare_digest(expected, signature)
    if not fits:
        raise SignatureInvalid


def check_stripe(body: bytes, header: bytes, secrets: Iterable[str], now: datetime) -> None:
    """`Stripe-Signature: t=…,v1=…[,v1=…]`, where v1 is hex(HMAC-SHA256(secret, t + "." + raw body)).

    The secret is the key as it is written, `whsec_` included. Raises SignatureInvalid, or TimestampOutOfTolerance.
    """
    parts = [part.strip().partition(b"=") for part in header.split(b",")[:20]]
    stamps = [value for name, _, value in parts if name == b"t"]
    given = [value for name, _, value in parts if name == b"v1"]
    if len(stamps) != 1 or not stamps[0].isdigit() or len(stamps[0]) > 12:
        raise SignatureInvalid("The header Stripe-Signature is needed.")
    fits = False
    for secret in secrets:
        expected = hmac.digest(secret.encode(), stamps[0] + b"." + body, hashlib.sha256).hex().encode()
        for signature in given:
            fits |= hmac.compare_digest(expected, signature)
    if not fits:
        raise SignatureInvalid
    _timely(stamps[0], now)


def check_standard(
    body: bytes, *, webhook_id: bytes, timestamp: bytes, signatures: bytes, secrets: Iterable[str], now: datetime
) -> None:
    """Standard Webhooks 1.0: one of the space-separated `v1,<base64>` is HMAC-SHA256 over `id.timestamp.body`.

    Raises SignatureInvalid, or TimestampOutOfTolerance when it is more than five minutes off.
    """
    if not webhook_id or len(timestamp) > 12 or not timestamp.isdigit():
        raise SignatureInvalid("The headers webhook-id, webhook-timestamp and webhook-signature are needed.")
    given = [one[3:] for one in signatures.split(b" ")[:10] if one.startswith(b"v1,")]
    fits = False
    for secret in secrets:
        signed = b".".join((webhook_id, timestamp, body))
        expected = base64.b64encode(hmac.digest(signing_key(secret), signed, hashlib.sha256))
        for signature in given:
            fits |= hmac.compare_digest(expected, signature)
    if not fits:
        raise SignatureInvalid
    _timely(timestamp, now)


def _timely(timestamp: bytes, now: datetime) -> None:
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise TimestampOutOfTolerance


def sign_standard(body: bytes, *, webhook_id: str, timestamp: int, secret: str) -> str:
    """The `webhook-signature` header that fits."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(signing_key(secret), signed, hashlib.sha256)).decode()


def signing_key(secret: str) -> bytes:
    """The key bytes of a secret: base64 after `whsec_`; any other text is taken as it is."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret[6:], validate=True)
        except (binascii.Error, ValueError):
            return secret.encode()
    return secret.encode()
