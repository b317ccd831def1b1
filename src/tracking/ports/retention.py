"""What retention needs from outside. The docstrings are the contracts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from kernel.ids import PersonId
from tracking.domain.retention import Forgotten, Kept, Retention


class Retentions(Protocol):
    """The shop's retention, and what is past it."""

    async def get(self) -> Kept:
        """What the shop has chosen, else what its country's policy says."""

    async def save(self, retention: Retention) -> None:
        """Store what the shop has chosen."""

    async def forget_buyers(self, before: datetime, after: PersonId | None, most: int) -> tuple[int, PersonId | None]:
        """Take the buyer out of all orders of up to `most` people, in the order of their ids from `after` on, who
        bought nothing since `before` and on whose orders no reward is unsettled. Amounts, dates and whom an order is
        credited to stay. Gives how many orders, and the last of the people; None when there are no more."""

    async def forget_names(self, names: Sequence[UUID]) -> None:
        """Take these names out of what buyers and browsers said of orders, and of why orders are whose they are."""

    async def delete_clicks(self, before: datetime, most: int) -> int:
        """Delete up to `most` clicks from before; gives how many.

        What browsers said before then of orders that never came goes, too.
        """

    async def delete_events(self, before: datetime, most: int) -> int:
        """Delete up to `most` events of the tag that arrived before; gives how many.

        Visitors who were last recognised as a customer before then are tied to that customer no longer.
        """

    async def note(self, forgotten: Forgotten) -> None:
        """Write down what a run came to."""
