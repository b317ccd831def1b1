"""How long a shop keeps what says who bought what."""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from kernel.errors import DomainError

SHORTEST_MONTHS: Final = 14
"""A reward may wait a year after its order, and a click may be credited for 400 days: what they need stays."""
LONGEST_MONTHS: Final = 120
_MONTH: Final = timedelta(days=30.4375)


class RetentionOutOfRange(DomainError):
    code = "retention_out_of_range"
    title = f"Between {SHORTEST_MONTHS} and {LONGEST_MONTHS} months may be kept"


class Retention(Struct, frozen=True, kw_only=True):
    """Months after which a customer who bought nothing more is forgotten, and after which clicks are deleted."""

    orders_months: int
    clicks_months: int

    def checked(self) -> "Retention":
        for name in ("orders_months", "clicks_months"):
            if not SHORTEST_MONTHS <= getattr(self, name) <= LONGEST_MONTHS:
                raise RetentionOutOfRange(pointer=f"/{name}")
        return self

    def orders_before(self, now: datetime) -> datetime:
        return now - self.orders_months * _MONTH

    def clicks_before(self, now: datetime) -> datetime:
        return now - self.clicks_months * _MONTH


class Kept(Struct, frozen=True, kw_only=True):
    """What a shop's retention is, and whether the shop said so or its country's policy does."""

    retention: Retention
    chosen: bool


class Forgotten(Struct, frozen=True, kw_only=True):
    """What one run came to."""

    at: datetime
    orders: int
    clicks: int
