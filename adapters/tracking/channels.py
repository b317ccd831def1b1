"""Names of the NOTIFY channels by which tracking's processes wake each other."""

from typing import Final

INTAKE: Final = "grapevine_tracking_intake"
"""A delivery was stored."""
FETCH: Final = "grapevine_tracking_fetch"
"""A delivery was stored that only names an order."""
CACHES: Final = "grapevine_tracking_caches"
"""What changed is to be forgotten: the code of a link; "shop <id>"; or, with no text, everything."""
UPLOADS: Final = "grapevine_tracking_uploads"
"""A store's file has arrived."""
TAG: Final = "grapevine_tracking_tag"
"""Events of the tag were stored that something follows from."""
