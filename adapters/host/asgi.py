"""The web process: Litestar with every hosted context's routes."""

from adapters.host.lean import optional_left_out

# isort: split

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.handlers import ASGIRouteHandler, BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from adapters.host.composition import Hosted, Installation
from adapters.host.docs_page import DESCRIPTION, docs_assets, docs_plugins
from adapters.host.garbage import giving_back, settle_garbage_collection
from adapters.host.health import health_routes
from adapters.host.hot_lane import HotLane
from adapters.host.internal import internal_router
from adapters.host.logs import configure_logs
from adapters.host.measure import measured
from adapters.host.settings import Settings, read_settings
from adapters.shared.http.auth import provide_caller
from adapters.shared.http.fallback import not_found
from adapters.shared.http.hot import ONE_MEGABYTE
from adapters.shared.http.idempotency import AnsweredBefore, IdempotencyMiddleware, on_answered_before
from adapters.shared.http.json_body import JSONRequest
from adapters.shared.http.parameters import STATE as KNOWN_PARAMETERS
from adapters.shared.http.parameters import known_parameters, refuse_unknown_parameters
from adapters.shared.http.problems import HANDLERS
from adapters.shared.http.request_id import request_id_middleware

_log = structlog.get_logger()


def create() -> HotLane:
    """The app for Granian: settings from the environment, the database from where they say."""
    from adapters.host.database import conninfo_of

    settings = read_settings()
    configure_logs(settings)
    with optional_left_out():
        return HotLane(build(settings, conninfo_of(settings)))


def build(settings: Settings, conninfo: str, *, inline_worker: bool = False) -> Litestar:
    """The app. `inline_worker` runs the worker's loops in this process too, for tests."""
    installation = Installation(settings, conninfo)
    routes: list[Any] = [*health_routes(installation), internal_router(installation), docs_assets()]
    for context in installation.contexts.values():
        routes += _routes_of(context)
    if settings.environment == "demo":
        from adapters.host.demo.storefront import demo_router

        routes.append(demo_router(settings))
    app = Litestar(
        route_handlers=routes,
        dependencies={"caller": Provide(provide_caller)},
        exception_handlers={
            **HANDLERS,
            AnsweredBefore: on_answered_before,
            NotFoundException: not_found(
                [fallback for context in installation.contexts.values() for fallback in context.offer.fallbacks]
            ),
        },
        lifespan=[_lifespan(installation, inline_worker=inline_worker)],
        request_class=JSONRequest,
        request_max_body_size=ONE_MEGABYTE,
        state=State({"authenticate": installation.authenticate, "installation": installation}),
        openapi_config=_openapi(settings),
        logging_config=None,
        debug=False,
    )
    app.state[KNOWN_PARAMETERS] = known_parameters(app.routes)
    return app


def _routes_of(context: Hosted) -> list[Any]:
    """The hot routes as they are; the others behind request ids, measuring and idempotency keys."""
    hot = [route for route in context.offer.routes if _is_hot(route)]
    ordinary = [route for route in context.offer.routes if not _is_hot(route)]
    dependencies = dict(context.offer.dependencies)
    middleware: list[Any] = [request_id_middleware, measured, IdempotencyMiddleware()]
    routers = [Router(path="/", route_handlers=hot, dependencies=dependencies)] if hot else []
    if ordinary:
        opt = {"context": context.name}
        routers.append(
            Router(
                path="/", route_handlers=ordinary, dependencies=dependencies, middleware=middleware, opt=opt,
                before_request=refuse_unknown_parameters,
            )
        )  # fmt: skip
    return routers


def _is_hot(route: Any) -> bool:
    return isinstance(route, ASGIRouteHandler) or (
        isinstance(route, BaseRouteHandler) and bool(route.opt.get("hot", False))
    )


def _openapi(settings: Settings) -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Grapevine",
        version="1.0.0",
        description=DESCRIPTION,
        path="/docs",
        render_plugins=docs_plugins(),
        components=Components(
            security_schemes={"apiKey": SecurityScheme(type="http", scheme="bearer", description="A secret key.")}
        ),
        security=[{"apiKey": []}],
        use_handler_docstrings=True,
    )


def _lifespan(installation: Installation, *, inline_worker: bool) -> Any:
    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(installation.close)
            await stack.enter_async_context(installation.web())
            if inline_worker:
                await stack.enter_async_context(_inline(installation))
            await stack.enter_async_context(giving_back())
            settle_garbage_collection()
            yield

    return lifespan


@asynccontextmanager
async def _inline(installation: Installation) -> AsyncIterator[None]:
    stop = asyncio.Event()
    working = asyncio.create_task(installation.work(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait({working}, timeout=15)
        working.cancel()
