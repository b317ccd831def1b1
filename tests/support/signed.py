"""Deliveries as each platform signs them."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Final

from adapters.shared.ids import new_id
from adapters.tracking.platforms.signatures import sign_standard

SECRETS: Final = {
    "shopify": "shpss_0123456789abcdef",
    "woocommerce": "ck-words-of-the-merchant",
    "shopware": "sw-0123456789abcdef",
    "bigcommerce": "bc0123456789abcdef",
    "stripe": "whsec_stripe0123456789abcdef",
    "generic": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}


def headers(
    kind: str,
    topic: str,
    body: bytes,
    *,
    secret: str,
    delivery: str = "",
    at: datetime | None = None,
    source: str = "https://nordlicht.example/",
) -> dict[str, str]:
    """The headers that the platform sends with `body`."""
    name, stamp = delivery or str(new_id()), int((at or datetime.now(UTC)).timestamp())
    digest = hmac.new(secret.encode(), body, hashlib.sha256)
    plain = base64.b64encode(digest.digest()).decode()
    if kind == "shopify":
        return {"x-shopify-topic": topic, "x-shopify-hmac-sha256": plain, "x-shopify-webhook-id": name}
    if kind == "woocommerce":
        said = {"x-wc-webhook-topic": topic, "x-wc-webhook-signature": plain, "x-wc-webhook-delivery-id": name}
        return said | ({"x-wc-webhook-source": source} if source else {})
    if kind == "shopware":
        return {"shopware-shop-signature": digest.hexdigest(), "sw-version": "6.6.10.0"}
    if kind == "stripe":
        signed = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {"stripe-signature": f"t={stamp},v1={signed},v0=00"}
    signature = sign_standard(body, webhook_id=name, timestamp=stamp, secret=secret)
    return {"webhook-id": name, "webhook-timestamp": str(stamp), "webhook-signature": signature}
