"""The database crashes under load: what was answered is done, and what the worker had done and lost is done once more.

The worker does not wait for the disk (docs/adr/0018-commits-of-the-worker.md), so a crash takes its last moments.
"""

import time
from pathlib import Path

import pytest

from adapters.host.embedded import TUNING, EmbeddedPostgres
from tests.faults.shop import FaultShop, open_for_test
from tests.faults.test_processes_killed import Load, check, drain
from tests.support.database import start_server
from tests.support.processes import running

CRASHES = 2
SLOW_TO_DISK = {"wal_writer_delay": "2s", "log_min_messages": "fatal"}
"""So that a crash takes more than it would."""


@pytest.mark.timeout(180)
def test_a_crash_of_the_database_loses_no_answer_and_doubles_no_reward(tmp_path: Path) -> None:
    server = start_server(TUNING | SLOW_TO_DISK)
    try:
        opened = open_for_test(server.conninfo, "nordlicht-crash")
        with running(server.conninfo, tmp_path) as processes:
            shop = FaultShop(processes.address, opened)
            shop.set_up()
            with Load(shop) as load:
                for _ in range(CRASHES):
                    time.sleep(2)
                    _crash(server)
                    server.start(lambda _: None)
                time.sleep(2)
            drain(server.conninfo)
        assert len(load.answered) > 50
        check(server.conninfo, load.answered)
    finally:
        server.remove()


def _crash(server: EmbeddedPostgres) -> None:
    """What the server has not written is lost, as when its machine loses power."""
    server._run("pg_ctl", "-D", str(server._data), "-m", "immediate", "-w", "stop")
