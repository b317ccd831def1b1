"""Forget what erased customers were called as advocates, also where buyers named them."""

from collections.abc import Sequence

from kernel.ids import CustomerId
from tracking.ports import Work


async def forget_advocates(work: Work, customers: Sequence[CustomerId]) -> None:
    """No order is decided again by it. A name that another advocate has as well is that one's, and stays."""
    await work.orders.lock()
    names = await work.evidence.forget_names(customers)
    if names:
        await work.retentions.forget_names(names)
