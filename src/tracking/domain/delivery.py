"""Deliveries: what a platform sent, stored before it was answered, and what became of it."""

from typing import ClassVar

from msgspec import Struct

from kernel.errors import DomainError
from kernel.ids import ShopId
from tracking.domain.connection import ConnectionId

MAX_TRIES = 8
LONGEST_PAUSE_S = 900


class Unreadable(DomainError):
    code = "unreadable_payload"
    title = "The payload cannot be read as what its topic says"


class UnhandledTopic(DomainError):
    code = "unhandled_topic"
    title = "Nobody here listens to this topic"


class GaveUp(DomainError):
    code: ClassVar[str] = "gave_up"
    title = "It failed too often and waits for somebody to look at it"


class DeliveryNotFound(DomainError):
    code = "unknown_delivery"
    kind = "not_found"
    title = "There is no such delivery among those that were given up"


class DeliveryRef(Struct, frozen=True, kw_only=True):
    """Names one stored delivery."""

    shop_id: ShopId
    connection_id: ConnectionId
    delivery_key: str


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one delivery: `done`, or `parked`/`unhandled` with a stable code and one sentence."""

    ref: DeliveryRef
    state: str
    code: str = ""
    reason: str = ""


def pause_s(tries: int) -> int:
    """Seconds to wait after the given number of failed tries: 2, 6, 18, … and never more than 15 minutes."""
    return int(min(LONGEST_PAUSE_S, 2 * 3 ** (tries - 1)))
