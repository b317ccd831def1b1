"""POST /webhooks/…: platforms report what happened. Checked over the raw bytes, stored, then answered."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from litestar.handlers import asgi
from litestar.types import Receive, Scope, Send
from msgspec import Struct

from adapters.shared.http.hot import answer, header, not_allowed, problem, read_body
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.postgres.bell import Bell
from adapters.shared.postgres.group_commit import GroupCommit
from adapters.shared.postgres.unit import utc_now
from adapters.tracking.caches import TimedCache
from adapters.tracking.channels import FETCH, INTAKE
from adapters.tracking.counted import DeliveryCounter
from adapters.tracking.http.door_document import SCHEMAS, operations_of, path_of
from adapters.tracking.platforms import PLATFORMS
from adapters.tracking.platforms.platform import Greeting, Knock, Platform
from adapters.tracking.postgres.deliveries import StoredDelivery
from kernel.errors import DomainError
from kernel.ids import ShopId
from tracking.domain.connection import ConnectionDisabled, ConnectionId, ConnectionNotFound
from tracking.domain.delivery import DeliveryRef

_PREFIX: Final = "con"
_STORED: Final = b'{"status":"stored"}'
_GREETED: Final = b'{"status":"greeted"}'
_JSON: Final = (b"content-type", b"application/json")


class KnownConnection(Struct, frozen=True):
    """A connection as the webhook routes remember it."""

    shop_id: ShopId
    connection_id: ConnectionId
    kind: str
    secrets: tuple[str, ...]
    enabled: bool = True


class WebhookDoor:
    """Takes deliveries in. Answers 200 only after the commit; a delivery that was stored before is 200 again."""

    def __init__(
        self,
        connections: TimedCache[UUID, KnownConnection],
        deliveries: GroupCommit[StoredDelivery],
        bell: Bell,
        base_url: str,
        counter: DeliveryCounter,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._connections = connections
        self._deliveries = deliveries
        self._bell = bell
        self._base_url = base_url
        self._counter = counter
        self._clock = clock

    async def take(self, platform: Platform, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]  # type: ignore[typeddict-item]
        if method != "POST":
            await self._greet(platform, method, scope, send)
            return
        try:
            connection = await self._connection(scope, platform.kind)
            body = await read_body(scope, receive)
            knock = Knock(lambda name: header(scope, name), body, connection.secrets, self._clock())
            if platform.greets(knock):
                await answer(send, 200, [_JSON], _GREETED)
                return
            try:
                delivery = admit(platform, knock, connection)
            except DomainError as refusal:
                self._counter.failed(connection.shop_id, connection.connection_id, refusal.code)
                raise
            await self._deliveries.record(delivery)
        except DomainError as refusal:
            await problem(send, refusal)
            return
        self._counter.good(connection.shop_id, connection.connection_id, handled=delivery.handled)
        if delivery.handled:
            self._bell.ring(FETCH if platform.fetched else INTAKE)
        await answer(send, 200, [_JSON], _STORED)

    async def _greet(self, platform: Platform, method: str, scope: Scope, send: Send) -> None:
        registration = platform.registration
        if registration is None or method != "GET":
            allowed = b"POST" if registration is None else b"GET, POST"
            await not_allowed(send, allowed)
            return
        try:
            connection = await self._connection(scope, platform.kind)
            name = to_wire(_PREFIX, connection.connection_id)
            address = f"{self._base_url}/webhooks/{platform.address}/{name}"
            query: bytes = scope["query_string"]
            greeting = Greeting(lambda name: header(scope, name), query, connection.secrets, address)
            body = registration.answer(greeting)
        except DomainError as refusal:
            await problem(send, refusal)
            return
        await answer(send, 200, [_JSON], body)

    async def _connection(self, scope: Scope, kind: str) -> KnownConnection:
        connection_id = from_wire(_PREFIX, scope["path"].strip("/").rpartition("/")[2])
        connection = await self._connections.get(connection_id)
        if connection is None or connection.kind != kind:
            raise ConnectionNotFound
        if not connection.enabled:
            raise ConnectionDisabled
        return connection


def admit(platform: Platform, knock: Knock, connection: KnownConnection) -> StoredDelivery:
    """Check a delivery and name it; raises SignatureInvalid or TimestampOutOfTolerance."""
    platform.check(knock)
    topic = platform.topic(knock)
    return StoredDelivery(
        ref=DeliveryRef(
            shop_id=connection.shop_id,
            connection_id=connection.connection_id,
            delivery_key=_key(platform.delivery_id(knock), topic, knock.body),
        ),
        kind=connection.kind,
        topic=topic,
        triggered_at=platform.triggered_at(knock),
        body=knock.body,
        handled=topic in platform.topics,
        store=platform.store(knock),
    )


def _key(given: bytes, topic: str, body: bytes) -> str:
    """The delivery's own id; one that is missing or odd gives way to a fingerprint, so that it still counts once."""
    if 0 < len(given) <= 200 and given.isascii() and given.decode().isprintable():
        return given.decode()
    return "sha256:" + hashlib.sha256(b"\n".join((given, topic.encode(), body))).hexdigest()


def webhook_routes(door: WebhookDoor) -> list[asgi]:
    """One door per platform, at the platform's address."""
    return [_route(door, platform) for platform in PLATFORMS.values()]


def _route(door: WebhookDoor, platform: Platform) -> asgi:
    document = {"path": path_of(platform), "operations": operations_of(platform), "schemas": SCHEMAS}

    @asgi(f"/webhooks/{platform.address}", is_mount=True, copy_scope=False, opt={"document": document})
    async def deliver(scope: Scope, receive: Receive, send: Send) -> None:
        await door.take(platform, scope, receive, send)

    return deliver
