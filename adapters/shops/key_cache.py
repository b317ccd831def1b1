"""Remembers for a moment whom a key stands for, so that a warm request asks the database nothing."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from shops.domain.api_key import KeyId
from shops.ports import Authenticated, KeyLookup

TTL_S: Final = 2.0
"""A key that another process revoked works this much longer at most."""
MOST_KNOWN: Final = 10_000
MOST_UNKNOWN: Final = 2_000
"""Wrong keys are remembered apart, so that a flood of them pushes no good key out."""


class CachedKeyLookup:
    """A `KeyLookup` in front of another. Several requests that miss the same key at once ask once."""

    def __init__(self, keys: KeyLookup, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys = keys
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[float, Authenticated | None]] = OrderedDict()
        self._unknown: OrderedDict[bytes, tuple[float, Authenticated | None]] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[Authenticated | None]] = {}
        self._forgotten = 0

    async def find(self, fingerprint: bytes) -> Authenticated | None:
        kept = self._known.get(fingerprint) or self._unknown.get(fingerprint)
        if kept is not None and kept[0] > self._clock():
            return kept[1]
        asking = self._asking.get(fingerprint)
        if asking is None:
            asking = asyncio.create_task(self._ask(fingerprint))
            self._asking[fingerprint] = asking
        return await asyncio.shield(asking)

    def forget(self, key_id: KeyId) -> None:
        """`shops.ports.ForgetKey`. Answers that are on their way may be of before, so none of them is kept."""
        self._forgotten += 1
        self._asking.clear()
        for fingerprint in [known for known, kept in self._known.items() if kept[1] and kept[1].key_id == key_id]:
            del self._known[fingerprint]

    async def _ask(self, fingerprint: bytes) -> Authenticated | None:
        asked_at, forgotten = self._clock(), self._forgotten
        try:
            found = await self._keys.find(fingerprint)
        finally:
            if forgotten == self._forgotten:
                self._asking.pop(fingerprint, None)
        if forgotten != self._forgotten:
            return found
        self._known.pop(fingerprint, None)
        self._unknown.pop(fingerprint, None)
        shelf, most = (self._unknown, MOST_UNKNOWN) if found is None else (self._known, MOST_KNOWN)
        shelf[fingerprint] = (asked_at + TTL_S, found)
        while len(shelf) > most:
            shelf.popitem(last=False)
        return found
