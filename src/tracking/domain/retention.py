"""How long a shop keeps what says who bought what."""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from kernel.errors import DomainError

SHORTEST_MONTHS: Final = 14
"""A reward may wait a year after its order, and a click may be credited for 400 days: what they need stays."""
LONGEST_MONTHS: Final = 120
SHORTEST_EVENTS_MONTHS: Final = 2
"""An event that a browser sends again a month later is still known, and is not stored twice."""
SHORTEST: Final = {
    "orders_months": SHORTEST_MONTHS,
    "clicks_months": SHORTEST_MONTHS,
    "events_months": SHORTEST_EVENTS_MONTHS,
}
_MONTH: Final = timedelta(days=30.4375)


class RetentionOutOfRange(DomainError):
    code = "retention_out_of_range"
    title = "That is too short, or too long, to be kept"


class Retention(Struct, frozen=True, kw_only=True):
    """Months after which customers who bought nothing more are forgotten, and clicks and events of the tag deleted."""

    orders_months: int
    clicks_months: int
    events_months: int

    def checked(self) -> "Retention":
        for name, shortest in SHORTEST.items():
            if not shortest <= getattr(self, name) <= LONGEST_MONTHS:
                detail = f"Between {shortest} and {LONGEST_MONTHS} months may be kept."
                raise RetentionOutOfRange(detail, pointer=f"/{name}")
        return self

    def orders_before(self, now: datetime) -> datetime:
        return now - self.orders_months * _MONTH

    def clicks_before(self, now: datetime) -> datetime:
        return now - self.clicks_months * _MONTH

    def events_before(self, now: datetime) -> datetime:
        return now - self.events_months * _MONTH


class Kept(Struct, frozen=True, kw_only=True):
    """What a shop's retention is, and whether the shop said so or its country's policy does."""

    retention: Retention
    chosen: bool


class Forgotten(Struct, frozen=True, kw_only=True):
    """What one run came to."""

    at: datetime
    orders: int
    clicks: int
    events: int
