"""The worker process: relays, jobs and schedules of every hosted context."""

import adapters.host.lean  # noqa: F401

# isort: split

import asyncio
import signal

import structlog
import uvloop

from adapters.host.composition import Installation
from adapters.host.database import conninfo_of
from adapters.host.garbage import giving_back, settle_garbage_collection
from adapters.host.logs import configure_logs
from adapters.host.server_log import server_log
from adapters.host.settings import Settings, read_settings

_log = structlog.get_logger()


async def work(settings: Settings, conninfo: str) -> None:
    """Work until SIGTERM or SIGINT; then finish what is in hand and return."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    installation = Installation(settings, conninfo, in_batches=True)
    _log.info("worker.started", contexts=list(installation.contexts))
    metrics = asyncio.create_task(_serve_metrics(installation, settings)) if settings.metrics_port else None
    settle_garbage_collection()
    try:
        async with giving_back():
            await installation.work(stop)
    finally:
        if metrics is not None:
            metrics.cancel()
        await installation.close()
        _log.info("worker.stopped")


async def _serve_metrics(installation: Installation, settings: Settings) -> None:
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server.embed import Server
    from litestar import Litestar

    from adapters.host.health import health_routes

    app = Litestar(route_handlers=health_routes(installation), openapi_config=None, logging_config=None)
    server = Server(
        app, address=settings.host, port=settings.metrics_port, interface=Interfaces.ASGI, log_access=False,
        log_level=LogLevels(settings.log_level.lower()), log_dictconfig=server_log(settings.log_format),
    )  # fmt: skip
    await server.serve()


if __name__ == "__main__":
    _settings = read_settings()
    configure_logs(_settings)
    uvloop.run(work(_settings, conninfo_of(_settings)))
