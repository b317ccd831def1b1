"""Routes for peers: facts in and questions answered, for contexts that live in different processes."""

import hmac
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from msgspec import Meta

from adapters.host.composition import Installation, peer_token
from adapters.host.peers.ask import answer_locally
from adapters.shared.http.auth import Unauthenticated
from kernel.errors import DomainError
from kernel.events import Envelope


class FactsOfSeveralShops(DomainError):
    code = "facts_of_several_shops"
    title = "A batch holds the facts of one shop"


class ContextNotHere(DomainError):
    code = "context_not_here"
    kind = "not_found"
    title = "This context does not live here"


Name = Annotated[str, Meta(max_length=100)]


@post("/facts/{context:str}", status_code=204)
async def receive_facts(
    request: Request[Any, Any, Any], context: FromPath[str], installation: NamedDependency[Installation]
) -> None:
    """Take a batch of one shop's facts for one context; applied exactly once, however often they come."""
    here = installation.contexts.get(context)
    if here is None:
        raise ContextNotHere
    envelopes = msgspec.json.decode(await request.body(), type=list[Envelope])
    shops = {envelope.shop_id for envelope in envelopes}
    if len(shops) > 1:
        raise FactsOfSeveralShops
    for shop_id in shops:
        await here.receiver.receive(shop_id, envelopes)


@post("/questions/{name:str}", status_code=200)
async def answer_question(
    request: Request[Any, Any, Any], name: FromPath[str], installation: NamedDependency[Installation]
) -> Any:
    """Answer a question of another context."""
    return await answer_locally(installation.asking, name, await request.body())


def internal_router(installation: Installation) -> Router:
    expected = f"Bearer {peer_token(installation.settings)}"

    def only_peers(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        shown = connection.headers.get("authorization", "")
        if not hmac.compare_digest(shown.encode(), expected.encode()):
            raise Unauthenticated

    return Router(
        path="/internal/v1",
        route_handlers=[receive_facts, answer_question],
        guards=[only_peers],
        dependencies={"installation": Provide(lambda: installation, sync_to_thread=False)},
        include_in_schema=False,
    )
