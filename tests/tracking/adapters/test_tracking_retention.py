"""Retention on the database: whole people in bounded batches, nothing twice, months of clicks dropped as a whole."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.tracking.order_parts import retaining
from adapters.tracking.postgres.retention import policies
from adapters.tracking.retaining import Retaining
from tests.features.tracking.shopfront import Shopfront
from tests.support.world import ShopWorld, World
from tests.tracking.adapters.test_tracking_intake import statements
from tracking.application import delete_old_events, forget_buyers
from tracking.application.note_order_hints import NoteOrderHints
from tracking.domain.hint import OrderHint
from tracking.domain.retention import LONGEST_MONTHS, SHORTEST, SHORTEST_MONTHS, Retention, RetentionOutOfRange


@pytest.fixture
def front(shop: ShopWorld) -> Shopfront:
    front = Shopfront(shop)
    front.programme(30)
    front.connect()
    return front


def nightly(front: Shopfront) -> Retaining:
    context = front.shop.world.installation.contexts["tracking"]
    return retaining(context.relay_database, context.container.begin())


def run(front: Shopfront) -> Any:
    return front.shop.world.call(nightly(front).shop, front.shop.shop_id)


def test_many_people_are_forgotten_in_bounded_batches_and_once(front: Shopfront, monkeypatch: Any) -> None:
    monkeypatch.setattr(forget_buyers, "MOST_PEOPLE", 3)
    for number in range(7):
        front.report("orders/create", front.order(f"Guest{number}"))
    front.report("orders/create", front.order("Guest0"))
    front.settled()
    assert run(front) == (0, 0, 0)
    front.shop.move_clock(days=40 * 31)
    with statements() as seen:
        assert run(front) == (8, 0, 0)
    assert len([text for text in seen if "UPDATE orders" in text]) == 3
    assert run(front) == (0, 0, 0)
    assert front.get("/retention")["last_run"]["orders"] == 8


def test_an_order_that_is_reported_again_is_no_second_one_and_forgotten_again(front: Shopfront) -> None:
    payload = front.order("Ben")
    front.report("orders/create", payload)
    front.settled()
    front.shop.move_clock(days=40 * 31)
    assert run(front) == (1, 0, 0)
    front.report("orders/updated", payload | {"updated_at": front.now().isoformat(), "total_price": "90.00"})
    front.settled()
    (order,) = front.get("/orders")["items"]
    assert order["total"]["amount_minor"] == 9000
    assert run(front) == (1, 0, 0)


def test_what_was_said_of_an_order_that_never_came_is_not_kept_for_ever(front: Shopfront) -> None:
    payload = front.order("Ben")
    front.report("orders/create", payload)
    front.settled()
    known = payload["name"].removeprefix("#")
    hints = [OrderHint(order_ref=ref, visitor="v-1", at=front.now()) for ref in (known, "N3VER", str(payload["id"]))]
    container = front.shop.world.installation.contexts["tracking"].container
    front.shop.world.call(NoteOrderHints(container.begin()), front.shop.shop_id, hints)
    kept = "SELECT order_ref FROM tracking.order_hint WHERE shop_id = %s"
    run(front)
    assert len(front.shop.world.sql(kept, front.shop.shop_id)) == 3
    front.api("PUT", "/retention", json={"orders_months": LONGEST_MONTHS, "clicks_months": SHORTEST_MONTHS})
    front.shop.move_clock(days=(SHORTEST_MONTHS + 1) * 31)
    run(front)
    assert {ref for (ref,) in front.shop.world.sql(kept, front.shop.shop_id)} == {known, str(payload["id"])}


def test_old_months_of_clicks_are_dropped_when_nobody_has_one_any_more(front: Shopfront) -> None:
    world, now = front.shop.world, datetime.now(UTC)
    months = [(now - timedelta(days=ago * 30.4375)).strftime("%Y%m") for ago in (30, 20, 10)]
    for month in months:
        begins = f"date '{month[:4]}-{month[4:]}-01'"
        world.sql(
            f"DO $$ BEGIN EXECUTE format('CREATE TABLE tracking.click_{month} PARTITION OF tracking.click"
            f" FOR VALUES FROM (%L) TO (%L)', {begins}, {begins} + interval '1 month'); END $$"
        )
        for forced in ("ENABLE", "FORCE"):
            world.sql(f"ALTER TABLE tracking.click_{month} {forced} ROW LEVEL SECURITY")
    click = "INSERT INTO tracking.click (shop_id, click_id, recorded_at, clicked_at, link_id, visitor, query,"
    click += " referrer_host, language, address_hash) SELECT %s, gen_random_uuid(), t, t, gen_random_uuid(), 'person',"
    world.sql(f"{click} '', '', '', '' FROM (SELECT now() - interval '610 days' AS t) x", front.shop.shop_id)

    def there() -> list[bool]:
        query = "SELECT to_regclass('tracking.click_' || %s) IS NOT NULL"
        return [world.sql(query, month)[0][0] for month in months]

    drop = nightly(front).drop_partitions
    world.call(drop)
    assert there() == [False, True, True]
    assert run(front) == (0, 1, 0)

    def second_is_gone() -> bool:
        world.sql(f"VACUUM tracking.click_{months[1]}")  # which leaves what a transaction beside it may still look at
        world.call(drop)
        return there() == [False, False, True]

    front.shop.eventually(second_is_gone)


STORED = """
INSERT INTO tracking.tag_event (shop_id, event_id, at, happened_at, received_at, name, by, device, address_hash)
SELECT %s, gen_random_uuid(), t + %s::interval, t, t, 'page', 'person', 'phone', ''
FROM (SELECT now() - %s::interval AS t) x
"""


def test_events_go_by_when_they_arrived_in_bounded_batches_and_no_other_shops(
    front: Shopfront, world: World, monkeypatch: Any
) -> None:
    monkeypatch.setattr(delete_old_events, "MOST_EVENTS", 2)
    other = world.open_shop()
    for shop_id in (front.shop.shop_id, other.shop_id):
        for off, ago in (("0", "14 months"), ("-30 days", "13.2 months"), ("1 day", "13.2 months"), ("0", "1 day")):
            world.sql(STORED, shop_id, off, ago)
        world.sql(STORED, shop_id, "-29 days", "12.8 months")
    left = "SELECT count(*) FROM tracking.tag_event WHERE shop_id = %s"
    with statements() as seen:
        assert run(front) == (0, 0, 3)
    assert len([text for text in seen if "DELETE FROM tag_event" in text]) == 2
    assert run(front) == (0, 0, 0)
    assert world.sql(left, front.shop.shop_id) == [(2,)]
    assert world.sql(left, other.shop_id) == [(5,)]


@pytest.mark.parametrize(
    ("field", "months"),
    [(field, months) for field, least in SHORTEST.items() for months in (0, least - 1, LONGEST_MONTHS + 1)],
)
def test_what_is_too_short_or_too_long_is_refused(field: str, months: int) -> None:
    allowed = {"orders_months": 24, "clicks_months": 24, "events_months": 24}
    with pytest.raises(RetentionOutOfRange) as refused:
        Retention(**(allowed | {field: months})).checked()
    assert refused.value.pointer == f"/{field}"
    assert str(SHORTEST[field]) in refused.value.detail


def test_every_countrys_policy_is_within_what_is_allowed() -> None:
    known = policies()
    assert len(known.countries) == 11
    for retention in (known.strictest, *known.countries.values()):
        assert retention.checked() == retention
        assert known.strictest.orders_months <= retention.orders_months


def test_one_shops_trouble_is_not_the_others(front: Shopfront, monkeypatch: Any) -> None:
    other = front.shop.world.open_shop()
    asked: list[Any] = []

    async def fail_once(_: Any, shop_id: Any) -> Any:
        asked.append(shop_id)
        if len(asked) == 1:
            raise ValueError("a row that nobody foresaw")

    monkeypatch.setattr(Retaining, "shop", fail_once)
    front.shop.world.call(nightly(front))
    assert {front.shop.shop_id, other.shop_id} <= set(asked)
