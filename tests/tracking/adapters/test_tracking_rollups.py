"""The roll-ups equal what the raw rows add up to, whatever happened in which order."""

import asyncio
import random
from collections.abc import Iterator

import psycopg
import pytest

from adapters.host.composition import Installation
from adapters.host.operate import UnknownShop, rebuild_reports
from adapters.tracking.reports.roller import Roller
from tests.support.world import ShopWorld, World
from tests.tracking.history import NIGHTS, History
from tests.tracking.reckoning import KEYS, Reckoning, rolled, totals


def roller_of(world: World) -> Roller:
    return Roller(world.installation.contexts["tracking"].relay_database)


def roll(world: World) -> None:
    """Count, beside the worker that does the same, until all that is committed by now is counted."""
    now = world.sql("SELECT clock_timestamp()")[0][0]
    own = roller_of(world)

    async def rounds() -> None:
        while await own.round():
            pass

    while world.sql("SELECT as_of < %s FROM tracking.report_progress", now)[0][0]:
        world.call(rounds)
    world.call(own.close)


def assert_reconciled(shop: ShopWorld, zone: str) -> None:
    reckoned = Reckoning(shop, zone)

    def same() -> bool:
        roll(shop.world)
        for table in KEYS:
            assert rolled(shop, table) == reckoned.wanted(table), table
        assert totals(shop) == (reckoned.hours(), reckoned.buying())
        return True

    shop.eventually(same)


@pytest.fixture
def owner(world: World) -> Iterator[psycopg.Connection]:
    with psycopg.connect(world.conninfo, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("zone", NIGHTS)
def test_every_figure_equals_its_rows(world: World, owner: psycopg.Connection, zone: str) -> None:
    shop = world.open_shop(time_zone=zone)
    chance = random.Random(zone)
    history = History(shop, chance, NIGHTS[zone], owner)
    roll(world)
    history.begin()
    for _ in range(80):
        history.step()
        if chance.random() < 0.1:
            roll(world)
    assert_reconciled(shop, zone)
    history.finish()
    assert_reconciled(shop, zone)


def test_a_late_commit_is_counted_and_a_rebuild_gives_the_same(world: World, owner: psycopg.Connection) -> None:
    """A click whose transaction ends long after it was written, and after later ones were counted."""
    zone = "Europe/Berlin"
    shop = world.open_shop(time_zone=zone)
    roll(world)
    history = History(shop, random.Random(7), NIGHTS[zone], owner)
    history.begin()
    with psycopg.connect(world.conninfo) as late:
        history.connection = late
        for _ in range(20):
            history.click()
        history.connection = owner
        history.click()
        history.order()
        roller = roller_of(world)
        while world.sql("SELECT count(*) FROM tracking.report_counted WHERE shop_id = %s", shop.shop_id)[0][0] < 4:
            world.call(roller.round)
        world.call(roller.close)
        late.commit()
    assert_reconciled(shop, zone)
    before, sums = {table: rolled(shop, table) for table in KEYS}, totals(shop)
    world.sql("UPDATE tracking.report_day SET clicks = clicks + 1 WHERE shop_id = %s", shop.shop_id)
    world.sql("DELETE FROM tracking.report_hour WHERE shop_id = %s", shop.shop_id)
    world.call(roller_of(world).rebuild, shop.slug)
    assert {table: rolled(shop, table) for table in KEYS} == before
    assert totals(shop) == sums


def test_days_are_counted_anew_when_the_shop_moves_to_another_time_zone(
    world: World, owner: psycopg.Connection
) -> None:
    shop = world.open_shop(time_zone="Europe/Berlin")
    roll(world)
    history = History(shop, random.Random(8), NIGHTS["Europe/Berlin"], owner)
    history.begin()
    for _ in range(20):
        history.step()
    roll(world)
    shop.details |= {"time_zone": "Asia/Kathmandu", "revision": 2}
    shop.tell("tracking", "shops.shop_changed", shop.details)
    assert_reconciled(shop, "Asia/Kathmandu")


def test_an_order_of_the_far_future_stops_nobodys_figures(world: World, owner: psycopg.Connection) -> None:
    """More seconds after its click than 32 bits hold: a system's clock may be that wrong."""
    zone = "Europe/Berlin"
    shop = world.open_shop(time_zone=zone)
    roll(world)
    history = History(shop, random.Random(9), NIGHTS[zone], owner)
    history.begin()
    for _ in range(20):
        history.step()
    history.start = history.start.replace(year=2100)
    for _ in range(20):
        history.order()
    assert_reconciled(shop, zone)


def test_an_hour_begins_with_a_quarter_of_an_hour_in_every_time_zone(world: World) -> None:
    """Clicks are added up by quarters of an hour before their shop's time zone is known."""
    query = """
        SELECT DISTINCT name
        FROM pg_timezone_names, generate_series('2020-01-01'::timestamptz, '2037-01-01', '6 months') at
        WHERE mod(extract(epoch FROM (at AT TIME ZONE name) - (at AT TIME ZONE 'UTC'))::int, 900) <> 0
    """
    assert world.sql(query) == []


def test_an_operator_names_a_shop_that_is_not_there(world: World) -> None:
    async def by_command() -> int:
        # An operator's command is a process of its own: what it lets go of at its end is not the worker's.
        own = Installation(world.installation.settings, world.conninfo)
        try:
            return await rebuild_reports(own, "no-such-shop", lambda _: None)
        finally:
            await own.close()

    with pytest.raises(UnknownShop):
        asyncio.run(by_command())
