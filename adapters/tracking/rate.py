"""How much one key may send: a bucket each, refilled steadily, in bounded memory."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

MOST_BUCKETS: Final = 5_000


class RateLimit:
    """At most `burst` at once and `per_second` in the long run, of whatever is counted, for each key by itself.

    The bucket that was not asked for the longest is forgotten first; forgotten, it is full.
    """

    def __init__(self, *, per_second: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def takes(self, key: Hashable, amount: float) -> bool:
        """Whether the amount fits; it is taken from the bucket then."""
        now = self._clock()
        left, since = self._buckets.get(key, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._per_second)
        fits = left >= amount
        self._buckets[key] = (left - amount if fits else left, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return fits
