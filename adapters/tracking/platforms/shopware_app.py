"""The handshake by which a Shopware shop installs our app: it proves that it knows the app's secret, we prove the same.

The connection's secret is both the app's (in the manifest) and, from then on, the one that webhooks are signed with.
"""

import hashlib
import hmac
from typing import Final
from urllib.parse import parse_qs

import msgspec
from msgspec import Struct

from adapters.tracking.platforms.platform import Greeting, Registration
from adapters.tracking.platforms.reading import UNREADABLE
from adapters.tracking.platforms.signatures import SignatureInvalid
from tracking.domain.delivery import Unreadable

APP: Final = "Grapevine"
"""The app's name in the manifest: the proof is made with it."""


class Proof(Struct, frozen=True):
    proof: str
    secret: str
    confirmation_url: str


class Confirmation(Struct, frozen=True, rename="camel"):
    """What Shopware posts last: keys to its API, which we do not need and do not keep."""

    api_key: str
    secret_key: str
    shop_id: str


_confirmation = msgspec.json.Decoder(Confirmation)
_encode = msgspec.json.Encoder().encode


def register(greeting: Greeting) -> bytes:
    """The answer to the registration request. Raises SignatureInvalid or Unreadable."""
    given = greeting.header(b"shopware-app-signature")
    known = None
    for secret in greeting.secrets:
        if hmac.compare_digest(_sign(greeting.query, secret).encode(), given):
            known = secret
    if known is None:
        raise SignatureInvalid
    try:
        query = parse_qs(greeting.query.decode(), strict_parsing=True, max_num_fields=20)
        shop_id, shop_url = query["shop-id"][0], query["shop-url"][0]
    except (ValueError, KeyError):
        raise Unreadable("The registration names no shop.") from None
    proof = _sign(f"{shop_id}{shop_url}{APP}".encode(), known)
    return _encode(Proof(proof=proof, secret=greeting.secrets[0], confirmation_url=greeting.address))


REGISTRATION: Final = Registration(
    answer=register, query=("shop-id", "shop-url", "timestamp"), headers=("shopware-app-signature",)
)


def is_confirmation(body: bytes) -> bool:
    if b"secretKey" not in body[:4096]:
        return False
    try:
        _confirmation.decode(body)
    except UNREADABLE:
        return False
    return True


def _sign(text: bytes, secret: str) -> str:
    return hmac.digest(secret.encode(), text, hashlib.sha256).hex()
