"""Connections to shop platforms over the API. A secret is shown once, when we made it, and never again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from adapters.shared.http.auth import Caller
from adapters.shared.http.bodies import Answer, Body, Line
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from adapters.tracking.http.shapes import READ, WRITE, Cursor, Limit, next_cursor, position
from adapters.tracking.platforms import PLATFORMS
from adapters.tracking.postgres.reads import Reads
from tracking.application.connect_platform import Connect, ConnectPlatform
from tracking.application.drop_old_secret import DropOldSecret
from tracking.application.rotate_secret import Rotate, RotateSecret
from tracking.domain.connection import Connection, ConnectionId, Kind

PlatformKind = Literal["shopify", "woocommerce", "shopware", "bigcommerce", "stripe", "generic"]
SecretText = Annotated[str, Meta(min_length=8, max_length=256, examples=["shpss_0123456789abcdef0123456789abcdef"])]
NOT_KEPT = {"idempotency": "none"}
"""An answer that holds a secret is never stored: a repeated request makes another secret."""


@dataclass(frozen=True, slots=True)
class ConnectionDesk:
    """What the routes need besides use cases: addresses, and how to make other processes forget a secret."""

    base_url: str
    forget: Callable[[], None]


class ConnectionRequest(Body, frozen=True, kw_only=True):
    """`shopify`, `stripe` and `bigcommerce` tell you their secret; for the others one is made when none is given."""

    kind: PlatformKind
    title: Annotated[Line, Meta(examples=["Nordlicht on Shopify"])]
    secret: SecretText | None = None
    """The client secret of your Shopify app or BigCommerce API account, or the signing secret of your Stripe
    endpoint; for the others best left out."""
    account: Annotated[str, Meta(max_length=32, examples=["abc123def4"])] | None = None
    """`bigcommerce` only: the store hash, which its API path holds."""
    api_token: Annotated[str, Meta(max_length=256)] | None = None
    """`bigcommerce` only: the access token of an API account that may read orders. It is never shown again."""


class SecretRequest(Body, frozen=True, kw_only=True):
    """The new secret; for `generic` one is made when none is given."""

    secret: SecretText | None = None


class HealthAnswer(Answer, frozen=True, kw_only=True):
    """Of the last seven days."""

    last_delivery_at: datetime | None
    waiting: int
    failing: int
    """Waiting to be tried again."""
    parked: int
    """Given up, waiting for somebody to look at them."""
    unhandled: int
    """Of topics that nobody here listens to."""


class ConnectionAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["con_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    kind: Kind
    title: str
    webhook_url: Annotated[
        str, Meta(examples=["https://share.example/webhooks/shopify/con_01k9z7d2m8f3rt5wq6x7y8z9ab"])
    ]
    """Where the platform sends its webhooks."""
    valid_secrets: int
    """Two while a secret is being exchanged."""
    created_at: datetime
    health: HealthAnswer


class SecretAnswer(ConnectionAnswer, frozen=True, kw_only=True):
    secret: str | None
    """The secret that we made; null when you gave it. It is not shown again."""


class ConnectionList(Answer, frozen=True, kw_only=True):
    items: list[ConnectionAnswer]
    next_cursor: str | None


class ConnectionController(Controller):
    path = "/api/v1/connections"
    tags = ("tracking",)

    @post(
        operation_id="createConnection",
        summary="Connect a platform",
        guards=WRITE,
        opt=NOT_KEPT,
        responses=refusals(422),
    )
    async def create(
        self,
        data: JSONBody[ConnectionRequest],
        caller: NamedDependency[Caller],
        connect_platform: NamedDependency[ConnectPlatform],
        connection_desk: NamedDependency[ConnectionDesk],
    ) -> SecretAnswer:
        connection = await connect_platform(
            Connect(
                shop_id=caller.shop_id,
                kind=data.kind,
                title=data.title,
                secret=data.secret,
                account=data.account,
                api_token=data.api_token,
            )
        )
        return _with_secret(connection, connection_desk, made=data.secret is None)

    @get(
        operation_id="listConnections",
        summary="Connections and their health",
        guards=READ,
        responses=refusals(404, 422),
    )
    async def read_all(
        self,
        caller: NamedDependency[Caller],
        tracking_reads: NamedDependency[Reads],
        connection_desk: NamedDependency[ConnectionDesk],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> ConnectionList:
        found = await tracking_reads.connections(caller.shop_id, position(cursor, "con"), limit)
        last = found[-1][0].connection_id if found else None
        return ConnectionList(
            items=[_answer(connection, health, connection_desk) for connection, health in found],
            next_cursor=next_cursor("con", last, len(found), limit),
        )

    @get(
        "/{connection_id:str}",
        operation_id="getConnection",
        summary="A connection and its health",
        guards=READ,
        responses=refusals(404),
    )
    async def read(
        self,
        connection_id: FromPath[str],
        caller: NamedDependency[Caller],
        tracking_reads: NamedDependency[Reads],
        connection_desk: NamedDependency[ConnectionDesk],
    ) -> ConnectionAnswer:
        connection, health = await tracking_reads.connection(caller.shop_id, _id(connection_id))
        return _answer(connection, health, connection_desk)

    @post(
        "/{connection_id:str}/secrets",
        operation_id="rotateConnectionSecret",
        summary="Take a new secret in use; the present one stays valid until it is dropped",
        guards=WRITE,
        opt=NOT_KEPT,
        responses=refusals(404, 422),
    )
    async def rotate(
        self,
        connection_id: FromPath[str],
        data: JSONBody[SecretRequest],
        caller: NamedDependency[Caller],
        rotate_secret: NamedDependency[RotateSecret],
        connection_desk: NamedDependency[ConnectionDesk],
    ) -> SecretAnswer:
        command = Rotate(shop_id=caller.shop_id, connection_id=_id(connection_id), secret=data.secret)
        connection = await rotate_secret(command)
        connection_desk.forget()
        return _with_secret(connection, connection_desk, made=data.secret is None)

    @delete(
        "/{connection_id:str}/secrets/old",
        operation_id="dropOldConnectionSecret",
        summary="End the exchange: only the new secret is valid",
        guards=WRITE,
        responses=refusals(404, 409),
    )
    async def drop(
        self,
        connection_id: FromPath[str],
        caller: NamedDependency[Caller],
        drop_old_secret: NamedDependency[DropOldSecret],
        connection_desk: NamedDependency[ConnectionDesk],
    ) -> None:
        await drop_old_secret(caller.shop_id, _id(connection_id))
        connection_desk.forget()


def _id(text: str) -> ConnectionId:
    return ConnectionId(from_wire("con", text))


def _answer(connection: Connection, health: Any, desk: ConnectionDesk) -> ConnectionAnswer:
    wire_id = to_wire("con", connection.connection_id)
    return ConnectionAnswer(
        id=wire_id,
        kind=connection.kind,
        title=connection.title,
        webhook_url=f"{desk.base_url}/webhooks/{PLATFORMS[connection.kind].address}/{wire_id}",
        valid_secrets=len(connection.secrets),
        created_at=connection.created_at,
        health=HealthAnswer(
            last_delivery_at=health.last if health else None,
            waiting=health.waiting if health else 0,
            failing=health.failing if health else 0,
            parked=health.parked if health else 0,
            unhandled=health.unhandled if health else 0,
        ),
    )


def _with_secret(connection: Connection, desk: ConnectionDesk, *, made: bool) -> SecretAnswer:
    plain = _answer(connection, None, desk)
    fields = {name: getattr(plain, name) for name in plain.__struct_fields__}
    return SecretAnswer(**fields, secret=connection.secrets[0] if made else None)
