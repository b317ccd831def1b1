"""Query parameters: one that a route does not know is refused, as an unknown field of a body is.

Else a report that is narrowed by a misspelt word would answer with the figures of everything.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Final

from litestar import Request
from litestar.routes import HTTPRoute
from litestar.routes.base import BaseRoute

from adapters.shared.http.auth import CALLER
from adapters.shared.http.problems import Fault, NotAsDocumented

STATE: Final = "known_parameters"
_MOST_NAMED: Final = 20


def known_parameters(routes: Iterable[BaseRoute]) -> dict[int, frozenset[str]]:
    """What each handler, by its `id()`, and what it depends on read from an address's query."""
    return {
        id(handler): frozenset(parameter.field_alias for parameter in model.expected_query_params)
        for route in routes
        if isinstance(route, HTTPRoute)
        for handler, model in route.route_handler_map.values()
    }


async def refuse_unknown_parameters(request: Request[Any, Any, Any]) -> None:
    """For `before_request`: looks only at requests whose secret key a guard has let through.

    Pages, links, webhooks and the tag's files have no key. They are led to from everywhere, with campaign values and
    whatever else mail programs, ad networks and platforms add to an address, and take all of it.
    """
    if not request.scope["query_string"] or CALLER not in request.scope:
        return
    known = request.app.state[STATE][id(request.scope["route_handler"])]
    unknown = sorted(set(request.query_params) - known)[:_MOST_NAMED]
    if unknown:
        raise NotAsDocumented(
            [Fault(pointer=_at(name), detail=_said(name, known), code="unknown_parameter") for name in unknown]
        )


def _at(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _said(name: str, known: frozenset[str]) -> str:
    if not known:
        return "This address takes no parameters."
    meant = get_close_matches(name, sorted(known), 1)
    aside = f" Is `{meant[0]}` meant?" if meant else ""
    return f"There is no such parameter here.{aside} There are {', '.join(sorted(known))}."
