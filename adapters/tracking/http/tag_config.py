"""GET /tag/v1/config/{key}.json: what the tag must know, from memory. A switch is honoured within a minute by this."""

from typing import Final

from litestar.handlers import asgi
from litestar.types import Receive, Scope, Send

from adapters.shared.http.hot import Headers, answer, header, not_allowed
from adapters.shared.postgres.errors import Unavailable
from adapters.tracking.http.tag_events import CORS, PREFLIGHT, answer_bare, refuse
from adapters.tracking.tag_keys import TagKeys
from kernel.errors import DomainError

MAX_AGE_S: Final = 20
_JSON: Final = (b"content-type", b"application/json")
_CACHED: Final[Headers] = [
    *CORS,
    (b"cache-control", f"public, max-age={MAX_AGE_S}".encode()),
    (b"timing-allow-origin", b"*"),
]
_OFF: Final = b'{"on":false}'
_OFF_ETAG: Final = b'"off"'


class TagConfigDoor:
    """Answers 200 for any key, so that a page never sees an error; 503 only while nothing at all can be known."""

    def __init__(self, keys: TagKeys) -> None:
        self._keys = keys

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        method = scope["method"]  # type: ignore[typeddict-item]
        if method == "OPTIONS":
            await answer_bare(send, 204, PREFLIGHT)
            return
        if method not in {"GET", "HEAD"}:
            await not_allowed(send, b"GET, HEAD, OPTIONS", CORS)
            return
        name = scope["path"].strip("/").rpartition("/")[2]
        try:
            tag = await self._keys.find(name.removesuffix(".json"))
        except DomainError as error:
            await refuse(send, error if error.kind == "unavailable" else Unavailable())
            return
        body, etag = (tag.config, tag.etag) if tag else (_OFF, _OFF_ETAG)
        headers = [*_CACHED, (b"etag", etag)]
        if header(scope, b"if-none-match") == etag:
            await answer_bare(send, 304, headers)
            return
        await answer(send, 200, [*headers, _JSON], b"" if method == "HEAD" else body)


def tag_config_route(door: TagConfigDoor) -> asgi:
    @asgi("/tag/v1/config", is_mount=True, copy_scope=False)
    async def tell_tag_config(scope: Scope, receive: Receive, send: Send) -> None:
        await door(scope, receive, send)

    return tell_tag_config
