"""How long a loop that empties a queue rests between two rounds, so that work gathers.

What a round costs is mostly per shop and hardly per fact: twice the facts of a shop in one batch cost little more than
half of them in each of two. So rounds that find work start apart from each other, the further the longer
they take; a loop that is busy for longer than the most it may rest does not rest at all, and one that was idle starts
at once.
"""

import asyncio
import contextlib
from typing import Final, NamedTuple


class Pace(NamedTuple):
    """Rounds start `times` as long apart as the last one took, at most `most_s` seconds."""

    times: float
    most_s: float

    def rest_after(self, round_s: float) -> float:
        """Seconds to rest after a round that took `round_s` and found work."""
        return max(0.0, min(self.most_s, self.times * round_s) - round_s)

    async def rest(self, round_s: float, stop: asyncio.Event) -> None:
        """Rest after a round; returns early when `stop` is set."""
        pause = self.rest_after(round_s)
        if pause:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)


PROMPT: Final = Pace(2, 0.1)
"""For what somebody waits for, and what has been gathered before: rewards, links."""
PATIENT: Final = Pace(20, 4.0)
"""For what nobody looks at within the second: mails, and orders in reports."""
