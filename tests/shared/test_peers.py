"""Contexts in other processes: a refusal stays what it was, and what is no peer's answer is nobody's refusal."""

import asyncio

import httpx2
import pytest

from adapters.host.peers.remote import PeerRefusal, Peers
from adapters.shared.postgres.errors import Unavailable

PROBLEM = {"code": "unknown_link", "detail": "Nobody has it.", "errors": [{"pointer": "/link"}]}


def _ask(answer: httpx2.Response) -> bytes:
    async def ask() -> bytes:
        peers = Peers({"shops": "http://shops"}, "token", httpx2.MockTransport(lambda _: answer))
        try:
            return await peers.post("shops", "questions/shops.authenticate", b"{}")
        finally:
            await peers.close()

    return asyncio.run(ask())


def test_a_refusal_is_the_other_contexts_own() -> None:
    with pytest.raises(PeerRefusal) as refused:
        _ask(httpx2.Response(404, json=PROBLEM))
    error = refused.value
    assert (error.code, error.kind, error.pointer) == ("unknown_link", "not_found", "/link")


@pytest.mark.parametrize("body", [b"<html>not found</html>", b"", b"[]"])
def test_the_page_of_a_proxy_on_the_way_is_no_refusal(body: bytes) -> None:
    with pytest.raises(Unavailable):
        _ask(httpx2.Response(404, content=body))
