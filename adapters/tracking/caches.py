"""Small bounded memories in front of the lookups of hot requests."""

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

import structlog

from adapters.shared.postgres.errors import Unavailable

K = TypeVar("K")
V = TypeVar("V")
_MUST_LOAD: Final = -1.0
_AGAIN_S: Final = 1.0
_log = structlog.get_logger()


class TimedCache(Generic[K, V]):
    """Remembers what `load` found for `keep_s` at most, and that it found nothing for `keep_missing_s`.

    What was found together is not loaded together again: it is kept for half of `keep_s` to the whole, at random.

    Both are bounded, apart from each other, so that guesses cannot push out what is in use. Callers that ask for the
    same key at once share one load; an error is not remembered.

    With `outlives_outage` what is merely old is still given while it is loaded anew, and what was cleared is given when
    loading it fails for want of a database (or takes longer than `patience_s`): old is better than nothing then. What
    was forgotten by name is never given again.
    """

    def __init__(
        self,
        load: Callable[[K], Awaitable[V | None]],
        *,
        most: int = 50_000,
        most_missing: int = 10_000,
        keep_s: float = 10.0,
        keep_missing_s: float = 0.7,
        outlives_outage: bool = False,
        patience_s: float = 1.5,
    ) -> None:
        self._load = load
        self._most = most
        self._most_missing = most_missing
        self._keep_s = keep_s
        self._keep_missing_s = keep_missing_s
        self._outlives_outage = outlives_outage
        self._patience_s = patience_s
        self._found: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._missing: OrderedDict[K, float] = OrderedDict()
        self._loading: dict[K, asyncio.Task[V | None]] = {}
        self.loads = 0

    def peek(self, key: K) -> V | None:
        """What is remembered and fresh, without waiting; None says nothing."""
        found = self._found.get(key)
        return found[1] if found is not None and found[0] > time.monotonic() else None

    async def get(self, key: K) -> V | None:
        now = time.monotonic()
        found = self._found.get(key)
        if found is not None and found[0] > now:
            return found[1]
        if self._missing.get(key, 0.0) > now:
            return None
        task = self._loading.get(key)
        if task is None:
            task = self._loading[key] = asyncio.create_task(self._fill(key))
            task.add_done_callback(_looked_at)
        if found is None or not self._outlives_outage:
            return await asyncio.shield(task)
        if found[0] != _MUST_LOAD:
            return found[1]
        try:
            async with asyncio.timeout(self._patience_s):
                return await asyncio.shield(task)
        except (Unavailable, TimeoutError):
            return found[1]

    def forget(self, key: K) -> None:
        """Forget one key, what is being loaded for it included."""
        self._found.pop(key, None)
        self._missing.pop(key, None)
        self._loading.pop(key, None)

    def clear(self) -> None:
        """Have everything loaded again before it is given, what is being loaded included."""
        self._missing.clear()
        self.clear_some(lambda _: True)

    def clear_some(self, which: Callable[[V], bool]) -> None:
        """The same for what was found and is one of `which`; what is being loaded may be."""
        self._loading.clear()
        for key, (_, value) in list(self._found.items()):
            if not which(value):
                continue
            if self._outlives_outage:
                self._found[key] = (_MUST_LOAD, value)
            else:
                del self._found[key]

    def __len__(self) -> int:
        return len(self._found)

    async def _fill(self, key: K) -> V | None:
        self.loads += 1
        mine = asyncio.current_task()
        try:
            value = await self._load(key)
        except Unavailable:
            self._put_off(key)
            raise
        finally:
            current = self._loading.get(key) is mine
            if current:
                del self._loading[key]
        if current:
            self._keep(key, value)
        return value

    def _put_off(self, key: K) -> None:
        """Give what is merely old for another moment before the absent database is asked again."""
        found = self._found.get(key)
        if found is not None and found[0] != _MUST_LOAD:
            self._found[key] = (time.monotonic() + _AGAIN_S, found[1])

    def _keep(self, key: K, value: V | None) -> None:
        now = time.monotonic()
        if value is None:
            self._found.pop(key, None)
            self._missing[key] = now + self._keep_missing_s
            if len(self._missing) > self._most_missing:
                self._missing.popitem(last=False)
            return
        self._missing.pop(key, None)
        self._found[key] = (now + self._keep_s * random.uniform(0.5, 1.0), value)  # noqa: S311 (no secret)
        self._found.move_to_end(key)
        if len(self._found) > self._most:
            self._found.popitem(last=False)


def _looked_at(task: "asyncio.Task[V | None]") -> None:
    """A load that nobody waits for any more may fail; that is said once, and not lost."""
    if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, Unavailable):
        _log.warning("cache.load_failed", error=type(error).__name__)


class Gathered(Generic[K, V]):
    """A `load` for one key out of one that answers many: keys that are wanted while a load runs go into the next."""

    def __init__(self, load_many: Callable[[list[K]], Awaitable[dict[K, V]]], *, most: int = 500) -> None:
        self._load_many = load_many
        self._most = most
        self._wanted: dict[K, asyncio.Future[V | None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, key: K) -> V | None:
        future = self._wanted.get(key)
        if future is None:
            future = self._wanted[key] = asyncio.get_running_loop().create_future()
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._run())
        return await asyncio.shield(future)

    async def _run(self) -> None:
        await asyncio.sleep(0)
        while self._wanted:
            keys = list(self._wanted)[: self._most]
            futures = {key: self._wanted.pop(key) for key in keys}
            try:
                found = await self._load_many(keys)
            except Exception as error:
                for future in futures.values():
                    if not future.done():
                        future.set_exception(error)
                continue
            for key, future in futures.items():
                if not future.done():
                    future.set_result(found.get(key))
