"""Small bounded memories in front of the lookups of hot requests."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class TimedCache(Generic[K, V]):
    """Remembers what `load` found for `keep_s`, and that it found nothing for `keep_missing_s`.

    Both are bounded, apart from each other, so that guesses cannot push out what is in use. Callers that ask for the
    same key at once share one load; an error is not remembered.
    """

    def __init__(
        self,
        load: Callable[[K], Awaitable[V | None]],
        *,
        most: int = 50_000,
        most_missing: int = 10_000,
        keep_s: float = 10.0,
        keep_missing_s: float = 2.0,
    ) -> None:
        self._load = load
        self._most = most
        self._most_missing = most_missing
        self._keep_s = keep_s
        self._keep_missing_s = keep_missing_s
        self._found: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._missing: OrderedDict[K, float] = OrderedDict()
        self._loading: dict[K, asyncio.Task[V | None]] = {}
        self._generation = 0
        self.loads = 0

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
        return await asyncio.shield(task)

    def clear(self) -> None:
        """Forget everything, what is being loaded included."""
        self._generation += 1
        self._found.clear()
        self._missing.clear()
        self._loading.clear()

    async def _fill(self, key: K) -> V | None:
        generation = self._generation
        self.loads += 1
        try:
            value = await self._load(key)
        finally:
            if self._loading.get(key) is asyncio.current_task():
                del self._loading[key]
        if generation == self._generation:
            self._keep(key, value)
        return value

    def _keep(self, key: K, value: V | None) -> None:
        now = time.monotonic()
        if value is None:
            self._missing[key] = now + self._keep_missing_s
            if len(self._missing) > self._most_missing:
                self._missing.popitem(last=False)
            return
        self._missing.pop(key, None)
        self._found[key] = (now + self._keep_s, value)
        self._found.move_to_end(key)
        if len(self._found) > self._most:
            self._found.popitem(last=False)


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
