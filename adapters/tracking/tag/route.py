"""GET /tag/…: the tag's files to any page, from memory. Plain ASGI: shops' every page view asks for them."""

from typing import Final

import structlog
from litestar.handlers import asgi
from litestar.types import Receive, Scope, Send

from adapters.shared.http.hot import Headers, header
from adapters.tracking.tag.files import MANIFEST, STABLE, NotBuilt, TagFiles, coding_for, read_build

_log = structlog.get_logger()
_PLAIN: Final = (b"content-type", b"text/plain; charset=utf-8")
_FOR_ALL: Final[Headers] = [
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"timing-allow-origin", b"*"),
    (b"x-content-type-options", b"nosniff"),
]
_ASKED: Final[Headers] = [
    (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
    (b"access-control-max-age", b"86400"),
]
_NO_STORE: Final = (b"cache-control", b"no-store")
_BODILESS: Final = frozenset({204, 304})
NOT_BUILT: Final = b"The tag is not built here. Run `make install` on the server and start it again.\n"


def build_or_none() -> TagFiles | None:
    """The build, or None with a line in the log: everything else of Grapevine works without the tag."""
    try:
        return read_build()
    except NotBuilt as error:
        _log.warning("tag_not_built", missing=str(error), help="run `make install` and start again")
        return None


class TagDoor:
    """Serves one request for a file of the tag."""

    def __init__(self, files: TagFiles | None) -> None:
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]  # type: ignore[typeddict-item]
        if method in {"GET", "HEAD"}:
            status, headers, body = self._answer(scope)
        elif method == "OPTIONS":
            status, headers, body = 204, [*_FOR_ALL, *_ASKED], b""
        else:
            status, headers, body = 405, [*_FOR_ALL, (b"allow", b"GET, HEAD, OPTIONS"), _PLAIN], b"Only to be read.\n"
        if status not in _BODILESS:
            headers = [*headers, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body, "more_body": False})

    def _answer(self, scope: Scope) -> tuple[int, Headers, bytes]:
        if self._files is None:
            return 503, [*_FOR_ALL, _PLAIN, _NO_STORE, (b"retry-after", b"60")], NOT_BUILT
        served = self._files.by_name[scope["path"].rpartition("/")[2]]
        coding = coding_for(header(scope, b"accept-encoding").decode("latin-1"), served.bodies)
        etag = served.etag_of(coding)
        headers = [
            *_FOR_ALL,
            (b"content-type", served.media_type),
            (b"cache-control", served.cache),
            (b"etag", etag),
            (b"vary", b"accept-encoding"),
        ]
        if etag in _etags(header(scope, b"if-none-match")):
            return 304, headers, b""
        if coding:
            headers.append((b"content-encoding", coding.encode()))
        return 200, headers, served.bodies[coding]


def _etags(given: bytes) -> set[bytes]:
    return {one.strip().removeprefix(b"W/") for one in given.split(b",")}


def tag_route(files: TagFiles | None) -> asgi:
    door = TagDoor(files)

    # Plain paths, which the router finds first: a mounted /tag would hide what stands below it.
    names = files.by_name if files else (STABLE, MANIFEST)

    @asgi([f"/tag/{name}" for name in names], copy_scope=False)
    async def tag_file(scope: Scope, receive: Receive, send: Send) -> None:
        await door(scope, receive, send)

    return tag_file
