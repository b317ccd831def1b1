"""Requests that no route takes: another part of the installation may know what to do with them."""

from collections.abc import Callable, Sequence
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, NotFoundException
from litestar.types import ASGIApp

from adapters.shared.context import Fallback
from adapters.shared.http.problems import on_http_exception


class Handover(Response[None]):
    """Answers with whatever another ASGI application answers."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(None)
        self._app = app

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIApp:  # type: ignore[override]
        return self._app


def not_found(fallbacks: Sequence[Fallback]) -> Callable[[Request[Any, Any, Any], HTTPException], Response[Any]]:
    """An exception handler for paths without a route: the first fallback that takes the request, else a problem."""

    def on_not_found(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
        if isinstance(error, NotFoundException) and "route_handler" not in request.scope:
            for fallback in fallbacks:
                app = fallback(request.scope)
                if app is not None:
                    return Handover(app)
        return on_http_exception(request, error)

    return on_not_found
