"""Taking deliveries in: races, failures, parking, leases, and how many statements it takes."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import psycopg
import pytest

from adapters.shared.http.ids import from_wire
from adapters.shared.postgres.errors import Unavailable
from adapters.shared.postgres.prepared import PreparedStatement
from adapters.tracking.intake import READERS, Intake
from adapters.tracking.platforms import shopify
from adapters.tracking.postgres.deliveries import WaitingDeliveries, _delivery
from kernel.ids import ShopId
from tests.features.tracking.shopfront import PHONE, Shopfront
from tests.support.world import ShopWorld
from tracking.application.record_orders import RecordedReports, RecordOrders, Reported
from tracking.domain.delivery import MAX_TRIES


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
    execute = psycopg.AsyncCursor.execute

    async def noted(self: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        if self.connection.info.user == "grapevine_tracking" or "recorder" in self.connection.info.user:
            seen.append(" ".join(str(query.decode() if isinstance(query, bytes) else query).split()))
        elif "link_code" in str(query):
            seen.append(str(query))
        return await execute(self, query, *arguments, **options)

    run = PreparedStatement.run

    async def noted_run(self: PreparedStatement, parameters: Any) -> Any:
        seen.append(" ".join(self.sql.decode().split()))
        return await run(self, parameters)

    with patch.object(psycopg.AsyncCursor, "execute", noted), patch.object(PreparedStatement, "run", noted_run):
        yield seen


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


def _relay(front: Shopfront) -> WaitingDeliveries:
    return WaitingDeliveries(front.shop.world.installation.contexts["tracking"].relay_database)


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


class FailingRecorder:
    """Fails for orders with a chosen number."""

    def __init__(self, record: RecordOrders, bad: str, error: Callable[[], Exception]) -> None:
        self._record, self._bad, self._error = record, bad, error
        self.calls: list[int] = []

    async def __call__(self, shop_id: ShopId, reported: Any) -> RecordedReports:
        self.calls.append(len(reported))
        if any(one.report.key.external_id == self._bad for one in reported):
            raise self._error()
        return await self._record(shop_id, reported)


def test_one_poison_delivery_stops_nobody_and_is_parked_after_its_tries(front: Shopfront) -> None:
    world, shop_id = front.shop.world, front.shop.shop_id
    poison = front.order("Ben")
    _store_held(front, poison, "poison")
    _store_held(front, front.order("Cleo"), "fine")
    failing: Any = FailingRecorder(_recorder(front), str(poison["id"]), lambda: RuntimeError("boom"))
    intake = Intake(_relay(front), failing, world.installation.contexts["tracking"].database)
    for _ in range(MAX_TRIES):
        claimed = world.sql(
            "SELECT shop_id, connection_id, delivery_key, kind, topic, body, tries, received_at"
            " FROM tracking.webhook_delivery WHERE shop_id = %s AND state = 'waiting'",
            shop_id,
        )
        deliveries = [_stored(row) for row in claimed]
        world.call(intake._shop, shop_id, deliveries)
        _hold(front)
    states = dict(world.sql("SELECT delivery_key, state FROM tracking.webhook_delivery WHERE shop_id = %s", shop_id))
    assert states == {"poison": "parked", "fine": "done"}
    (parked,) = front.parked()
    assert parked[0] == "gave_up"
    assert "RuntimeError" in parked[1]
    (queue,) = world.installation.contexts["tracking"].offer.parked
    (item,) = [item for item in world.call(queue.list) if item.shop_id == str(shop_id)]
    assert world.call(queue.replay, item.item) == 1
    front.found(poison)


def test_a_payload_nested_absurdly_deep_is_parked_and_stops_nobody(front: Shopfront) -> None:
    deep = b'{"zz":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    assert front.post_shopify("orders/create", deep).status_code == 200
    neighbour = Shopfront(front.shop.world.open_shop())
    neighbour.connect()
    neighbour.report("orders/create", neighbour.order("Cleo"))
    neighbour.found()
    front.settled()
    assert [code for code, _ in front.parked()] == ["unreadable_payload"]


def test_a_reader_that_fails_stops_nobody(front: Shopfront, monkeypatch: pytest.MonkeyPatch) -> None:
    world, shop_id = front.shop.world, front.shop.shop_id
    _store_held(front, front.order("Ben"), "odd")
    row = world.sql(
        "SELECT shop_id, connection_id, delivery_key, 'odd', topic, body, tries, received_at"
        " FROM tracking.webhook_delivery WHERE shop_id = %s",
        shop_id,
    )[0]

    def fails(_: Any) -> Any:
        raise RuntimeError("a reader's mistake")

    monkeypatch.setitem(READERS, "odd", fails)
    intake = Intake(_relay(front), _recorder(front), world.installation.contexts["tracking"].database)
    world.call(intake._shop, shop_id, [_stored(row)])
    query = "SELECT tries, state FROM tracking.webhook_delivery WHERE shop_id = %s"
    assert world.sql(query, shop_id) == [(1, "waiting")]


def test_a_message_of_our_own_nested_absurdly_deep_is_answered(front: Shopfront) -> None:
    front.connect_own()
    body = b'{"type":"order.reported","data":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    assert front.post_own_bytes(body).status_code == 200


def _stored(row: tuple[Any, ...]) -> Any:
    return _delivery(row)


def _store_held(front: Shopfront, payload: dict[str, Any], key: str) -> None:
    """Store a delivery as the webhook route does, but out of the running worker's reach."""
    front.shop.world.sql(
        "INSERT INTO tracking.webhook_delivery"
        " (shop_id, connection_id, delivery_key, kind, topic, triggered_at, body, due_at)"
        " VALUES (%s, %s, %s, 'shopify', 'orders/create', '', %s, now() + interval '1 hour')",
        front.shop.shop_id,
        _connection_id(front),
        key,
        json.dumps(payload).encode(),
    )


