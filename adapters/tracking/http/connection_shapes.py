"""Connections on the wire."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from adapters.shared.http.bodies import Answer, Body, Line
from adapters.shared.http.ids import to_wire
from adapters.tracking.http.connection_setup import StepAnswer, setup_steps
from adapters.tracking.platforms import PLATFORMS
from adapters.tracking.postgres.health import Health
from tracking.domain.connection import Connection, Kind
from tracking.domain.health import State, state_of

SecretText = Annotated[str, Meta(min_length=8, max_length=256, examples=["shpss_0123456789abcdef0123456789abcdef"])]
Account = Annotated[str, Meta(max_length=32, examples=["abc123def4"])]
ApiToken = Annotated[str, Meta(max_length=256)]


@dataclass(frozen=True, slots=True)
class ConnectionDesk:
    """What the routes need besides use cases: addresses, and how to make other processes forget a secret."""

    base_url: str
    forget: Callable[[], None]


class ConnectionRequest(Body, frozen=True, kw_only=True):
    """`shopify`, `stripe` and `bigcommerce` tell you their secret, now or later; for the others we make one."""

    kind: Kind
    title: Annotated[Line, Meta(examples=["Nordlicht on Shopify"])]
    secret: SecretText | None = None
    """The client secret of your Shopify app or BigCommerce API account, or the signing secret of your Stripe
    endpoint, if you know it already; for the others best left out."""
    account: Account | None = None
    """`bigcommerce` only: the store hash, which its API path holds."""
    api_token: ApiToken | None = None
    """`bigcommerce` only: the access token of an API account that may read orders. It is never shown again."""


class ConnectionPatch(Body, frozen=True, kw_only=True):
    """What is left out stays as it is."""

    title: Annotated[Line, Meta(examples=["Nordlicht on Shopify"])] | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    """false: what the platform sends is refused, and it tries again later; true takes it in again."""
    account: Account | UnsetType = UNSET
    api_token: ApiToken | UnsetType = UNSET
    same_store: Literal[True] | UnsetType = UNSET
    """`woocommerce` and `bigcommerce`: this connection speaks for the store whose orders the shop knows already. It has
    another address now, or took the place of a trial. Messages that were put aside as `second_store` can then be tried
    again. Of two stores that both sell, say it of neither: they would share their orders' numbers."""


class SecretRequest(Body, frozen=True, kw_only=True):
    """The new secret; where we may make it, one is made when none is given."""

    secret: SecretText | None = None


class FailureAnswer(Answer, frozen=True, kw_only=True):
    """A message that was refused at the door. Nothing of it is kept."""

    at: datetime
    code: Annotated[str, Meta(examples=["signature_invalid"])]


class HealthAnswer(Answer, frozen=True, kw_only=True):
    """Counts are of the last seven days; those at the door are a second late."""

    last_delivery_at: datetime | None
    """The last message that checked out."""
    last_failure_at: datetime | None
    delivered: int
    """Messages that checked out."""
    refused: int
    """Messages that were refused at the door: a wrong signature, or too old."""
    last_failures: list[FailureAnswer]
    waiting: int
    failing: int
    """Waiting to be tried again."""
    parked: int
    """Given up, waiting for somebody to look at them."""
    unhandled: int
    """Of topics that nobody here listens to."""
    usual_lag_s: float | None
    """From stored to recorded: the middle one of the last hundred messages, in seconds."""
    longest_lag_s: float | None


class ConnectionAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["con_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    kind: Kind
    title: str
    state: State
    """`waiting` for the first message that checks out; `silent` when none came for much longer than usual."""
    verified_at: datetime | None
    """When the first message checked out."""
    enabled: bool
    webhook_url: Annotated[
        str, Meta(examples=["https://share.example/webhooks/shopify/con_01k9z7d2m8f3rt5wq6x7y8z9ab"])
    ]
    """Where the platform sends its webhooks."""
    valid_secrets: int
    """Two while a secret is being exchanged; none while the platform has not told it yet."""
    account: str | None
    created_at: datetime
    version: int
    """Also the ETag; send it as If-Match to change only what you have read."""
    health: HealthAnswer
    setup: list[StepAnswer]
    """What to do at the platform, step by step."""


class SecretAnswer(ConnectionAnswer, frozen=True, kw_only=True):
    secret: str | None
    """The secret that we made; null when you gave it, or will. It is not shown again."""


class ConnectionList(Answer, frozen=True, kw_only=True):
    items: list[ConnectionAnswer]
    next_cursor: str | None


def connection_answer(connection: Connection, health: Health, desk: ConnectionDesk) -> ConnectionAnswer:
    return ConnectionAnswer(**_fields(connection, health, desk, None))


def secret_answer(connection: Connection, health: Health, desk: ConnectionDesk, *, made: bool) -> SecretAnswer:
    """`connection` with its secrets open: the newest is shown when we made it."""
    secret = connection.secrets[0] if made and connection.secrets else None
    return SecretAnswer(**_fields(connection, health, desk, secret), secret=secret)


def _fields(connection: Connection, health: Health, desk: ConnectionDesk, secret: str | None) -> dict[str, Any]:
    wire_id = to_wire("con", connection.connection_id)
    platform = PLATFORMS[connection.kind]
    address = f"{desk.base_url}/webhooks/{platform.address}/{wire_id}"
    pulse = health.pulse
    verified = pulse.first_good_at is not None
    return {
        "id": wire_id,
        "kind": connection.kind,
        "title": connection.title,
        "state": state_of(pulse, enabled=connection.enabled, has_secret=bool(connection.secrets), now=health.asked_at),
        "verified_at": pulse.first_good_at,
        "enabled": connection.enabled,
        "webhook_url": address,
        "valid_secrets": len(connection.secrets),
        "account": connection.account,
        "created_at": connection.created_at,
        "version": connection.version,
        "health": _health(health),
        "setup": setup_steps(platform, connection, address, secret, verified=verified),
    }


def _health(health: Health) -> HealthAnswer:
    return HealthAnswer(
        last_delivery_at=health.pulse.last_good_at,
        last_failure_at=health.pulse.last_failed_at,
        delivered=health.good,
        refused=health.failed,
        last_failures=[FailureAnswer(at=failure.at, code=failure.code) for failure in health.failures],
        waiting=health.waiting,
        failing=health.retried,
        parked=health.pulse.parked,
        unhandled=health.unhandled,
        usual_lag_s=health.usual_lag_s,
        longest_lag_s=health.longest_lag_s,
    )
