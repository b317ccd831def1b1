"""Jobs run once they are committed, are tried again, and are parked when that does not help."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest

from adapters.shared.queue import jobs
from adapters.shared.queue.jobs import MOST_TRIES, Job, JobRunner, Schedule
from kernel.ids import ShopId
from tests.shared.toolkit import CONTEXT, Toolkit, with_toolkit


async def _until(check: Callable[[], Any], within: float = 20) -> None:
    async with asyncio.timeout(within):
        while not check():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def _with_runner(runner: JobRunner, scenario: Callable[[], Awaitable[None]]) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(runner(stop))
    try:
        await scenario()
    finally:
        stop.set()
        await asyncio.wait_for(running, 15)


def test_a_job_runs_for_its_shop_with_its_payload(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop, done = await kit.new_shop(), []

        async def greet(shop_id: ShopId, payload: bytes) -> None:
            done.append((shop_id, payload))

        async def enqueue() -> None:
            async with kit.units(shop) as unit:
                unit.enqueue("greet", b"hello")
            await _until(lambda: done)

        await _with_runner(JobRunner(CONTEXT, kit.database, [Job("greet", greet)], []), enqueue)
        assert done == [(shop, b"hello")]

    with_toolkit(quiet_database, scenario)


def test_a_job_of_a_rolled_back_unit_never_runs(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop, done = await kit.new_shop(), []

        async def note(_: ShopId, payload: bytes) -> None:
            done.append(payload)

        async def enqueue() -> None:
            try:
                async with kit.units(shop) as unit:
                    unit.enqueue("note", b"lost")
                    raise RuntimeError
            except RuntimeError:
                pass
            async with kit.units(shop) as unit:
                unit.enqueue("note", b"kept")
            await _until(lambda: done)

        await _with_runner(JobRunner(CONTEXT, kit.database, [Job("note", note)], []), enqueue)
        assert done == [b"kept"]

    with_toolkit(quiet_database, scenario)


def test_a_failing_job_is_parked_after_its_tries_and_replayed_once(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop, tries = await kit.new_shop(), []
        broken = True

        async def fragile(_: ShopId, __: bytes) -> None:
            tries.append(1)
            if broken:
                raise RuntimeError("still broken")

        runner = JobRunner(CONTEXT, kit.database, [Job("fragile", fragile)], [], first_pause_s=0.001)

        async def story() -> None:
            nonlocal broken
            async with kit.units(shop) as unit:
                unit.enqueue("fragile")
            async with asyncio.timeout(60):
                while not (parked := await runner.parked().list()):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            assert [item.shop_id for item in parked] == [str(shop)]
            seen = len(tries)
            assert seen == MOST_TRIES + 1
            broken = False
            with psycopg.connect(quiet_database, autocommit=True) as hears:
                hears.execute(f"LISTEN grapevine_{CONTEXT}_jobs".encode())
                assert await runner.parked().replay(None) == 1
                told = [json.loads(note.payload)["operation"] for note in hears.notifies(timeout=0.2)]
            assert "update" in told, "nobody is told that there is something to do"
            await _until(lambda: len(tries) == seen + 1)
            await asyncio.sleep(0.2)
            assert await runner.parked().list() == []
            assert len(tries) == seen + 1

        await _with_runner(runner, story)

    with_toolkit(quiet_database, scenario)


def test_no_more_jobs_run_at_once_than_allowed(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        running, most, done = 0, 0, 0

        async def slow(_: ShopId, __: bytes) -> None:
            nonlocal running, most, done
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.02)
            running -= 1
            done += 1

        async def enqueue() -> None:
            async with kit.units(shop) as unit:
                for _ in range(30):
                    unit.enqueue("slow")
            await _until(lambda: done == 30)

        await _with_runner(JobRunner(CONTEXT, kit.database, [Job("slow", slow)], [], at_once=4), enqueue)
        assert 1 < most <= 4

    with_toolkit(quiet_database, scenario)


def test_a_schedule_runs(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        ticks: list[int] = []

        async def tick() -> None:
            ticks.append(1)

        every_second = Schedule("tick", "* * * * * *", tick)
        await _with_runner(JobRunner(CONTEXT, kit.database, [], [every_second]), lambda: _until(lambda: ticks))

    with_toolkit(quiet_database, scenario)


def test_a_runner_that_no_longer_hears_starts_anew(quiet_database: str) -> None:
    listening = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'"

    async def scenario(kit: Toolkit) -> None:
        with psycopg.connect(quiet_database, autocommit=True) as looks:

            async def story() -> None:
                await _until(lambda: len(looks.execute(listening).fetchall()) == 1)
                ((deaf,),) = looks.execute(listening).fetchall()
                looks.execute("SELECT pg_terminate_backend(%s)", (deaf,))
                await _until(lambda: {pid for (pid,) in looks.execute(listening)} not in ({deaf}, set()))

            await _with_runner(JobRunner(CONTEXT, kit.database, [], [], again_s=0.01), story)

    with_toolkit(quiet_database, scenario)


def test_all_that_is_parked_is_replayed_however_much_is_listed_at_once(
    quiet_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_LISTED", 2)

    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        parked = "INSERT INTO shops.pgqueuer (priority, status, entrypoint, payload) VALUES (0, 'failed', 'mail', %s)"
        for _ in range(5):
            kit.sql(parked, shop.bytes)
        runner = JobRunner(CONTEXT, kit.database, [], [])
        assert await runner.parked().replay(None) == 5
        assert await runner.parked().list() == []

    with_toolkit(quiet_database, scenario)
