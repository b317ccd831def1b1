"""Taking deliveries in: races, and how many statements it takes."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from adapters.shared.postgres.prepared import PreparedStatement
from adapters.tracking.platforms import shopify
from adapters.tracking.postgres.deliveries import WaitingDeliveries
from tests.features.tracking.shopfront import PHONE, Shopfront
from tests.support.statements import noted
from tests.support.world import ShopWorld
from tracking.application.record_orders import RecordOrders, Reported


@pytest.fixture
def front(shop: ShopWorld) -> Shopfront:
    front = Shopfront(shop)
    front.programme(30)
    front.advocate("Ada", "ADA2-2026")
    front.connect()
    return front


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that tracking sends, its sweeps left out."""
    seen: list[str] = []
    run = PreparedStatement.run

    async def noted_run(self: PreparedStatement, *arguments: Any) -> Any:
        seen.append(" ".join(self.sql.decode().split()))
        return await run(self, *arguments)

    with noted() as sent, patch.object(PreparedStatement, "run", noted_run):
        yield seen
    ours = ("grapevine_tracking", "grapevine_tracking_recorder")
    seen += [" ".join(s.statement.split()) for s in sent if s.user in ours or "link_code" in s.statement]


def test_one_delivery_twenty_times_in_parallel_is_one_order_told_once(front: Shopfront) -> None:
    payload = json.dumps(front.order("Ben", discount_codes=[{"code": "ADA2-2026"}])).encode()
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda _: front.post_shopify("orders/create", payload, delivery="one").status_code, range(20))
        )
    assert answers == [200] * 20
    front.settled()
    (order,) = front.get("/orders")["items"]
    assert order["revision"] == 1
    query = "SELECT count(*) FROM tracking.outbox WHERE shop_id = %s AND name = 'tracking.order_changed'"
    assert front.shop.world.sql(query, front.shop.shop_id) == [(1,)]


def test_the_same_order_by_api_in_parallel_is_one_order(front: Shopfront) -> None:
    body = front.own_order("Ben")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: front.api("POST", "/orders", json=body), range(8)))
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_a_buyer_with_an_address_that_is_none_is_the_same_when_the_order_is_told_again(front: Shopfront) -> None:
    payload = front.order("Ben", email="none given", customer=None)
    front.report("orders/create", payload)
    before = front.found()
    front.report("orders/paid", payload)
    front.settled()
    after = front.found()
    assert (after["customer_id"], after["revision"]) == (before["customer_id"], 1)


def test_what_was_done_keeps_no_personal_data(front: Shopfront) -> None:
    front.report("orders/create", front.order("Ben"))
    front.settled()
    query = "SELECT body FROM tracking.webhook_delivery WHERE shop_id = %s"
    assert front.shop.world.sql(query, front.shop.shop_id) == [(b"",)]
    text = front.shop.world.sql("SELECT orders::text FROM tracking.orders WHERE shop_id = %s", front.shop.shop_id)
    assert "ben@example.com" not in str(text)


def test_a_redirect_from_memory_takes_one_insert_per_group(front: Shopfront) -> None:
    code = front.advocates["Ada"]["link_code"]
    time.sleep(0.7)  # the shop has just been opened, and its news makes the caches forget
    front.visit(code)
    with statements() as seen:
        for _ in range(5):
            front.visit(code, agent=PHONE)
    assert len([text for text in seen if "INSERT INTO click" in text]) == 5
    assert [text for text in seen if "link_code" in text or "FROM link" in text] == []


def test_an_unknown_code_is_asked_for_once(front: Shopfront) -> None:
    time.sleep(0.7)
    with statements() as seen:
        for _ in range(5):
            assert front.visit("N0SUCHC0DE").status_code == 404
    assert len([text for text in seen if "link_code" in text]) == 1


def _recorder(front: Shopfront) -> RecordOrders:
    recorder: RecordOrders = front.shop.world.installation.contexts["tracking"].container.record_orders()
    return recorder


def test_a_batch_takes_the_same_few_statements_whatever_its_size(front: Shopfront) -> None:
    def recorded(size: int, code: str = "N0B0-DYS0") -> int:
        reports = []
        for number in range(size):
            payload = front.order(f"friend{size}x{number}", discount_codes=[{"code": code}])
            reports.append(Reported(report=shopify.read("orders/create", json.dumps(payload).encode())))
        with statements() as seen:
            done = front.shop.world.call(_recorder(front), front.shop.shop_id, reports)
        assert len(done.orders) == size
        ours = (
            "orders",
            "known_",
            "click",
            "code",
            "hint",
            "credit",
            "alert",
            "outbox",
            "webhook_delivery",
            "BEGIN",
            "COMMIT",
            "advisory",
        )
        mine = [text for text in seen if any(word in text for word in ours) and not _background(text)]
        return len(mine)

    few, many = recorded(1), recorded(40)
    assert many == few
    assert many <= 14
    front.programme(30)
    front.advocate("Ada", "ADA2-2026")
    # The code is an advocate's now: how it is used is noted and counted.
    few, many = recorded(2, "ADA2-2026"), recorded(25, "ADA2-2026")
    assert many == few
    assert many <= 17


def _background(text: str) -> bool:
    return (
        "webhook_delivery" in text or "SKIP LOCKED" in text or "pgqueuer" in text or "customer" in text.split("FROM")[0]
    )


def test_deliveries_that_are_done_are_kept_for_a_month(front: Shopfront) -> None:
    for name in ("Ben", "Cem"):
        front.report("orders/create", front.order(name))
    front.settled()
    world, shop_id = front.shop.world, front.shop.shop_id
    world.sql(
        "UPDATE tracking.webhook_delivery SET received_at = now() - interval '31 days' WHERE (shop_id, delivery_key) IN"
        " (SELECT shop_id, delivery_key FROM tracking.webhook_delivery WHERE shop_id = %s LIMIT 1)",
        shop_id,
    )
    world.call(WaitingDeliveries(world.installation.contexts["tracking"].relay_database).purge)
    kept = "SELECT count(*) FROM tracking.webhook_delivery WHERE shop_id = %s"
    assert world.sql(kept, shop_id) == [(1,)]
