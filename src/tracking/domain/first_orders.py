"""Which orders are a person's first: pure, for all persons of a batch at once."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from kernel.ids import OrderId, PersonId


class Placed(Struct, frozen=True, kw_only=True):
    """One known order on a person's timeline."""

    order_id: OrderId
    person_id: PersonId
    placed_at: datetime
    sort_key: str
    cancelled: bool
    first_order: bool


def first_orders(timeline: Iterable[Placed]) -> dict[OrderId, bool]:
    """For each order: True when no earlier order of the same person, by (placed_at, sort_key), stands uncancelled."""
    result: dict[OrderId, bool] = {}
    bought: set[PersonId] = set()
    for placed in sorted(timeline, key=lambda placed: (placed.placed_at, placed.sort_key)):
        result[placed.order_id] = placed.person_id not in bought
        if not placed.cancelled:
            bought.add(placed.person_id)
    return result
