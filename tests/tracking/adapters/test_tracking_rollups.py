"""The roll-ups equal what the raw rows add up to, whatever happened in which order."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from adapters.host.composition import Installation
from adapters.host.operate import UnknownShop, rebuild_reports
from adapters.tracking.reports import roller
from adapters.tracking.reports.roller import Roller
from adapters.tracking.reports.rollups import OF_CLICKS
from adapters.tracking.settling import SettleVisits
from tests.support.world import ShopWorld, World
from tests.tracking.history import NIGHTS, History
from tests.tracking.reckoning import KEYS, Counts, Reckoning, rolled, totals


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
    def same() -> bool:
        # Reckoned at each look: the worker settles clicks after some seconds, so there may be more to count meanwhile.
        reckoned = Reckoning(shop, zone)
        roll(shop.world)
        for table in KEYS:
            assert rolled(shop, table) == reckoned.wanted(table), table
        assert totals(shop) == (reckoned.hours(), reckoned.buying())
        return True

    # On a busy machine one look takes seconds.
    shop.eventually(same, within=60)


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


def test_a_click_that_the_worker_settled_is_counted_once(world: World, owner: psycopg.Connection) -> None:
    """A history that takes longer than clicks wait finds them settled."""
    zone = "Europe/Berlin"
    shop = world.open_shop(time_zone=zone)
    history = History(shop, random.Random(5), NIGHTS[zone], owner)
    history.begin()
    for _ in range(20):
        history.click()
    assert history.unsettled
    worker = SettleVisits(world.installation.contexts["tracking"].relay_database, after_s=0)

    def settled() -> bool:
        world.call(worker.once)
        query = "SELECT NOT EXISTS (SELECT FROM tracking.click WHERE shop_id = %s AND visit IS NULL)"
        return bool(world.sql(query, shop.shop_id)[0][0])

    shop.eventually(settled)
    assert_reconciled(shop, zone)
    history.finish()
    assert_reconciled(shop, zone)


def test_figures_claim_nothing_that_was_committed_after_the_look(world: World) -> None:
    """A busy machine may halt a process between its look at what is committed and its look at the clock."""

    async def look_late() -> tuple[datetime, datetime]:
        connection = await world.installation.contexts["tracking"].relay_database.raw()
        try:
            await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
            async with connection.transaction():
                await connection.execute(b"SELECT 1")  # from here on it sees nothing new
                committed = await asyncio.to_thread(world.sql, "SELECT clock_timestamp(), pg_current_xact_id()")
                row = await (await connection.execute(roller.SNAPSHOT.encode())).fetchone()
        finally:
            await connection.close()
        assert row is not None
        return committed[0][0], row[3]

    committed, as_of = world.call(look_late)
    assert as_of < committed


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
        own = roller_of(world)
        while world.sql("SELECT count(*) FROM tracking.report_counted WHERE shop_id = %s", shop.shop_id)[0][0] < 4:
            world.call(own.round)
        world.call(own.close)
        late.commit()
    history.finish()
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


def forget_and_delete(history: History, since: datetime) -> None:
    """What retention does: orders and claims of before `since` lose who bought, clicks of before are deleted."""
    shop_id = history.shop.shop_id
    context = history.shop.world.installation.contexts["tracking"]

    async def nightly() -> None:
        async with context.container.begin()(shop_id) as work:
            await work.retentions.forget_buyers(since + timedelta(days=400), None, 10_000)
            await work.retentions.delete_clicks(since + timedelta(days=400), 10_000)

    query = "UPDATE tracking.click SET recorded_at = clicked_at WHERE shop_id = %s AND clicked_at < %s"
    history.connection.execute(query.encode(), (shop_id, since))
    history.connection.execute(
        b"UPDATE tracking.click SET recorded_at = now() + interval '3 years' WHERE shop_id = %s AND clicked_at >= %s",
        (shop_id, since),
    )
    history.shop.world.call(nightly)


@pytest.mark.parametrize("kept_from", [datetime(2025, 1, 31, 23, tzinfo=UTC), datetime(2025, 1, 31, 6, tzinfo=UTC)])
@pytest.mark.parametrize("moved_to", ["Europe/Berlin", "Asia/Kathmandu", "America/New_York"])
def test_figures_outlive_their_rows(
    world: World, owner: psycopg.Connection, moved_to: str, kept_from: datetime
) -> None:
    """Clicks of a month are deleted and buyers forgotten; orders change, all is counted again, also in another zone."""
    zone = "Europe/Berlin"
    shop = world.open_shop(time_zone=zone)
    roll(world)
    history = History(shop, random.Random(12), datetime(2025, 1, 31, 23, tzinfo=UTC), owner)
    history.begin()
    for _ in range(160):
        history.step()
    history.finish()
    assert_reconciled(shop, zone)
    before = Reckoning(shop, moved_to)
    sums = {table: rolled(shop, table) for table in KEYS}
    forget_and_delete(history, kept_from)
    assert world.sql("SELECT count(*) > 10 FROM tracking.click WHERE shop_id = %s", shop.shop_id) == [(True,)]
    history.connection.execute(
        b"UPDATE tracking.orders SET revision = revision + 1 WHERE shop_id = %s", (shop.shop_id,)
    )
    roll(world)
    assert {table: rolled(shop, table) for table in KEYS} == sums
    if moved_to != zone:
        move(shop, moved_to, before)
        sums = {table: rolled(shop, table) for table in KEYS}
    for _ in range(2):
        world.call(roller_of(world).rebuild, shop.slug)
        assert {table: rolled(shop, table) for table in KEYS} == sums


def move(shop: ShopWorld, zone: str, before: Reckoning) -> None:
    """To another time zone: the figures are in all what they were, and facts stand on the days of that zone."""
    shop.details |= {"time_zone": zone, "revision": 2}
    shop.tell("tracking", "shops.shop_changed", shop.details)

    def moved() -> bool:
        found = shop.world.sql("SELECT time_zone FROM tracking.report_shop WHERE shop_id = %s", shop.shop_id)
        assert found == [(zone,)]
        assert in_all(rolled(shop, "days")) == in_all(before.wanted("days"))
        return True

    shop.eventually(moved)
    facts = [{key: without_clicks(n) for key, n in days.items() if without_clicks(n)}
             for days in (rolled(shop, "days"), before.wanted("days"))]  # fmt: skip
    assert facts[0] == facts[1]


def in_all(days: Mapping[tuple[Any, ...], Counts]) -> dict[Any, Counts]:
    """What all days come to, by dimension, programme and value: the same in every time zone."""
    found: dict[Any, Counts] = defaultdict(lambda: defaultdict(int))
    for (dimension, _, programme, value), counts in days.items():
        for measure, count in counts.items():
            found[dimension, programme, value][measure] += count
    return found


def without_clicks(counts: Counts) -> Counts:
    return {measure: count for measure, count in counts.items() if measure not in OF_CLICKS}


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
