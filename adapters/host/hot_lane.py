"""The way of hot requests around Litestar: a link's visit is answered before a router, its guards and its copies."""

from collections.abc import Awaitable, Mapping

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.routes import ASGIRoute
from litestar.types import ASGIApp, Receive, Scope, Send


class HotLane:
    """An ASGI application: what stands under a mounted plain handler goes straight to it, all else to Litestar.

    Litestar knows the same mounts and answers them alike; it copies each request's scope and looks its path up anew,
    which takes as long as the redirect itself. A path that is spelled oddly ("//l/…") is left to it.
    """

    def __init__(self, app: Litestar) -> None:
        self.litestar = app
        self._mounts = mounts_of(app)

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
        return self.litestar(scope, receive, send)


def mounts_of(app: Litestar) -> Mapping[str, ASGIApp]:
    """Plain ASGI handlers by the path under which they stand."""
    return {
        route.path: route.route_handler.fn
        for route in app.routes
        if isinstance(route, ASGIRoute) and route.route_handler.is_mount
    }
