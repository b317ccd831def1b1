"""Jobs and schedules: work that touches the outside world or the clock, run by PgQueuer."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import structlog

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import is_away
from adapters.shared.postgres.outage import Outage
from adapters.shared.queue.parked import Parked, ParkedItem
from kernel.ids import ShopId

if TYPE_CHECKING:
    from pgqueuer import PgQueuer
    from pgqueuer.domain.settings import DBSettings
    from pgqueuer.queries import Queries

    from adapters.shared.queue.job_driver import JobDriver

MOST_TRIES = 8
MOST_LISTED = 1000
# What the queue's own trigger tells of new jobs, and not of those that are put back.
WAKE = """
SELECT pg_notify(%(channel)s, json_build_object('channel', %(channel)s::text, 'operation', 'update', 'sent_at', now(),
    'table', 'pgqueuer', 'type', 'table_changed_event')::text)
"""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Job:
    """Runs for one shop with the payload it was queued with; must be safe to run twice."""

    name: str
    run: Callable[[ShopId, bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Runs by cron expression (UTC; a sixth field: seconds) in one process at a time; must be safe to run twice."""

    name: str
    cron: str
    run: Callable[[], Awaitable[None]]


class JobRunner:
    """Runs one context's jobs and schedules until told to stop. Starts anew when the database was away."""

    def __init__(
        self,
        context: str,
        database: Database,
        jobs: Sequence[Job],
        schedules: Sequence[Schedule],
        *,
        at_once: int = 6,
        first_pause_s: float = 1,
        again_s: float = 1,
    ) -> None:
        """`again_s`: how long to wait before each start after the first."""
        self._context = context
        self._database = database
        self._jobs = jobs
        self._schedules = schedules
        self._at_once = at_once
        self._first_pause = timedelta(seconds=first_pause_s)
        self._again_s = again_s
        self._outage = Outage()

    async def __call__(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self._run(stop)
            except Exception as error:
                if stop.is_set():
                    return
                if is_away(error):
                    self._outage.begins(error)
                else:
                    _log.exception("jobs.interrupted", context=self._context)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self._again_s)

    async def _run(self, stop: asyncio.Event) -> None:
        async with await self._database.raw() as asks, await self._database.raw() as listens:
            self._outage.ends()
            runner = _pgqueuer(self._context, asks, listens)
            driver = cast("JobDriver", runner.connection)
            self._register(runner)
            # Without a cap a burst of jobs takes the whole worker, and facts, which shops wait for, stand behind mails.
            running = asyncio.create_task(
                runner.run(
                    dequeue_timeout=timedelta(seconds=5),
                    batch_size=self._at_once // 2,
                    max_concurrent_tasks=self._at_once,
                )
            )
            stopping = asyncio.create_task(stop.wait())
            deaf = asyncio.create_task(driver.deaf.wait())
            try:
                await asyncio.wait({running, stopping, deaf}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                runner.shutdown.set()
                stopping.cancel()
                deaf.cancel()
                await asyncio.wait({running}, timeout=10)
                running.cancel()
                await asyncio.wait({running}, timeout=10)
                await driver.stop_listening()
            if not running.cancelled() and running.done():
                running.result()

    def _register(self, runner: "PgQueuer") -> None:
        from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor

        retrying = partial(
            DatabaseRetryEntrypointExecutor,
            max_attempts=MOST_TRIES,
            initial_delay=self._first_pause,
            max_delay=self._first_pause * 900,
            backoff_multiplier=3,
        )
        for job in self._jobs:
            runner.entrypoint(job.name, executor_factory=retrying, on_failure="hold")(partial(_run_job, job))
        for schedule in self._schedules:
            runner.schedule(schedule.name, schedule.cron)(partial(_run_schedule, schedule))

    def parked(self) -> Parked:
        """What this context's jobs have given up on."""
        return Parked(f"{self._context}.jobs", self._list_parked, self._replay)

    async def _list_parked(self) -> list[ParkedItem]:
        async with await self._database.raw() as connection:
            failed: Any = await _queries(self._context, connection).list_failed_jobs(limit=MOST_LISTED)
        return [
            ParkedItem(
                queue=f"{self._context}.jobs",
                shop_id=str(UUID(bytes=job.payload[:16])) if job.payload else "",
                item=f"{job.id}",
                tries=job.attempts + 1,
                error=str(job.entrypoint),
                parked_at=job.updated.isoformat(),
            )
            for job in failed
        ]

    async def _replay(self, item: str | None) -> int:
        count = 0
        while parked := [int(entry.item) for entry in await self._list_parked() if item in (None, entry.item)]:
            async with await self._database.raw() as connection:
                await _queries(self._context, connection).requeue_jobs(parked)  # type: ignore[arg-type]
                await connection.execute(WAKE, {"channel": _settings(self._context).channel})
            count += len(parked)
        return count


async def _run_job(job: Job, task: Any) -> None:
    shop_id = ShopId(UUID(bytes=task.payload[:16]))
    with structlog.contextvars.bound_contextvars(job=job.name, shop_id=str(shop_id)):
        await job.run(shop_id, task.payload[16:])


async def _run_schedule(schedule: Schedule, _: Any) -> None:
    with structlog.contextvars.bound_contextvars(schedule=schedule.name):
        await schedule.run()


def _queries(context: str, asks: Any, listens: Any = None) -> "Queries":
    from pgqueuer.adapters.persistence import qb
    from pgqueuer.queries import Queries

    from adapters.shared.queue.job_driver import JobDriver

    settings = _settings(context)
    return Queries(
        JobDriver(asks, listens or asks),
        qbe=qb.QueryBuilderEnvironment(settings),
        qbq=qb.QueryQueueBuilder(settings),
        qbs=qb.QuerySchedulerBuilder(settings),
    )


def _pgqueuer(context: str, asks: Any, listens: Any) -> "PgQueuer":
    from pgqueuer import PgQueuer

    queries = _queries(context, asks, listens)
    return PgQueuer(queries.driver, channel=_settings(context).channel, queries=queries)


def _settings(context: str) -> "DBSettings":
    from adapters.shared.queue.job_tables import job_settings

    return job_settings(context)
