"""Hot requests go around Litestar, and are answered as it would answer them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from litestar import Litestar, get
from litestar.handlers import asgi
from litestar.testing import TestClient
from litestar.types import Receive, Scope, Send

from adapters.host.hot_lane import HotLane
from adapters.shared.http.hot import answer


def _app() -> Litestar:
    @asgi("/l", is_mount=True, copy_scope=False)
    async def link(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, 200, [], f"link {scope['path'].strip('/')} {'route_handler' in scope}".encode())

    @asgi("/webhooks/shop", is_mount=True, copy_scope=False)
    async def hook(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, 200, [], f"hook {scope['path'].strip('/')} {'route_handler' in scope}".encode())

    @asgi("/tag/v1/events", is_mount=True, copy_scope=False)
    async def events(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, 200, [], f"events {scope['path'].strip('/')} {'route_handler' in scope}".encode())

    @get("/lists")
    async def lists() -> str:
        return "lists"

    return Litestar([link, hook, events, lists], openapi_config=None)


@contextmanager
def _both() -> Iterator[tuple[TestClient[HotLane], TestClient[Litestar]]]:
    app = _app()
    with TestClient(HotLane(app)) as lane, TestClient(app) as plain:
        yield lane, plain


@pytest.mark.parametrize(
    "path",
    ["/l", "/l/", "/l/7K2M", "/l/7K2M/", "/l/nordlicht/autumn", "/webhooks/shop/con_1", "/tag/v1/events", "/l/%C3%A4"],
)
def test_a_hot_request_does_not_pass_litestar_and_is_answered_alike(path: str) -> None:
    with _both() as (lane, plain):
        answered = lane.get(path).text
        assert answered.endswith("False")
        assert answered.removesuffix("False") == plain.get(path).text.removesuffix("True")


@pytest.mark.parametrize("path", ["/lists", "/link", "/", "//l/7K2M", "/webhooks", "/webhooks/other/con_1", "/tag/v1"])
def test_all_else_is_litestars(path: str) -> None:
    with _both() as (lane, plain):
        there, here = lane.get(path), plain.get(path)
        assert (there.status_code, there.text) == (here.status_code, here.text)
