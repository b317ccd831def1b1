"""Names of the NOTIFY channels by which tracking's processes wake each other."""

from typing import Final

INTAKE: Final = "grapevine_tracking_intake"
"""A delivery was stored."""
CACHES: Final = "grapevine_tracking_caches"
"""A shop or a connection changed: forget what is remembered of them."""
