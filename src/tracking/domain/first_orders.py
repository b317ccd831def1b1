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
    undone: bool
    """Cancelled, or its payment was voided: it bought nothing."""
    test: bool
    first_order: bool


def first_orders(timeline: Iterable[Placed]) -> dict[OrderId, bool]:
    """For each order: True when no earlier order of the same person, by (placed_at, sort_key), stands.

    Test orders have a timeline of their own: one never makes a real order the second.
    """
    result: dict[OrderId, bool] = {}
    bought: set[tuple[PersonId, bool]] = set()
    for placed in sorted(timeline, key=lambda placed: (placed.placed_at, placed.sort_key)):
        buyer = placed.person_id, placed.test
        result[placed.order_id] = buyer not in bought
        if not placed.undone:
            bought.add(buyer)
    return result