def _connection_id(front: Shopfront) -> Any:
    return from_wire("con", front.connection["id"])


def _hold(front: Shopfront) -> None:
    front.shop.world.sql(
        "UPDATE tracking.webhook_delivery SET due_at = now() + interval '1 hour'"
        " WHERE shop_id = %s AND state = 'waiting'",
        front.shop.shop_id,
    )


def test_an_absent_vault_costs_no_try(front: Shopfront) -> None:
    world, shop_id = front.shop.world, front.shop.shop_id
    payload = front.order("Ben")
    _store_held(front, payload, "waits")
    failing: Any = FailingRecorder(_recorder(front), str(payload["id"]), Unavailable)
    intake = Intake(_relay(front), failing, world.installation.contexts["tracking"].database)
    row = world.sql(
        "SELECT shop_id, connection_id, delivery_key, kind, topic, body, tries, received_at"
        " FROM tracking.webhook_delivery WHERE shop_id = %s",
        shop_id,
    )[0]
    world.call(intake._shop, shop_id, [_stored(row)])
    assert world.sql("SELECT tries, state FROM tracking.webhook_delivery WHERE shop_id = %s", shop_id)[0][0] == 0
    front.found(payload)


def test_an_absent_vault_is_not_asked_once_more_for_every_delivery(front: Shopfront) -> None:
    world, shop_id = front.shop.world, front.shop.shop_id
    payload = front.order("Ben")
    for number in range(3):
        _store_held(front, payload, f"waits{number}")
    failing: Any = FailingRecorder(_recorder(front), str(payload["id"]), Unavailable)
    intake = Intake(_relay(front), failing, world.installation.contexts["tracking"].database)
    rows = world.sql(
        "SELECT shop_id, connection_id, delivery_key, kind, topic, body, tries, received_at"
        " FROM tracking.webhook_delivery WHERE shop_id = %s",
        shop_id,
    )
    world.call(intake._shop, shop_id, [_stored(row) for row in rows])
    assert failing.calls == [3]
    front.found(payload)


def test_a_claimed_delivery_comes_back_when_its_holder_dies(front: Shopfront) -> None:
    world = front.shop.world
    _store_held(front, front.order("Ben"), "held")
    world.sql(
        "UPDATE tracking.webhook_delivery SET due_at = now() + interval '1 second', claimed_until = now()"
        " WHERE shop_id = %s",
        front.shop.shop_id,
    )
    front.found()
