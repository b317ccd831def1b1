"""Fetching orders from the API of a platform whose webhooks only name them."""

from typing import ClassVar, Protocol

from msgspec import Struct

from kernel.errors import DomainError
from tracking.domain.report import OrderReport

LONGEST_PAUSE_S = 900.0


class SourceAway(Exception):
    """The platform's API is down, too slow, or asks us to come back in `pause_s` seconds."""

    def __init__(self, reason: str, *, pause_s: float = 0.0, asked_nobody: bool = False) -> None:
        super().__init__(reason)
        self.pause_s = min(max(pause_s, 0.0), LONGEST_PAUSE_S)
        self.asked_nobody = asked_nobody


class SourceRefused(DomainError):
    code: ClassVar[str] = "source_refused"
    title = "The platform's API refuses our token"


class OrderNotThere(DomainError):
    code: ClassVar[str] = "order_not_there"
    title = "The platform's API knows no such order"


class OtherStore(DomainError):
    code: ClassVar[str] = "other_store"
    title = "The message is about another store than the connection's"


class Access(Struct, frozen=True):
    """Which shop of the platform, and what its API knows us by."""

    account: str
    api_token: str


class OrderSource(Protocol):
    """The orders of one platform. Never asked inside a transaction or under a lock."""

    def names(self, body: bytes) -> str:
        """The order that a stored delivery names, as a text that is the same for the same order.

        Raises Unreadable, or UnhandledTopic.
        """
        ...

    async def fetch(self, access: Access, body: bytes) -> OrderReport:
        """The order that a stored delivery names, as it is now.

        Raises SourceAway when asking again later may help; SourceRefused, OrderNotThere, OtherStore, or what reading
        raises (Unreadable, UnhandledTopic, CurrencyMismatch, InvalidAmount) when it will not.
        """
        ...

    async def close(self) -> None:
        """Let go of what is kept open."""
        ...
