"""The envelope in which a fact travels from one context to another."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, TypeVar

import msgspec
from msgspec import Struct

from kernel.ids import EventId, ShopId

T = TypeVar("T")

Clock = Callable[[], datetime]
"""Gives the present moment in UTC. Inside a unit of work use `work.now()`: it honours the shop's test clock."""


class Event(Struct, frozen=True, kw_only=True):
    """A published fact. `name` is "context.fact", `version` rises with the meaning; fields are only added."""

    name: ClassVar[str]
    version: ClassVar[int] = 1


class Envelope(Struct, frozen=True, kw_only=True):
    """One fact of one shop on its way: `payload` is the event as JSON, decoded by each consumer into its own Struct."""

    event_id: EventId
    shop_id: ShopId
    name: str
    version: int
    occurred_at: datetime
    payload: msgspec.Raw

    def decode(self, into: type[T]) -> T:
        """Read the payload into the consumer's own Struct; fields the consumer does not know are ignored."""
        return msgspec.json.decode(self.payload, type=into)
