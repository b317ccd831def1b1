"""An outage of the database is said once when it begins and once when it is over, however many loops meet it."""

import asyncio
import gc
import logging

import psycopg
import pytest
from structlog.testing import capture_logs

from adapters.host.logs import not_of_an_outage
from adapters.shared.postgres.outage import Outage
from adapters.shared.queue.jobs import JobRunner

GONE = psycopg.OperationalError("the connection is lost")


def test_two_loops_say_it_once_and_the_last_says_when_it_is_over() -> None:
    one, other, bystander = Outage(), Outage(), Outage()
    with capture_logs() as logs:
        for each in (one, other, one):
            each.begins(GONE)
        bystander.ends()
        one.ends()
        assert [log["event"] for log in logs] == ["database.away"]
        other.ends()
        one.ends()
    assert [log["event"] for log in logs] == ["database.away", "database.back"]


def test_a_loop_that_has_ended_keeps_nobody_waiting() -> None:
    one, other = Outage(), Outage()
    with capture_logs() as logs:
        one.begins(GONE)
        other.begins(GONE)
        del other
        gc.collect()
        one.ends()
    assert [log["event"] for log in logs] == ["database.away", "database.back"]


class _AwayTwice:
    """A database that is away the first two times, and stays for good the third time."""

    def __init__(self, stop: asyncio.Event) -> None:
        self.stop = stop
        self.asked = 0

    async def raw(self) -> object:
        self.asked += 1
        if self.asked > 2:
            self.stop.set()
        raise GONE


def test_jobs_that_wait_for_the_database_log_no_traceback() -> None:
    async def scenario() -> int:
        stop = asyncio.Event()
        database = _AwayTwice(stop)
        await JobRunner("shops", database, [], [], again_s=0)(stop)  # type: ignore[arg-type]
        return database.asked

    with capture_logs() as logs:
        assert asyncio.run(scenario()) == 3
    gc.collect()
    assert [(log["event"], "exc_info" in log) for log in logs] == [("database.away", False)]


@pytest.mark.parametrize(
    ("name", "error", "kept"),
    [
        ("sqlalchemy.pool.impl.AsyncAdaptedQueuePool", GONE, False),
        ("sqlalchemy.pool.impl.AsyncAdaptedQueuePool", ValueError("a bug"), True),
        ("sqlalchemy.pool.impl.AsyncAdaptedQueuePool", None, True),
        ("granian", GONE, True),
    ],
)
def test_the_pool_says_nothing_of_its_own_about_an_outage(name: str, error: Exception | None, kept: bool) -> None:
    about = (type(error), error, None) if error else None
    record = logging.LogRecord(name, logging.ERROR, "", 0, "Exception during reset or similar", (), about)
    assert not_of_an_outage(record) is kept
