"""Signatures: over raw bytes, with one secret or two, within five minutes."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone

import pytest

from adapters.tracking.platforms.signatures import (
    SignatureInvalid,
    TimestampOutOfTolerance,
    check_base64,
    check_hex,
    check_standard,
    check_stripe,
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
    check_base64(b"body", made, ["new", "old"])
    check_base64(b"body", made, ["other", "new"])
    for body, given_signature in ((b"body ", made), (b"body", signature), (b"body", b""), (b"body", b"\xff")):
        with pytest.raises(SignatureInvalid):
            check_base64(body, given_signature, ["new", "old"])


def test_shopwares_vector() -> None:
    vector = b"dc46983557fea127b43af721467eb9b3fde2338fe3e14f51952aa8478c13d355"
    check_hex(b"body", vector, ["secret"])
    check_hex(b"body", vector, ["new one", "secret"])
    for body, signature, secret in (
        (b"body ", vector, "secret"),
        (b"body", vector.upper(), "secret"),
        (b"body", b"", "secret"),
        (b"body", vector, "Secret"),
    ):
        with pytest.raises(SignatureInvalid):
            check_hex(body, signature, [secret])


def stripe(body: bytes = BODY, stamp: int = STAMP, secret: str = SECRET) -> str:
    return f"t={stamp},v1={hmac.new(secret.encode(), f'{stamp}.'.encode() + body, hashlib.sha256).hexdigest()}"


def test_stripe_signs_the_moment_and_the_raw_bytes() -> None:
    for header in (stripe(), f"{stripe()},v0=00", f"t={STAMP},v1=00,{stripe().partition(',')[2]}"):
        check_stripe(BODY, header.encode(), [SECRET], THEN)
    check_stripe(BODY, stripe(secret="old secret").encode(), [SECRET, "old secret"], THEN + timedelta(seconds=300))
    for header in (
        "",
        f"t={STAMP}",
        stripe(BODY + b" "),
        stripe(secret="x"),
        f"{stripe()},t=1",
        "t=-1,v1=00",
        "\xff=,",
    ):
        with pytest.raises(SignatureInvalid):
            check_stripe(BODY, header.encode(), [SECRET], THEN)
    for after in (301, -301):
        with pytest.raises(TimestampOutOfTolerance):
            check_stripe(BODY, stripe().encode(), [SECRET], THEN + timedelta(seconds=after))


def test_signatures_do_not_depend_on_the_time_zone_of_whoever_checks() -> None:
    zone = THEN.astimezone(timezone(timedelta(hours=11)))
    check_stripe(BODY, stripe().encode(), [SECRET], zone)
    check_standard(
        BODY,
        webhook_id=ID.encode(),
        timestamp=str(STAMP).encode(),
        signatures=SIGNATURE.encode(),
        secrets=[SECRET],
        now=zone,
    )
