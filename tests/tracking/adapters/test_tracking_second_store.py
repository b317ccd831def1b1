"""Two stores of WooCommerce that number their orders alike: races, and orders from before stores were told apart."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.shared.ids import new_id
from adapters.tracking.platforms import woocommerce
from tests.features.tracking.platform_shops import SHOPS
from tests.features.tracking.shopfront import Shopfront
from tests.support.world import ShopWorld
from tracking.application.record_orders import RecordedReports, RecordOrders, Reported
from tracking.domain.connection import ConnectionId
from tracking.domain.delivery import DeliveryRef

NUMBER = 4711


@pytest.fixture
def front(shop: ShopWorld) -> Shopfront:
    return Shopfront(shop)


def recorder(front: Shopfront) -> RecordOrders:
    found: RecordOrders = front.shop.world.installation.contexts["tracking"].container.record_orders()
    return found


def told(front: Shopfront, store: str, *, by: ConnectionId | None = None) -> Reported:
    """Order 4711, as the store tells of it."""
    topic, body = SHOPS["WooCommerce"](NUMBER, front.now()).placed(2, "40.00")
    report = woocommerce.read(topic, body, front.now())
    ref = DeliveryRef(
        shop_id=front.shop.shop_id, connection_id=by or ConnectionId(new_id()), delivery_key=store or "none"
    )
    return Reported(report=report, delivery=ref, store=store)


def refused(done: Sequence[RecordedReports]) -> list[str]:
    return sorted(each.refusals[0].code if each.refusals[0] else "" for each in done)


def test_of_two_stores_that_are_first_heard_at_once_one_is_the_shops(front: Shopfront) -> None:
    async def both() -> list[RecordedReports]:
        record, shop_id = recorder(front), front.shop.shop_id
        said = [told(front, f"store{number}.example") for number in range(8)]
        return list(await asyncio.gather(*(record(shop_id, [one]) for one in said)))

    done = front.shop.world.call(both)
    assert refused(done) == ["", *["second_store"] * 7]
    assert len(front.get("/orders")["items"]) == 1
    known = front.shop.world.sql("SELECT store FROM tracking.order_store WHERE shop_id = %s", front.shop.shop_id)
    assert len(known) == 1


def test_of_two_stores_in_one_batch_the_first_is_the_shops(front: Shopfront) -> None:
    said = [told(front, "a.example"), told(front, "b.example"), told(front, "a.example")]
    done = front.shop.world.call(recorder(front), front.shop.shop_id, said)
    assert [each and each.code for each in done.refusals] == [None, "second_store", None]


def test_orders_from_before_stores_were_told_apart_go_on_by_the_next_message(front: Shopfront) -> None:
    connection = ConnectionId(new_id())
    for store in ("", "a.example", ""):
        done = front.shop.world.call(recorder(front), front.shop.shop_id, [told(front, store, by=connection)])
        assert list(done.refusals) == [None]
    assert len(front.get("/orders")["items"]) == 1
