"""The database is away for ten seconds: clear answers meanwhile, and recovery without anybody's help."""

import time
from pathlib import Path

import httpx2
import pytest

from tests.faults.shop import FaultShop, open_for_test
from tests.support.database import start_server
from tests.support.processes import running

AWAY_S = 10


@pytest.mark.timeout(120)
def test_away_means_503_and_back_means_back(tmp_path: Path) -> None:
    server = start_server()
    try:
        opened = open_for_test(server.conninfo, "nordlicht-away")
        with running(server.conninfo, tmp_path) as processes:
            shop = FaultShop(processes.address, opened)
            shop.set_up()
            assert shop.send(1) == 200
            assert shop.client.post("/tag/v1/events", content=shop.tag_events(1)).json()["accepted"] == 1
            server.stop()
            _expect_unavailable(shop, until=time.monotonic() + AWAY_S)
            server.start(lambda _: None)
            _expect_recovery(shop)
            _expect_rewards(shop, orders=2)
    finally:
        server.remove()


def _expect_unavailable(shop: FaultShop, until: float) -> None:
    while time.monotonic() < until:
        body, headers = shop.order(2)
        for answer in (
            shop.client.get("/api/v1/shop"),
            shop.client.get("/api/v1/rewards"),
            shop.client.post(shop.webhook, content=body, headers=headers),
            shop.client.post("/tag/v1/events", content=shop.tag_events(2)),
        ):
            assert answer.status_code == 503, answer.text
            assert answer.json()["code"] == "temporarily_unavailable"
            assert int(answer.headers["retry-after"]) > 0
        assert shop.client.get(f"/tag/v1/config/{shop.tag_key}.json").json()["on"] is True
        assert shop.client.get("/health/live").status_code == 200
        assert shop.client.get("/health/ready").status_code == 503
        time.sleep(0.3)


def _expect_recovery(shop: FaultShop) -> None:
    deadline = time.monotonic() + 15
    while shop.send(2) != 200:
        assert time.monotonic() < deadline, "no recovery"
        time.sleep(0.1)
    kept = shop.client.post("/tag/v1/events", content=shop.tag_events(2))
    assert kept.json() == {"accepted": 1, "duplicates": 0, "refused": []}
    while shop.client.get("/health/ready").status_code != 200:
        assert time.monotonic() < deadline, "not ready again"
        time.sleep(0.1)


def _expect_rewards(shop: FaultShop, orders: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        answer: httpx2.Response = shop.client.get("/api/v1/rewards")
        found = len(answer.json()["items"]) if answer.status_code == 200 else 0
        if found == 2 * orders:
            return
        assert time.monotonic() < deadline, f"{found} rewards"
        time.sleep(0.2)
