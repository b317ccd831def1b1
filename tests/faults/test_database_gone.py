"""The database is away for ten seconds: clear answers meanwhile, and recovery without anybody's help.

Known links lead on all the while, and no click that was answered is lost or counted twice, although the process that
kept them on disk is killed while it does.
"""

import os
import time
from pathlib import Path

import httpx2
import pytest

from adapters.host.embedded import EmbeddedPostgres
from tests.faults.shop import FaultShop, LinkVisitors, open_for_test
from tests.support.commands import Done, run_forked
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
            visitors = LinkVisitors(shop, tmp_path)
            server.stop()
            back_at = time.monotonic() + AWAY_S
            with visitors.clicking():
                _expect_unavailable(shop, until=back_at - AWAY_S / 2, knows_tag=True)
                _expect_clicks_on_disk(shop, visitors)
                processes.kill("web")
            processes.start("web")
            _wait_for_life(shop)
            _expect_unavailable(shop, until=back_at)
            server.start(lambda _: None)
            _expect_recovery(shop)
            _expect_rewards(shop, orders=2)
            _expect_each_click_once(shop, visitors)
            in_use = _grapevine_stop(server, tmp_path)
        stopped, away = _grapevine_stop(server, tmp_path), _grapevine_stop(server, tmp_path)
        assert (in_use.returncode, stopped.returncode, away.returncode) == (1, 0, 0)
        assert in_use.stderr.startswith("The database is in use: Stop what uses it first")
        assert (stopped.stdout.strip(), away.stdout.strip()) == (
            "The database is stopped.",
            "The database did not run.",
        )
    finally:
        server.remove()


def _grapevine_stop(server: EmbeddedPostgres, folder: Path) -> Done:
    """The embedded database is stopped by an operator, who is told when somebody still uses it."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GRAPEVINE_")}
    return run_forked(("stop",), variables | {"GRAPEVINE_DATA_FOLDER": str(server.folder)}, folder, within_s=60)


def _expect_unavailable(shop: FaultShop, until: float, *, knows_tag: bool = False) -> None:
    while time.monotonic() < until:
        if knows_tag:
            _expect_known_tags_to_work(shop)
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
        assert shop.client.get("/health/live").status_code == 200
        assert shop.client.get("/health/ready").status_code == 503
        time.sleep(0.3)


def _expect_known_tags_to_work(shop: FaultShop) -> None:
    answer = shop.client.get(f"/tag/v1/config/{shop.tag_key}.json")
    assert answer.json().get("on") is True, answer.text


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


def _expect_clicks_on_disk(shop: FaultShop, visitors: LinkVisitors) -> None:
    assert len(visitors.answered) > 20
    assert visitors.turned_away == 0, "a known link leads on"
    details = shop.client.get("/health/ready").json()["details"]["tracking"]
    assert details["clicks"] == "kept on disk"
    assert details["click_spool_bytes"] > 0
    metrics = shop.client.get("/metrics").text
    spooled = next(line for line in metrics.splitlines() if line.startswith("grapevine_clicks_spooled_total"))
    assert float(spooled.split()[1]) > 20


def _wait_for_life(shop: FaultShop) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            if shop.client.get("/health/live").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise AssertionError("the web process does not start without a database")


def _expect_each_click_once(shop: FaultShop, visitors: LinkVisitors) -> None:
    deadline = time.monotonic() + 20
    while True:
        found = visitors.stored()
        if set(visitors.answered) <= set(found) and not list(visitors.spooled_files()):
            break
        assert time.monotonic() < deadline, f"{len(set(visitors.answered) - set(found))} answered clicks are missing"
        time.sleep(0.2)
    assert len(found) == len(set(found)), "no click is there twice"
    details = shop.client.get("/health/ready").json()["details"]["tracking"]
    assert (details["clicks"], details["click_spool_bytes"]) == ("kept in the database", 0)
