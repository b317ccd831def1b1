"""Signatures: over raw bytes, with one secret or two, within five minutes."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from adapters.tracking.platforms.signatures import (
    SignatureInvalid,
    TimestampOutOfTolerance,
    check_shopify,
    check_standard,
    sign_standard,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, STAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
THEN = datetime.fromtimestamp(STAMP, UTC)


def check(
    body: bytes = BODY, signature: str = SIGNATURE, secret: str = SECRET, after: int = 0, **changes: bytes
) -> None:
    headers = {"webhook_id": ID.encode(), "timestamp": str(STAMP).encode()} | changes
    check_standard(
        body,
        webhook_id=headers["webhook_id"],
        timestamp=headers["timestamp"],
        signatures=signature.encode(),
        secrets=[secret],
        now=THEN + timedelta(seconds=after),
    )


def test_the_specifications_vector() -> None:
    assert sign_standard(BODY, webhook_id=ID, timestamp=STAMP, secret=SECRET) == SIGNATURE
    check()
    check(signature=f"v1,AAAA {SIGNATURE} v2,x")
    check(after=300)
    check(after=-300)


def test_what_does_not_fit_is_refused() -> None:
    for odd in (
        {"body": BODY + b" "},
        {"signature": ""},
        {"signature": "v1,"},
        {"signature": SIGNATURE.replace("v1", "v2")},
        {"secret": "whsec_AAAA"},
        {"webhook_id": b""},
        {"timestamp": b""},
        {"timestamp": b"-1"},
        {"timestamp": b"9" * 40},
        {"webhook_id": b"other"},
    ):
        with pytest.raises(SignatureInvalid):
            check(**odd)


def test_an_old_message_is_refused_even_when_it_is_genuine() -> None:
    for after in (301, -301):
        with pytest.raises(TimestampOutOfTolerance):
            check(after=after)


def test_shopify_signs_the_raw_bytes() -> None:
    signature = b"rd/SRI8HNSXsxH5+8tLhqXiKAUHRzlYfq8nE6lFBsQA="
    made = base64.b64encode(hmac.digest(b"new", b"body", hashlib.sha256))
    check_shopify(b"body", made, ["new", "old"])
    check_shopify(b"body", made, ["other", "new"])
    for body, given_signature in ((b"body ", made), (b"body", signature), (b"body", b""), (b"body", b"\xff")):
        with pytest.raises(SignatureInvalid):
            check_shopify(body, given_signature, ["new", "old"])
