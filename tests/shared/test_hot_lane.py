"""Hot requests go around Litestar, and are answered as it would answer them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from litestar import Litestar, delete, get, post
from litestar.handlers import asgi
from litestar.testing import TestClient
from litestar.types import Receive, Scope, Send

from adapters.host.hot_lane import HotLane
from adapters.shared.http.hot import answer
from adapters.shared.http.problems import HANDLERS
from adapters.shared.postgres.group_commit import Unstorable

FAILURES = {
    "bug": ValueError("a bug"),
    "refused": Unstorable(),
    "text": UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"),
    "deep": RecursionError(),
    "away": psycopg.OperationalError("the connection is lost"),
}


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

    @asgi("/broken", is_mount=True, copy_scope=False)
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise FAILURES[scope["path"].strip("/")]

    @get("/lists")
    async def lists() -> str:
        return "lists"

    @get("/things")
    async def things() -> str:
        return "things"

    @post("/things")
    async def add() -> None: ...

    @delete("/things")
    async def empty() -> None: ...

    handlers = [link, hook, events, broken, lists, things, add, empty]
    return Litestar(handlers, openapi_config=None, exception_handlers=HANDLERS)


@contextmanager
def _both() -> Iterator[tuple[TestClient[HotLane], TestClient[Litestar]]]:
    app = _app()
    with TestClient(HotLane(app), raise_server_exceptions=False) as lane, TestClient(app) as plain:
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
        assert (there.status_code, _said(there.text)) == (here.status_code, _said(here.text))


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_answered_alike(failure: str) -> None:
    with _both() as (lane, plain):
        there, here = lane.get(f"/broken/{failure}"), plain.get(f"/broken/{failure}")
        assert (there.status_code, _said(there.text)) == (here.status_code, _said(here.text))
        assert there.headers["content-type"] == here.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("path", "status"), [("/lists", 200), ("/nowhere", 404)])
def test_head_is_answered_as_get_is_without_a_body(path: str, status: int) -> None:
    with _both() as (lane, _):
        head, got = lane.head(path), lane.get(path)
        assert (head.status_code, got.status_code) == (status, status)
        assert head.headers["content-type"] == got.headers["content-type"]
        assert (head.content, bool(got.content)) == (b"", True)


@pytest.mark.parametrize("method", ["PUT", "OPTIONS"])
@pytest.mark.parametrize(("path", "others"), [("/lists", []), ("/things", ["DELETE", "POST"])])
def test_the_methods_that_are_told_are_those_that_answer(path: str, others: list[str], method: str) -> None:
    with _both() as (lane, _):
        allowed = lane.request(method, path).headers["allow"].split(", ")
        assert sorted(allowed) == sorted(["GET", "HEAD", "OPTIONS", *others])
        assert all(lane.request(each, path).status_code < 300 for each in allowed)


def _said(text: str) -> str:
    return re.sub(r'"request_id":"[^"]*"', "", text)
