"""Measures every ordinary request for /metrics."""

import time

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from adapters.shared.telemetry import REQUEST_SECONDS


def measured(app: ASGIApp) -> ASGIApp:
    """Plain ASGI middleware: time and status by operation."""

    async def timed(scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        status = "500"

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await app(scope, receive, noting)
        finally:
            handler = scope["route_handler"]
            operation = getattr(handler, "operation_id", None) or handler.handler_name
            REQUEST_SECONDS.labels(str(operation), status).observe(time.perf_counter() - started)

    return timed
