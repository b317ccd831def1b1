"""POST /webhooks/…: platforms report what happened. Checked over the raw bytes, stored, then answered."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from litestar.handlers import asgi
from litestar.types import Receive, Scope, Send
from msgspec import Struct

from adapters.shared.http.hot import BodyCut, answer, header, problem, read_body
from adapters.shared.http.ids import from_wire
from adapters.shared.postgres.bell import Bell
from adapters.shared.postgres.group_commit import GroupCommit
from adapters.shared.postgres.unit import utc_now
from adapters.tracking.caches import TimedCache
from adapters.tracking.channels import INTAKE
from adapters.tracking.platforms import own, shopify
from adapters.tracking.platforms.reading import clean
from adapters.tracking.platforms.signatures import check_shopify, check_standard
from adapters.tracking.postgres.deliveries import StoredDelivery
from kernel.errors import DomainError
from kernel.ids import ShopId
from tracking.domain.connection import ConnectionId, ConnectionNotFound
from tracking.domain.delivery import DeliveryRef

_PREFIX: Final = "con"
_STORED: Final = b'{"status":"stored"}'
_JSON: Final = (b"content-type", b"application/json")


class KnownConnection(Struct, frozen=True):
    """A connection as the webhook routes remember it."""

    shop_id: ShopId
    connection_id: ConnectionId
    kind: str
    secrets: tuple[str, ...]


Read = Callable[[Scope, bytes, KnownConnection, datetime], StoredDelivery]


class WebhookDoor:
    """Takes deliveries in. Answers 200 only after the commit; a delivery that was stored before is 200 again."""

    def __init__(
        self,
        connections: TimedCache[UUID, KnownConnection],
        deliveries: GroupCommit[StoredDelivery],
        bell: Bell,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._connections = connections
        self._deliveries = deliveries
        self._bell = bell
        self._clock = clock

    async def take(self, kind: str, read: Read, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":  # type: ignore[typeddict-item]
            await answer(send, 405, [(b"allow", b"POST")])
            return
        try:
            connection = await self._connection(scope, kind)
            body = await read_body(receive)
            delivery = read(scope, body, connection, self._clock())
            await self._deliveries.record(delivery)
        except BodyCut:
            return
        except DomainError as refusal:
            await problem(send, refusal)
            return
        if delivery.handled:
            self._bell.ring(INTAKE)
        await answer(send, 200, [_JSON], _STORED)

    async def _connection(self, scope: Scope, kind: str) -> KnownConnection:
        connection_id = from_wire(_PREFIX, scope["path"].strip("/").rpartition("/")[2])
        connection = await self._connections.get(connection_id)
        if connection is None or connection.kind != kind:
            raise ConnectionNotFound
        return connection


def read_shopify(scope: Scope, body: bytes, connection: KnownConnection, _: datetime) -> StoredDelivery:
    """Check and name a Shopify delivery; raises SignatureInvalid."""
    check_shopify(body, header(scope, b"x-shopify-hmac-sha256"), connection.secrets)
    topic = _text(header(scope, b"x-shopify-topic"), 100)
    return StoredDelivery(
        ref=_ref(connection, _key(header(scope, b"x-shopify-webhook-id"), topic.encode() + b"\n" + body)),
        kind=connection.kind,
        topic=topic,
        triggered_at=_text(header(scope, b"x-shopify-triggered-at"), 60),
        body=body,
        handled=topic in shopify.TOPICS,
    )


def read_own(scope: Scope, body: bytes, connection: KnownConnection, now: datetime) -> StoredDelivery:
    """Check and name a delivery by the Standard Webhooks specification; raises SignatureInvalid and the like."""
    webhook_id = header(scope, b"webhook-id")
    timestamp = header(scope, b"webhook-timestamp")
    check_standard(
        body,
        webhook_id=webhook_id,
        timestamp=timestamp,
        signatures=header(scope, b"webhook-signature"),
        secrets=connection.secrets,
        now=now,
    )
    topic = own.topic_of(body)
    return StoredDelivery(
        ref=_ref(connection, _key(webhook_id, body)),
        kind=connection.kind,
        topic=topic,
        triggered_at=_text(timestamp, 60),
        body=body,
        handled=topic in own.TOPICS or topic == "",
    )


def _ref(connection: KnownConnection, key: str) -> DeliveryRef:
    return DeliveryRef(shop_id=connection.shop_id, connection_id=connection.connection_id, delivery_key=key)


def _key(given: bytes, body: bytes) -> str:
    """The delivery's own id; one that is missing or odd gives way to a fingerprint, so that it still counts once."""
    if 0 < len(given) <= 200 and given.isascii() and given.decode().isprintable():
        return given.decode()
    return "sha256:" + hashlib.sha256(given + b"\n" + body).hexdigest()


def _text(value: bytes, longest: int) -> str:
    return clean(value.decode("latin-1"), longest)


def webhook_routes(door: WebhookDoor) -> list[asgi]:
    @asgi("/webhooks/shopify", is_mount=True, copy_scope=False)
    async def from_shopify(scope: Scope, receive: Receive, send: Send) -> None:
        await door.take("shopify", read_shopify, scope, receive, send)

    @asgi("/webhooks/orders", is_mount=True, copy_scope=False)
    async def from_own(scope: Scope, receive: Receive, send: Send) -> None:
        await door.take("generic", read_own, scope, receive, send)

    return [from_shopify, from_own]
