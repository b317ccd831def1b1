"""Who goes first in a process: what somebody waits for within the second, before what may come a little later."""

import asyncio
import contextlib


class Precedence:
    """One goes first, and says when it is in a hurry; the others give way to it, but not for long: nobody starves."""

    def __init__(self) -> None:
        self._calm = asyncio.Event()
        self._calm.set()

    def hurry(self, *, on: bool) -> None:
        """Who goes first has more to do than it gets done at once, or has no longer."""
        if on:
            self._calm.clear()
        else:
            self._calm.set()

    @property
    def in_a_hurry(self) -> bool:
        return not self._calm.is_set()

    async def give_way(self, most_s: float) -> None:
        """Wait while there is a hurry, at most so many seconds."""
        if self.in_a_hurry:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._calm.wait(), most_s)
