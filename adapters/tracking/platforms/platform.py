"""What a platform is to us: how its deliveries prove themselves, what they are called, and how they are read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from adapters.tracking.platforms.reading import clean
from tracking.domain.report import OrderReport


class Knock(Struct, frozen=True):
    """A request at a platform's door, before anything is believed of it."""

    header: Callable[[bytes], bytes]
    """The value of a header by its lower-case name, or nothing."""
    body: bytes
    secrets: tuple[str, ...]
    """The connection's secrets: two while they are being exchanged."""
    now: datetime

    def text(self, name: bytes, longest: int = 100) -> str:
        """A header as one line of text."""
        return clean(self.header(name).decode("latin-1"), longest)


class Greeting(Struct, frozen=True):
    """A platform's GET of a new address, before it sends anything there."""

    header: Callable[[bytes], bytes]
    query: bytes
    """As it came, without the question mark."""
    secrets: tuple[str, ...]
    address: str
    """The connection's whole address, as the platform knows it."""


class Registration(Struct, frozen=True, kw_only=True):
    """How a platform makes itself known before it delivers, by a GET of the connection's address."""

    answer: Callable[[Greeting], bytes]
    """The JSON that it asks for. Raises SignatureInvalid or Unreadable."""
    query: tuple[str, ...]
    """Values that its query has."""
    headers: tuple[str, ...]
    """Those that `answer` looks at, as the platform writes them."""


class Delivered(Protocol):
    """A delivery as it was stored."""

    @property
    def topic(self) -> str: ...
    @property
    def body(self) -> bytes: ...
    @property
    def received_at(self) -> datetime: ...


class Setup(Struct, frozen=True, kw_only=True):
    """What the merchant does at the platform. `{address}` and `{secret}` stand for the connection's."""

    where: str
    """The way through the platform's admin."""
    paste: tuple[tuple[str, str], ...]
    """(field at the platform, what to put there)"""
    topics: tuple[str, ...] = ()
    """What to subscribe to, in the platform's words."""
    asks: tuple[str, ...] = ()
    """What the platform tells the merchant and we must be given: secret, account, api_token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One kind of connection. Topics outside `topics` are taken in and kept as unhandled."""

    kind: str
    title: str
    address: str
    """Its part of the webhook's path."""
    topics: frozenset[str]
    check: Callable[[Knock], None]
    """Raises SignatureInvalid, or TimestampOutOfTolerance."""
    topic: Callable[[Knock], str]
    """Asked after `check`."""
    delivery_id: Callable[[Knock], bytes]
    """What stays the same when the platform sends a delivery again; empty where only the bytes can tell."""
    read: Callable[[Delivered], OrderReport]
    """Raises Unreadable, UnhandledTopic, CurrencyMismatch or InvalidAmount."""
    setup: Setup
    headers: tuple[str, ...]
    """Those that `check`, `topic`, `delivery_id` and `store` look at, as the platform writes them."""
    triggered_at: Callable[[Knock], str] = lambda _: ""
    store: Callable[[Knock], str] = lambda _: ""
    """Which store of the platform it comes from, in at most 200 characters, where stores number their own orders."""
    greets: Callable[[Knock], bool] = lambda _: False
    """Whether this POST is only the platform's greeting of a new address: answered, not believed, not stored."""
    registration: Registration | None = None
    fetched: bool = False
    """The delivery only names an order, which is then fetched: see `sources.py`."""
