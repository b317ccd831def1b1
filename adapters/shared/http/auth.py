"""Who is calling: API keys and their scopes."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal

import structlog
from litestar.connection import ASGIConnection, Request
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard
from msgspec import Struct

from kernel.errors import DomainError
from kernel.ids import ShopId


class Unauthenticated(DomainError):
    code = "unauthenticated"
    kind = "unauthenticated"
    title = "A valid API key is required"


class MissingScope(DomainError):
    code = "missing_scope"
    kind = "forbidden"
    title = "The API key does not have the scope for this"


class Caller(Struct, frozen=True, kw_only=True):
    """The key behind a request: whose shop it is and what it may do."""

    shop_id: ShopId
    key_id: str
    kind: Literal["secret", "publishable"]
    scopes: frozenset[str]


CALLER: Final = "grapevine_caller"
"""Where in a request's scope its caller stands, once a guard has let them through."""

Authenticate = Callable[[str], Awaitable[Caller]]
"""The caller behind a key's secret; raises Unauthenticated."""


def requires(*scopes: str) -> Guard:
    """Guard: the caller's key holds all these scopes. A publishable key has none: anybody may read it in a page."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        kind, _space, secret = connection.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not secret or len(secret) > 200:
            raise Unauthenticated("Send the shop's key in the header Authorization: Bearer gv_….")
        caller: Caller = await connection.app.state.authenticate(secret.strip())
        if caller.kind == "publishable":
            raise MissingScope("A publishable key may not do this.")
        missing = [scope for scope in scopes if scope not in caller.scopes]
        if missing:
            raise MissingScope(f"The key lacks the scope {missing[0]}.")
        connection.scope[CALLER] = caller  # type: ignore[typeddict-unknown-key]
        structlog.contextvars.bind_contextvars(shop_id=str(caller.shop_id))

    return guard


async def provide_caller(request: Request[Any, Any, Any]) -> Caller:
    """The dependency `caller` of routes that a `requires` guard protects."""
    caller = request.scope.get(CALLER)
    if not isinstance(caller, Caller):
        raise Unauthenticated
    return caller
