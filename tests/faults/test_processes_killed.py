"""kill -9 of web and worker under load: nothing that was answered is lost, and nothing is rewarded twice."""

import threading
import time
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from tests.faults.shop import FaultShop, open_for_test
from tests.support.processes import Processes, running

LOAD_S = 30
SENDERS = 4


def _ask(conninfo: str, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute(query.encode(), parameters).fetchall()


class Load:
    """Threads that send one order after the other and keep a journal of what was answered with 200."""

    def __init__(self, shop: FaultShop) -> None:
        self.answered: set[int] = set()
        self._shop = shop
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(i,), daemon=True) for i in range(SENDERS)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(20)

    def _send(self, first: int) -> None:
        number = first
        while not self._stop.is_set():
            try:
                if self._shop.send(number) == 200:
                    self.answered.add(number)
                    if number % 5 == 0:
                        self._shop.send(number)  # platforms repeat themselves
                    number += SENDERS
                else:
                    time.sleep(0.05)
            except httpx2.TransportError:
                time.sleep(0.05)
            time.sleep(0.01)


@pytest.mark.timeout(240)
def test_nothing_answered_is_lost_and_nothing_rewarded_twice(fresh_database: str, tmp_path: Path) -> None:
    opened = open_for_test(fresh_database, "nordlicht-killed")
    with running(fresh_database, tmp_path) as processes:
        shop = FaultShop(processes.address, opened)
        shop.set_up()
        with Load(shop) as load:
            _kill_in_turn(processes, until=time.monotonic() + LOAD_S)
        drain(fresh_database)
    assert len(load.answered) > 50
    check(fresh_database, load.answered)


def _kill_in_turn(processes: Processes, until: float) -> None:
    names = ["web", "worker", "web", "worker", "worker", "web"]
    while time.monotonic() < until:
        time.sleep(2.5)
        name = names.pop(0) if names else "worker"
        processes.kill(name)
        processes.start(name)
        processes.wait_ready()


def drain(conninfo: str) -> None:
    """Until nothing waits: also what was stored and never answered, and what a killed worker had leased."""
    waiting = """
        SELECT (SELECT count(*) FROM tracking.webhook_delivery WHERE state = 'waiting')
             + (SELECT count(*) FROM tracking.delivery WHERE parked_at IS NULL)
    """
    deadline = time.monotonic() + 90
    while _ask(conninfo, waiting) != [(0,)]:
        assert time.monotonic() < deadline, "the backlog does not drain"
        time.sleep(0.2)


def check(conninfo: str, answered: set[int]) -> None:
    numbers = {int(row[0].lstrip("#")) for row in _ask(conninfo, "SELECT number FROM tracking.orders")}
    assert answered <= numbers
    rewards = _ask(conninfo, "SELECT order_id, side, count(*), sum(amount_minor) FROM referral.reward GROUP BY 1, 2")
    assert {row[2] for row in rewards} == {1}
    assert len(rewards) == 2 * len(numbers)
    assert {(row[1], int(row[3])) for row in rewards} == {("advocate", 900), ("friend", 1000)}
    [(total,)] = _ask(conninfo, "SELECT coalesce(sum(amount_minor), 0) FROM referral.posting")
    assert total == 0
    [(transfers,)] = _ask(conninfo, "SELECT count(*) FROM referral.transfer")
    assert transfers == len(rewards)
    given_up = _ask(conninfo, "SELECT code, reason FROM tracking.webhook_delivery WHERE state = 'parked'")
    assert given_up == []
