"""Free memory goes back to the system while a process serves."""

import asyncio
import threading

import pytest

from adapters.host import garbage


def test_memory_is_given_back_again_and_again_without_holding_up_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[threading.Thread] = []

    def trim(_: int) -> None:
        called.append(threading.current_thread())

    async def scenario() -> int:
        async with garbage.giving_back():
            async with asyncio.timeout(5):
                while len(called) < 2:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        before = len(called)
        await asyncio.sleep(0.05)
        return len(called) - before

    monkeypatch.setattr(garbage, "GIVE_BACK_S", 0.01)
    monkeypatch.setattr(garbage, "_TRIM", trim)
    assert asyncio.run(scenario()) == 0
    assert threading.main_thread() not in called
