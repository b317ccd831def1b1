"""Small tools for plain ASGI handlers: the hot routes that skip what they do not need."""

from collections.abc import Sequence
from typing import Final

from litestar.types import Receive, Scope, Send

from adapters.shared.http.problems import encode, method_not_allowed, problem_of_any
from kernel.errors import DomainError

Headers = list[tuple[bytes, bytes]]
ONE_MEGABYTE: Final = 1_048_576
_LONGEST_LENGTH: Final = 10


class BodyTooLarge(DomainError):
    code = "body_too_large"
    kind = "too_large"
    title = "The body is larger than 1 MB"


class BodyCut(DomainError):
    code = "body_cut"
    title = "The body ended early"


async def read_body(scope: Scope, receive: Receive, limit: int = ONE_MEGABYTE) -> bytes:
    """The whole body; raises BodyTooLarge as soon as it passes the limit, BodyCut when the client goes away.

    A body whose length was declared is whole when that has come: to ask the server for its end costs as much as to ask
    for the body.
    """
    declared = header(scope, b"content-length")
    whole = int(declared) if declared.isdigit() and len(declared) < _LONGEST_LENGTH else -1
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BodyCut
        chunk: bytes = message.get("body", b"")  # type: ignore[assignment]
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge
        if size == whole and not chunks:
            return chunk
        chunks.append(chunk)
        if size == whole or not message.get("more_body", False):
            return b"".join(chunks)


async def answer(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*headers, _length(body)]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def problem(send: Send, error: Exception) -> None:
    """Answer with the problem document of a refusal, or of a failure, which is logged."""
    document = problem_of_any(error)
    body, headers = encode(document)
    await answer(send, document.status, headers, body)


async def not_allowed(send: Send, allowed: bytes, also: Sequence[tuple[bytes, bytes]] = ()) -> None:
    """Answer 405; `allowed` is the methods that the address takes."""
    document = method_not_allowed()
    body, headers = encode(document)
    await answer(send, document.status, [*headers, *also, (b"allow", allowed)], body)


def header(scope: Scope, name: bytes) -> bytes:
    """The first value of a request header (lower-case name), or nothing."""
    for key, value in scope["headers"]:
        if key == name:
            return value
    return b""


def _length(body: bytes) -> tuple[bytes, bytes]:
    return b"content-length", str(len(body)).encode()
