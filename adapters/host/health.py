"""Health and metrics for whoever operates the installation."""

import asyncio
from typing import Any

from litestar import MediaType, Response, get
from litestar.types import ControllerRouterHandler
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from adapters.host.composition import Hosted, Installation
from adapters.shared.postgres.errors import AWAY

_PROMETHEUS = CONTENT_TYPE_LATEST.partition("; charset")[0]  # Litestar says the charset itself
_BACKLOG = Gauge("grapevine_facts_waiting", "Facts that wait to be delivered", ["producer"])
_OLDEST = Gauge("grapevine_facts_oldest_seconds", "Age of the oldest fact that is due", ["producer"])


class Live(Struct, frozen=True, kw_only=True):
    status: str


class Ready(Struct, frozen=True, kw_only=True):
    """`status` is "ready" or "unavailable"; `contexts` says so for each context hosted here.

    `details` is what a context says of its own parts in this process.
    """

    status: str
    contexts: dict[str, str]
    details: dict[str, dict[str, int | str]]


def health_routes(installation: Installation) -> list[ControllerRouterHandler]:
    @get("/health/live", operation_id="live", tags=["health"], security=[{}])
    async def live() -> Live:
        """The process runs and answers."""
        return Live(status="live")

    @get("/health/ready", operation_id="ready", tags=["health"], security=[{}])
    async def ready() -> Response[Ready]:
        """The process can do its work: every context reaches its database."""
        contexts = installation.contexts
        states = await asyncio.gather(*(_state(context) for context in contexts.values()))
        by_name = dict(zip(contexts, states, strict=True))
        well = all(state == "ready" for state in states)
        return Response(
            Ready(status="ready" if well else "unavailable", contexts=by_name, details=_details(installation)),
            status_code=200 if well else 503,
            headers={} if well else {"retry-after": "2"},
        )

    @get("/metrics", operation_id="metrics", include_in_schema=False, media_type=MediaType.TEXT)
    async def metrics() -> Response[bytes]:
        """Counters and gauges in Prometheus' text format."""
        await asyncio.gather(*(_measure(context) for context in installation.contexts.values()))
        return Response(generate_latest(), media_type=_PROMETHEUS)

    return [live, ready, metrics]


def _details(installation: Installation) -> dict[str, dict[str, int | str]]:
    said = {
        name: {key: value for condition in context.offer.conditions for key, value in condition().items()}
        for name, context in installation.contexts.items()
    }
    return {name: conditions for name, conditions in said.items() if conditions}


async def _state(context: Hosted) -> str:
    try:
        async with asyncio.timeout(2), context.database.engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            await raw.execute("SELECT 1")
    except (*AWAY, TimeoutError):
        return "unavailable"
    return "ready"


async def _measure(context: Hosted) -> None:
    try:
        async with asyncio.timeout(2):
            waiting, oldest = await context.relay.backlog()
    except (*AWAY, TimeoutError):
        return
    _BACKLOG.labels(context.name).set(waiting)
    _OLDEST.labels(context.name).set(oldest)
