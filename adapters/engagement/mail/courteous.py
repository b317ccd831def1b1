"""Mails give way to orders."""

from collections.abc import Sequence
from typing import Final

from adapters.shared.precedence import Precedence
from engagement.ports import Delivery, Mail, Post

MOST_S: Final = 1.5


class CourteousPost:
    """`engagement.ports.Post` that waits before each handful of mails while orders are in a hurry, for MOST_S at most.

    A mail costs as much of a worker's time as an order does, and nobody waits for it within the second.
    """

    def __init__(self, post: Post, precedence: Precedence) -> None:
        self._post = post
        self._precedence = precedence

    async def deliver(self, mails: Sequence[Mail]) -> Sequence[Delivery]:
        await self._precedence.give_way(MOST_S)
        return await self._post.deliver(mails)
