"""Names of the NOTIFY channels by which tracking's processes wake each other."""

from typing import Final

INTAKE: Final = "grapevine_tracking_intake"
"""A delivery was stored."""
FETCH: Final = "grapevine_tracking_fetch"
"""A delivery was stored that only names an order."""
CACHES: Final = "grapevine_tracking_caches"
"""What changed is to be forgotten: the code of a link; "links <shop id>"; "shop <id>"; or, with no text, everything."""
LINKS_OF: Final = "links "
"""Before a shop's id in a note on `CACHES`: for how long clicks of its links count has changed."""
TELL: Final = b"SELECT pg_notify(%s, %s)"
"""Sent in the transaction of the change, it is heard exactly when that can be read."""
UPLOADS: Final = "grapevine_tracking_uploads"
"""A store's file has arrived."""
TAG: Final = "grapevine_tracking_tag"
"""Events of the tag were stored that something follows from."""
