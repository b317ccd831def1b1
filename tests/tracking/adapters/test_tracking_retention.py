"""Retention on the database: whole people in bounded batches, nothing twice, months of clicks dropped as a whole."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.tracking.order_parts import retaining
from adapters.tracking.postgres.retention import policies
from adapters.tracking.retaining import Retaining
from tests.features.tracking.shopfront import Shopfront
from tests.support.world import ShopWorld
from tests.tracking.adapters.test_tracking_intake import statements
from tracking.application import forget_buyers
from tracking.domain.retention import LONGEST_MONTHS, SHORTEST_MONTHS, Retention, RetentionOutOfRange


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
    assert run(front) == (0, 0)
    front.shop.move_clock(days=40 * 31)
    with statements() as seen:
        assert run(front) == (8, 0)
    assert len([text for text in seen if "UPDATE orders" in text]) == 3
    assert run(front) == (0, 0)
    assert front.get("/retention")["last_run"]["orders"] == 8


def test_an_order_that_is_reported_again_is_no_second_one_and_forgotten_again(front: Shopfront) -> None:
    payload = front.order("Ben")
    front.report("orders/create", payload)
    front.settled()
    front.shop.move_clock(days=40 * 31)
    assert run(front) == (1, 0)
    front.report("orders/updated", payload | {"updated_at": front.now().isoformat(), "total_price": "90.00"})
    front.settled()
    (order,) = front.get("/orders")["items"]
    assert order["total"]["amount_minor"] == 9000
    assert run(front) == (1, 0)


def test_months_of_clicks_that_no_shop_keeps_are_dropped_and_no_others(front: Shopfront) -> None:
    world = front.shop.world
    now = datetime.now(UTC)
    for months in (30, 20):
        month = (now - timedelta(days=months * 30.4375)).strftime("%Y%m")
        begins = f"{month[:4]}-{month[4:]}-01"
        ends = f"(date '{begins}' + interval '1 month')"
        world.sql(
            f"DO $$ BEGIN EXECUTE format('CREATE TABLE IF NOT EXISTS tracking.click_{month} PARTITION OF tracking.click"
            f" FOR VALUES FROM (%L) TO (%L)', date '{begins}', {ends}); END $$"
        )
        for forced in ("ENABLE", "FORCE"):
            world.sql(f"ALTER TABLE tracking.click_{month} {forced} ROW LEVEL SECURITY")

    def months_kept() -> list[str]:
        query = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'tracking.click'::regclass"
        return sorted(name for (name,) in world.sql(query) if "default" not in name)

    before = months_kept()
    assert max(each.clicks_months for each in policies().countries.values()) == 25
    world.call(nightly(front).drop_partitions, now)
    assert [name for name in before if name not in months_kept()] == before[:1]
    # Whoever asks for more gets no more than what may be dropped at all.
    world.sql("SELECT tracking.drop_click_partitions(now() + interval '10 years')")
    assert [name for name in before if name not in months_kept()] == before[:2]


@pytest.mark.parametrize("months", [0, SHORTEST_MONTHS - 1, LONGEST_MONTHS + 1])
def test_what_is_too_short_or_too_long_is_refused(months: int) -> None:
    for changed in ({"orders_months": months}, {"clicks_months": months}):
        with pytest.raises(RetentionOutOfRange) as refused:
            Retention(**({"orders_months": 24, "clicks_months": 24} | changed)).checked()
        assert refused.value.pointer == f"/{next(iter(changed))}"


def test_every_countrys_policy_is_within_what_is_allowed() -> None:
    known = policies()
    assert len(known.countries) == 11
    for retention in (known.strictest, *known.countries.values()):
        assert retention.checked() == retention
        assert known.strictest.orders_months <= retention.orders_months
