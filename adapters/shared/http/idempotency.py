"""Idempotency keys: a POST that is repeated with its key has one effect and gets the first answer again.

The key, the effect and the answer are committed together (`postgres/request_scope.py`). Keys are kept 30 days and
belong to a shop; one key used for another request is refused, and so is one whose first request still runs.
A failure of ours (5xx) is not kept: its effect is rolled back, so that trying again with the key can succeed.
"""

import hashlib
import re
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from adapters.shared.http.hot import problem, read_body
from adapters.shared.postgres.request_scope import RequestScope, current_scope
from adapters.shared.postgres.unit import Unit
from kernel.errors import DomainError

LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 7))"
LOOK_UP = "SELECT fingerprint, status, headers, body FROM idempotency_key WHERE shop_id = %s AND key = %s"
STORE = """
INSERT INTO idempotency_key (shop_id, key, fingerprint, status, headers, body) VALUES (%s, %s, %s, %s, %s, %s)
"""
_SHAPE: Final = re.compile(rb"[\x21-\x7e]{1,255}")
_KEPT_HEADERS: Final = (b"content-type", b"location", b"etag")
_MOST_BYTES: Final = 1_048_576


class IdempotencyKeyRequired(DomainError):
    code = "idempotency_key_required"
    title = "This request needs an Idempotency-Key header"


class IdempotencyKeyMalformed(DomainError):
    code = "idempotency_key_malformed"
    title = "An Idempotency-Key is 1 to 255 visible ASCII characters"


class IdempotencyKeyReused(DomainError):
    code = "idempotency_key_reused"
    title = "This Idempotency-Key belongs to another request"


class IdempotencyKeyBusy(DomainError):
    code = "idempotency_key_busy"
    kind = "conflict"
    title = "The first request with this Idempotency-Key still runs"


class AnsweredBefore(Exception):
    """Carries the stored answer from the transaction to the exception handler."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        super().__init__("answered before")


class AnswerFailed(Exception):
    """The effect was made and then the answer failed: nothing happened, and the caller may try again."""


def on_answered_before(_: Request[Any, Any, Any], answer: AnsweredBefore) -> Response[bytes]:
    headers = {k: v for k, v in answer.headers.items() if k != "content-type"} | {"idempotency-replayed": "true"}
    media_type = answer.headers.get("content-type", "application/json")
    return Response(content=answer.body, status_code=answer.status, media_type=media_type, headers=headers)


class IdempotencyMiddleware(ASGIMiddleware):
    """Opens a request scope for every POST with a key.

    Routes where money moves say `opt={"idempotency": "required"}`; one whose answer holds a secret, which may not be
    stored, says "none".
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        opt = scope["route_handler"].opt
        wanted = opt.get("idempotency")
        if scope.get("method") != "POST" or "context" not in opt or wanted == "none":
            await next_app(scope, receive, send)
            return
        key = next((value for name, value in scope["headers"] if name == b"idempotency-key"), None)
        if key is None and wanted == "required":
            await problem(send, IdempotencyKeyRequired())
        elif key is None:
            await next_app(scope, receive, send)
        elif not _SHAPE.fullmatch(key):
            await problem(send, IdempotencyKeyMalformed())
        else:
            try:
                body = await read_body(scope, receive, _MOST_BYTES)
            except DomainError as error:
                await problem(send, error)
                return
            await _handle_once(scope, body, send, next_app, key.decode(), opt["context"])


async def _handle_once(scope: Scope, body: bytes, send: Send, next_app: ASGIApp, key: str, context: str) -> None:
    what = b"\0".join((scope["path"].encode(), scope.get("query_string", b""), body))
    fingerprint = hashlib.sha256(what).digest()

    async def on_enter(unit: Unit) -> None:
        await _claim(unit, key, fingerprint)

    held = RequestScope(context, on_enter)
    token = current_scope.set(held)
    messages: list[Message] = []

    async def gather(message: Message) -> None:
        messages.append(message)

    try:
        await next_app(scope, _replay(body), gather)
        if held.unit is not None and _status(messages) >= 500:
            await held.abandon(AnswerFailed())
        elif held.unit is not None:
            await _store(held.unit, key, fingerprint, messages)
            await held.commit()
    except BaseException as error:
        await held.abandon(error)
        raise
    finally:
        current_scope.reset(token)
    for message in messages:
        await send(message)


async def _claim(unit: Unit, key: str, fingerprint: bytes) -> None:
    locked = await (await unit.raw.execute(LOCK, (f"{unit.shop_id}:{key}",))).fetchone()
    if locked is None or not locked[0]:
        raise IdempotencyKeyBusy
    stored = await (await unit.raw.execute(LOOK_UP, (unit.shop_id, key))).fetchone()
    if stored is None:
        return
    if stored[0] != fingerprint:
        raise IdempotencyKeyReused
    raise AnsweredBefore(stored[1], stored[2], stored[3])


async def _store(unit: Unit, key: str, fingerprint: bytes, messages: list[Message]) -> None:
    start = _start(messages)
    body = b"".join(m.get("body", b"") for m in messages if m["type"] == "http.response.body")
    kept = {name.decode(): value.decode() for name, value in start["headers"] if name in _KEPT_HEADERS}
    await unit.raw.execute(
        STORE, (unit.shop_id, key, fingerprint, start["status"], msgspec.json.encode(kept).decode(), body)
    )


def _start(messages: list[Message]) -> Any:
    return next(message for message in messages if message["type"] == "http.response.start")


def _status(messages: list[Message]) -> int:
    return int(_start(messages)["status"])


def _replay(body: bytes) -> Receive:
    sent = False

    async def receive() -> Any:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
