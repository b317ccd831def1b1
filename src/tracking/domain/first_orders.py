"""Which orders are a buyer's first: pure, for all buyers of a batch at once.

An order is a buyer's again when an earlier one shares the person (the same e-mail address) or the customer (the shop's
own reference): who changes their address is nobody new, nor who opens another account with it.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from kernel.ids import CustomerId, OrderId, PersonId


class Placed(Struct, frozen=True, kw_only=True):
    """One known order on a buyer's timeline."""

    order_id: OrderId
    person_id: PersonId
    customer_id: CustomerId
    placed_at: datetime
    sort_key: str
    undone: bool
    """Cancelled, or its payment was voided: it bought nothing."""
    test: bool
    first_order: bool


def first_orders(timeline: Iterable[Placed]) -> dict[OrderId, bool]:
    """For each order: True when no earlier order of its person or its customer, by (placed_at, sort_key), stands.

    Test orders have a timeline of their own: one never makes a real order the second.
    """
    result: dict[OrderId, bool] = {}
    bought: set[tuple[UUID, bool]] = set()
    for placed in sorted(timeline, key=lambda placed: (placed.placed_at, placed.sort_key)):
        buyer = {(placed.person_id, placed.test), (placed.customer_id, placed.test)}
        result[placed.order_id] = not buyer & bought
        if not placed.undone:
            bought |= buyer
    return result
