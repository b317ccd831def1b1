"""What tracking's routes share on the wire."""

from typing import Annotated, Literal, cast
from uuid import UUID

from litestar.datastructures import ResponseHeader
from litestar.params import HeaderParameter, QueryParameter

from adapters.shared.http.auth import requires
from adapters.shared.http.bodies import decode_cursor, encode_cursor
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.texts import SOURCE, accepted_locale

READ = [requires("tracking:read")]
WRITE = [requires("tracking:write")]
ETAG = ResponseHeader(name="ETag", description="Stands for this version", documentation_only=True)
IfMatch = Annotated[str | None, HeaderParameter(name="If-Match", required=False, max_length=100)]
Cursor = Annotated[str | None, QueryParameter(required=False, max_length=500)]
LocaleName = Literal["de", "nl", "fr", "it", "da", "fi", "nb", "sv", "en"]
Locale = Annotated[LocaleName | None, QueryParameter(required=False, description="Of the sentences for people")]
Language = Annotated[str, HeaderParameter(name="accept-language", required=False)]
Limit = Annotated[int, QueryParameter(required=False, ge=1, le=100)]


def reader(locale: LocaleName | None, accepts: str) -> LocaleName:
    """The language that was asked for, else the best that the reader accepts, else English."""
    return locale or cast(LocaleName, accepted_locale(accepts, SOURCE))


def position(cursor: str | None, prefix: str) -> UUID | None:
    """The id after which the page starts."""
    decoded = decode_cursor(cursor, str)
    return from_wire(prefix, str(decoded[0])) if decoded else None


def next_cursor(prefix: str, last: UUID | None, count: int, limit: int) -> str | None:
    return encode_cursor(to_wire(prefix, last)) if last is not None and count == limit else None


def version_of(if_match: str | None) -> int | None:
    """The version in an If-Match header: None for none or "*"; 0, which nothing has, for what we never gave out."""
    if if_match is None or if_match.strip() == "*":
        return None
    digits = if_match.strip().removeprefix("W/").strip('"')
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
