"""What was given up after its tries, so that people can look at it and have it tried again."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from msgspec import Struct


class ParkedItem(Struct, frozen=True, kw_only=True):
    """Something that was given up after its tries: shown and replayed by `grapevine queue`."""

    queue: str
    shop_id: str
    item: str
    tries: int
    error: str
    parked_at: str


@dataclass(frozen=True, slots=True)
class Parked:
    """One queue of parked items: list them, and put all of them (or one) back to be tried again."""

    queue: str
    list: Callable[[], Awaitable[Sequence[ParkedItem]]]
    replay: Callable[[str | None], Awaitable[int]]
