"""What the shop's server vouches for: who is looking at a page. Nobody else has the secret."""

from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.host.demo.orders import PlacedOrder

VALID: Final = timedelta(hours=1)


def vouched(order: PlacedOrder, secret: str) -> str:
    """The token by which the tag says that a visitor is the buyer of this order: a JSON Web Token with HS256.

    The shop's clock may be moved; browsers' and Grapevine's are not, so the token follows theirs.
    """
    from joserfc import jwt
    from joserfc.jwk import OctKey

    claims = {
        "sub": str(order.customer_id),
        "email": order.email,
        "name": f"{order.first_name} {order.last_name}".strip(),
        "exp": int((datetime.now(UTC) + VALID).timestamp()),
    }
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))
