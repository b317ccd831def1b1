"""The way of hot requests around Litestar: a link's visit is answered before a router, its guards and its copies."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.routes import ASGIRoute, HTTPRoute
from litestar.types import HTTPScope, Message, Receive, Scope, Send

from adapters.shared.http.hot import problem

Handler = Callable[[Scope, Receive, Send], Awaitable[None]]


class HotLane:
    """An ASGI application: what stands under a mounted plain handler goes straight to it, all else to Litestar.

    Litestar knows the same mounts and answers them alike; it copies each request's scope and looks its path up anew,
    which takes as long as the redirect itself. A path that is spelled oddly ("//l/…") is left to it.

    HEAD asks Litestar for what GET answers, and leaves the body out: whatever watches over a service looks that way.
    Where it says which methods an address takes, HEAD is added, and OPTIONS names them all: Litestar answers that as it
    was when the first of the address's handlers was registered.
    """

    def __init__(self, app: Litestar) -> None:
        self.litestar = app
        self._mounts = mounts_of(app)
        self._methods = {route.path_format: route.methods for route in app.routes if isinstance(route, HTTPRoute)}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != ScopeType.HTTP:
            return self.litestar(scope, receive, send)
        path = scope["path"]
        mounts = self._mounts
        # The mount is all but the last part (webhooks), the first part (links) or the whole path (events).
        for end in (path.rfind("/"), path.find("/", 1), len(path)):
            handler = mounts.get(path[:end]) if end > 0 else None
            if handler is not None:
                scope["path"] = path[end:] or "/"
                return handler(scope, receive, send)
        if scope["method"] == "HEAD":
            return self.litestar({**scope, "method": "GET"}, receive, _without_body(send))
        return self.litestar(scope, receive, self._saying_methods(scope, send))

    def _saying_methods(self, scope: HTTPScope, send: Send) -> Send:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (204, 405):
                template = scope.get("path_template", "") if scope["method"] == "OPTIONS" else ""
                methods = self._methods.get(template)
                message["headers"] = [
                    (name, _with_head(_listed(methods) if methods else value) if name == b"allow" else value)
                    for name, value in message["headers"]
                ]
            await send(message)

        return told


def _without_body(send: Send) -> Send:
    async def head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return head


def _listed(methods: Iterable[str]) -> bytes:
    return ", ".join(sorted(methods)).encode()


def _with_head(methods: bytes) -> bytes:
    return methods + b", HEAD" if b"GET" in methods and b"HEAD" not in methods else methods


def mounts_of(app: Litestar) -> Mapping[str, Handler]:
    """Plain ASGI handlers by the path under which they stand. What they fail with is answered as elsewhere."""
    return {
        route.path: _answered(route.route_handler.fn)
        for route in app.routes
        if isinstance(route, ASGIRoute) and route.route_handler.is_mount
    }


def _answered(handler: Handler) -> Handler:
    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await handler(scope, receive, send)
        except Exception as error:  # the server would answer without a word of what to do
            await problem(send, error)

    return answered
