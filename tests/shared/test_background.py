"""Work beside a block ends with it, and what is done again and again goes on after a failure."""

import asyncio

import pytest

from adapters.shared.background import every, in_background


def test_a_failure_is_not_the_last_time_and_the_end_of_the_block_is() -> None:
    calls: list[int] = []
    enough = asyncio.Event()

    async def act() -> None:
        calls.append(len(calls))
        if len(calls) == 1:
            raise ValueError("the first time")
        if len(calls) == 3:
            enough.set()

    async def scenario() -> int:
        async with every(0.001, act, "test"):
            await asyncio.wait_for(enough.wait(), 5)
        done = len(calls)
        await asyncio.sleep(0.02)
        return done

    assert asyncio.run(scenario()) == len(calls)


def test_what_the_work_itself_raised_is_not_swallowed() -> None:
    async def work() -> None:
        raise ValueError("broken")

    async def scenario() -> None:
        async with in_background(work(), "test"):
            await asyncio.sleep(0.01)

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(scenario())
