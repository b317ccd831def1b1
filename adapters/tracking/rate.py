"""How much one key may send: a bucket each, refilled steadily, in bounded memory."""

import time
from collections.abc import Callable
from typing import Final

MOST_BUCKETS: Final = 5_000


class RateLimit:
    """At most `burst` at once and `per_second` in the long run, of whatever is counted, for each key by itself.

    When there are too many buckets all are forgotten; forgotten, a bucket is full.
    """

    def __init__(self, *, per_second: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def takes(self, key: str, amount: float) -> bool:
        """Whether the amount fits; it is taken from the bucket then."""
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= MOST_BUCKETS:
                self._buckets.clear()
            bucket = (self._burst, now)
        left = min(self._burst, bucket[0] + (now - bucket[1]) * self._per_second)
        fits = left >= amount
        self._buckets[key] = (left - amount if fits else left, now)
        return fits
