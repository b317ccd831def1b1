"""What hot requests remember: bounded, shared while it loads, forgotten when told."""

import asyncio

import pytest

from adapters.tracking.caches import Gathered, TimedCache


def run(story: object) -> None:
    asyncio.run(story)  # type: ignore[arg-type]


def test_callers_share_one_load_and_remember_it() -> None:
    loaded: list[str] = []

    async def load(key: str) -> str | None:
        loaded.append(key)
        await asyncio.sleep(0.01)
        return key.upper() if key != "unknown" else None

    async def story() -> None:
        cache: TimedCache[str, str] = TimedCache(load)
        assert await asyncio.gather(*(cache.get("a") for _ in range(20))) == ["A"] * 20
        assert await asyncio.gather(*(cache.get("unknown") for _ in range(20))) == [None] * 20
        assert loaded == ["a", "unknown"]
        cache.clear()
        assert await cache.get("a") == "A"
        assert loaded == ["a", "unknown", "a"]

    run(story())


def test_guesses_do_not_push_out_what_is_in_use() -> None:
    async def load(key: int) -> int | None:
        return key if key < 10 else None

    async def story() -> None:
        cache: TimedCache[int, int] = TimedCache(load, most=5, most_missing=3)
        for key in range(5):
            await cache.get(key)
        for key in range(100, 200):
            await cache.get(key)
        loads = cache.loads
        for key in range(5):
            assert await cache.get(key) == key
        assert cache.loads == loads
        assert len(cache._missing) == 3

    run(story())


def test_an_error_is_not_remembered() -> None:
    fails = [True, False]

    async def load(key: str) -> str | None:
        if fails.pop(0):
            raise ConnectionError
        return key

    async def story() -> None:
        cache: TimedCache[str, str] = TimedCache(load)
        with pytest.raises(ConnectionError):
            await cache.get("a")
        assert await cache.get("a") == "a"

    run(story())


def test_what_was_loading_when_told_to_forget_is_not_kept() -> None:
    async def load(key: str) -> str | None:
        await asyncio.sleep(0.01)
        return key

    async def story() -> None:
        cache: TimedCache[str, str] = TimedCache(load)
        early = asyncio.create_task(cache.get("a"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        cache.clear()
        assert await early == "a"
        await cache.get("a")
        assert cache.loads == 2

    run(story())


def test_keys_that_are_wanted_together_are_loaded_together() -> None:
    groups: list[int] = []

    async def load(keys: list[int]) -> dict[int, int]:
        groups.append(len(keys))
        await asyncio.sleep(0.01)
        if 13 in keys:
            raise ConnectionError
        return {key: key * 2 for key in keys if key != 7}

    async def story() -> None:
        gathered = Gathered(load)
        assert await asyncio.gather(*(gathered(key) for key in range(10))) == [
            0, 2, 4, 6, 8, 10, 12, None, 16, 18,
        ]  # fmt: skip
        with pytest.raises(ConnectionError):
            await gathered(13)
        assert await gathered(14) == 28
        assert groups == [10, 1, 1]

    run(story())
