"""Taking deliveries in when things fail: parking, tries, leases, and nobody else is stopped."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from adapters.shared.http.ids import from_wire
from adapters.shared.postgres.errors import Unavailable
from adapters.tracking.intake import READERS, Intake
from adapters.tracking.postgres.deliveries import WaitingDeliveries, _delivery
from kernel.ids import ShopId
from tests.features.tracking.shopfront import Shopfront
from tests.support.world import ShopWorld
from tracking.application.record_orders import RecordedReports, RecordOrders
from tracking.domain.delivery import MAX_TRIES


@pytest.fixture
def front(shop: ShopWorld) -> Shopfront:
    front = Shopfront(shop)
    front.programme(30)
    front.advocate("Ada", "ADA2-2026")
    front.connect()
    return front


def _relay(front: Shopfront) -> WaitingDeliveries:
    return WaitingDeliveries(front.shop.world.installation.contexts["tracking"].relay_database)


def _recorder(front: Shopfront) -> RecordOrders:
    recorder: RecordOrders = front.shop.world.installation.contexts["tracking"].container.record_orders()
    return recorder


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
            "SELECT shop_id, connection_id, delivery_key, kind, topic, body, tries, received_at, store"
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
        "SELECT shop_id, connection_id, delivery_key, 'odd', topic, body, tries, received_at, store"
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
        "SELECT shop_id, connection_id, delivery_key, kind, topic, body, tries, received_at, store"
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
        "SELECT shop_id, connection_id, delivery_key, kind, topic, body, tries, received_at, store"
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
