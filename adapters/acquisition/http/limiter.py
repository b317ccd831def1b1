"""A modest brake against abuse of public forms: a token bucket per hashed sender, in this process's memory."""

import hashlib
import secrets
import time
from collections import OrderedDict
from typing import Final

AT_ONCE: Final = 20
REFILL_S: Final = 6.0
MOST_SENDERS: Final = 10_000


class Limiter:
    """`AT_ONCE` attempts at once, then one every `REFILL_S` seconds. Addresses are kept as keyed hashes only."""

    def __init__(self, at_once: int = AT_ONCE, refill_s: float = REFILL_S) -> None:
        self._at_once = at_once
        self._refill_s = refill_s
        self._key = secrets.token_bytes(16)
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def wait_s(self, *sender: str) -> float:
        """0 when the attempt is admitted (and counted), else the seconds after which the next one will be."""
        name = hashlib.blake2b("\x00".join(sender).encode("utf-8", "replace"), key=self._key, digest_size=16).digest()
        now = time.monotonic()
        left, since = self._buckets.pop(name, (float(self._at_once), now))
        left = min(self._at_once, left + (now - since) / self._refill_s)
        admitted = left >= 1
        self._buckets[name] = (left - 1 if admitted else left, now)
        if len(self._buckets) > MOST_SENDERS:
            self._buckets.popitem(last=False)
        return 0.0 if admitted else (1 - left) * self._refill_s
