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

    def is_strained(self, key: str) -> bool:
        """Whether less than half of the key's bucket is left."""
        bucket = self._buckets.get(key)
        return bucket is not None and 2 * self._left(bucket, self._clock()) < self._burst

    def takes(self, key: str, amount: float) -> bool:
        """Whether the amount fits; it is taken from the bucket then."""
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= MOST_BUCKETS:
                self._buckets.clear()
            bucket = (self._burst, now)
        left = self._left(bucket, now)
        fits = left >= amount
        self._buckets[key] = (left - amount if fits else left, now)
        return fits

    def _left(self, bucket: tuple[float, float], now: float) -> float:
        return min(self._burst, bucket[0] + (now - bucket[1]) * self._per_second)


class SharedLimit:
    """A limit for each key that its senders share: who sends much cannot use up what the others need.

    While less than half of a key's bucket is left, nobody takes more than one sender may; until then nobody is counted.
    """

    def __init__(self, whole: RateLimit, each: RateLimit) -> None:
        self._whole = whole
        self._each = each

    def takes(self, key: str, amount: float, sender: Callable[[], str]) -> bool:
        """Whether the amount fits. `sender` says who sends, when that matters."""
        if self._whole.is_strained(key) and not self._each.takes(f"{key} {sender()}", amount):
            return False
        return self._whole.takes(key, amount)
