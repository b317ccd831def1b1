"""A request's id: given by a proxy in front of us when it is sane, else made here; on every answer and log line."""

import re
from contextvars import ContextVar
from typing import Final

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from adapters.shared.ids import new_id

_SANE: Final = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    return _current.get() or str(new_id())


def request_id_middleware(app: ASGIApp) -> ASGIApp:
    """Plain ASGI middleware that names the request."""

    async def named(scope: Scope, receive: Receive, send: Send) -> None:
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = given.decode() if _SANE.fullmatch(given) else new_id().hex

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        token = _current.set(request_id)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await app(scope, receive, send_named)
        finally:
            _current.reset(token)

    return named
