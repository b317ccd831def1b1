"""Visits: from memory where that is sure, from the table where it is not; each visit begins exactly once."""

import asyncio
import itertools
import random
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from adapters.shared.ids import new_id
from adapters.tracking import settling as settling_module
from adapters.tracking import visits as visits_module
from adapters.tracking.http.redirect import DailyHash
from adapters.tracking.postgres.visits import SETTLE_AFTER_S, WITHIN_S, Seen, seen_since, visitor_key
from adapters.tracking.settling import SettleVisits
from adapters.tracking.visits import RecentVisits, VisitWatch
from tests.support.world import ShopWorld

NOON = 1_790_000_000.0


def alone(most: int = 100) -> RecentVisits:
    visits = RecentVisits(most)
    visits.alone_until = NOON * 2
    return visits


def test_of_ipv6_the_network_is_the_address() -> None:
    """A household's telephone and laptop have an address each, and change them, within one network."""
    daily, today = DailyHash(b"key"), date(2026, 11, 22)
    phone, laptop, neighbour = "2001:db8:0:7::1f", "2001:db8:0:7:a1b2:c3d4:e5f6:1", "2001:db8:0:8::1f"
    assert daily(phone, today) == daily(laptop, today) != daily(neighbour, today)
    assert daily("::ffff:192.0.2.7", today) != daily("::ffff:192.0.2.8", today), "IPv4 as a socket for both names it"


def test_a_repeat_within_the_hour_is_the_same_visit() -> None:
    visits = alone()
    assert [visits.begins(b"ben", NOON + minutes * 60) for minutes in (0, 10, 69, 128, 188, 190)] == [
        True, False, False, False, True, False,
    ]  # fmt: skip
    assert visits.begins(b"eva", NOON + 60) is True


def test_what_is_not_sure_is_left_undecided() -> None:
    visits = RecentVisits(100)
    assert visits.begins(b"ben", NOON) is None
    assert visits.begins(b"ben", NOON + 1) is False
    visits.learn(Seen({b"eva": NOON - 60, b"old": NOON - WITHIN_S - 1}, complete=True), NOON)
    visits.alone_until = NOON + 10
    assert visits.begins(b"eva", NOON + 2) is False
    assert visits.begins(b"old", NOON + 2) is True
    assert visits.begins(b"zoe", NOON + 10) is None


def test_memory_is_bounded_and_what_was_forgotten_too_early_is_not_claimed() -> None:
    visits = alone(most=10)
    for number in range(200):
        visits.begins(b"%d" % number, NOON + number)
    assert len(visits._young) + len(visits._old) <= 10
    assert visits.begins(b"0", NOON + 201) is None
    assert visits.begins(b"201", NOON + 201 + 2 * WITHIN_S) is True


@pytest.mark.parametrize("seen", [Seen({b"%d" % n: NOON for n in range(6)}, True), Seen({b"1": NOON}, False)])
def test_what_others_served_and_does_not_fit_is_not_claimed_for_an_hour(seen: Seen) -> None:
    visits = alone(most=10)
    visits.learn(seen, NOON)
    assert len(visits._young) <= 5
    assert visits.begins(b"1", NOON + 1) is False
    assert visits.begins(b"new", NOON + WITHIN_S - 1) is None
    assert visits.begins(b"newer", NOON + WITHIN_S) is True


def test_memory_agrees_with_the_definition() -> None:
    chance = random.Random(7)
    visits = alone(100_000)
    last: dict[bytes, float] = {}
    at = NOON
    for _ in range(5_000):
        at += chance.expovariate(1 / 200)
        key = b"%d" % chance.randrange(40)
        assert visits.begins(key, at) is (key not in last or at - last[key] >= WITHIN_S)
        last[key] = at


class Table:
    """Clicks of one shop as another process would have stored them."""

    def __init__(self, shop: ShopWorld) -> None:
        self.shop = shop
        self.link_id = new_id()
        self._clicks: list[tuple[Any, ...]] = []

    def click(
        self, at: datetime, *, who: bytes = b"b", agent: int = 1, visit: bool | None = None, **changes: Any
    ) -> UUID:
        """A click to be stored by `store`."""
        click_id = UUID(int=(int(at.timestamp() * 1000) << 80) | (new_id().int & ((1 << 80) - 1)))
        values = {"visitor": "person", "link_id": self.link_id} | changes
        self._clicks.append(
            (self.shop.shop_id, click_id, at, at, values["link_id"], values["visitor"], who, agent, visit)
        )
        return click_id

    def store(self) -> None:
        """All clicks at once: the app under test settles what it finds at any moment, and would find some of them."""
        row = "(%s, %s, %s, %s, %s, %s, '', '', '', %s, %s, %s)"
        self.shop.world.sql(
            "INSERT INTO tracking.click (shop_id, click_id, recorded_at, clicked_at, link_id, visitor, query,"
            f" referrer_host, language, address_hash, agent_hash, visit) VALUES {', '.join([row] * len(self._clicks))}",
            *itertools.chain.from_iterable(self._clicks),
        )
        self._clicks = []

    def visits(self) -> dict[UUID, bool | None]:
        rows = self.shop.world.sql("SELECT click_id, visit FROM tracking.click WHERE shop_id = %s", self.shop.shop_id)
        return dict(rows)

    def settle(self) -> None:
        relay = self.shop.world.installation.contexts["tracking"].relay_database
        self.shop.world.call(SettleVisits(relay).once)
        # What the app under test was settling at this moment was left to it.
        self.shop.eventually(self._nothing_is_due)

    def _nothing_is_due(self) -> bool:
        due = f"visit IS NULL AND recorded_at < now() - interval '{SETTLE_AFTER_S} seconds'"
        query = f"SELECT NOT EXISTS (SELECT FROM tracking.click WHERE shop_id = %s AND {due})"
        return bool(self.shop.world.sql(query, self.shop.shop_id)[0][0])


@pytest.fixture
def table(shop: ShopWorld) -> Table:
    return Table(shop)


def test_what_was_left_undecided_is_settled_from_the_table(table: Table) -> None:
    start = datetime.now(UTC) - timedelta(hours=5)

    def after(minutes: float) -> datetime:
        return start + timedelta(minutes=minutes)

    expected = {
        table.click(after(0)): True,
        table.click(after(59)): False,
        table.click(after(118)): False,
        table.click(after(178)): True,
        table.click(after(0), who=b"other"): True,
        table.click(after(0), agent=2): True,
        table.click(after(1), link_id=new_id()): True,
        table.click(after(0), who=b"m", visitor="bot"): False,
        table.click(after(5), who=b"m"): True,
        # Another process was sure of the later click before this one was settled: one visit all the same.
        table.click(after(10), who=b"late"): False,
        table.click(after(20), who=b"late", visit=True): True,
    }
    table.store()
    table.settle()
    assert table.visits() == expected
    table.settle()
    assert table.visits() == expected


def test_a_settled_click_is_read_anew(table: Table) -> None:
    """Whoever reads on from the last transaction that it saw meets a settled click after those that were final."""
    table.click(datetime.now(UTC) - timedelta(minutes=1), who=b"a")
    table.click(datetime.now(UTC) - timedelta(minutes=1), who=b"final", visit=True)
    table.store()
    table.settle()
    query = "SELECT visit, tx::text::bigint FROM tracking.click WHERE shop_id = %s ORDER BY address_hash"
    (visit, settled), (_, final) = table.shop.world.sql(query, table.shop.shop_id)
    assert visit is True
    assert settled > final


def test_clicks_of_the_last_seconds_wait(table: Table) -> None:
    click = table.click(datetime.now(UTC))
    table.store()
    table.settle()
    assert table.visits() == {click: None}


def test_a_process_is_sure_only_while_it_is_alone(table: Table) -> None:
    relay = table.shop.world.installation.contexts["tracking"].relay_database
    seen = datetime.now(UTC) - timedelta(minutes=30)
    table.click(seen, who=b"\x01" * 16)
    table.store()
    key = visitor_key(table.link_id.bytes, b"\x01" * 16, 1)

    async def story() -> tuple[bool, bool, float]:
        first, second = RecentVisits(), RecentVisits()
        watch = VisitWatch(first, relay)
        # The app under test serves clicks too, so that neither is alone.
        await watch._look()
        together = first.alone_until > 0
        await watch._drop()
        connection = await relay.raw()
        known = await seen_since(connection, seen.timestamp() - 60, most=1_000_000)
        none, one = [await seen_since(connection, seen.timestamp() - 60, most=1, rows=rows) for rows in (0, 1)]
        later = await seen_since(connection, seen.timestamp() + 0.001, most=1_000_000)
        await connection.close()
        assert known.complete
        assert key not in later.at
        assert not none.complete
        assert not one.complete
        second.learn(known, seen.timestamp())
        return together, second.begins(key, seen.timestamp() + 60) is False, known.at[key]

    together, repeats, remembered = table.shop.world.call(story)
    assert not together
    assert repeats
    assert remembered == pytest.approx(seen.timestamp(), abs=0.001)


def test_what_others_served_is_read_once(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading an hour can take longer than a process is sure of being alone: the next look reads only what is new."""
    relay = table.shop.world.installation.contexts["tracking"].relay_database
    asked: list[float] = []

    async def nobody_else(_: psycopg.AsyncConnection) -> int:
        return 1

    async def slowly(_: psycopg.AsyncConnection, since: float, **__: Any) -> Seen:
        asked.append(time.time() - since)
        return Seen({}, complete=True)

    async def three_looks() -> None:
        for _ in range(3):
            await watch._look()
            watch._visits.alone_until = 0.0
        await watch._drop()

    monkeypatch.setattr(visits_module, "servers_of_clicks", nobody_else)
    monkeypatch.setattr(visits_module, "seen_since", slowly)
    watch = VisitWatch(RecentVisits(), relay)
    table.shop.world.call(three_looks)
    whole, *rest = asked
    assert whole >= WITHIN_S
    assert all(SETTLE_AFTER_S <= one < WITHIN_S / 10 for one in rest)


def test_the_app_knows_that_it_is_alone(shop: ShopWorld) -> None:
    visits = shop.world.installation.contexts["tracking"].container.recent_visits()

    async def now() -> float:
        return asyncio.get_running_loop().time()

    shop.world.call(now)
    shop.eventually(lambda: visits.alone_until > datetime.now(UTC).timestamp())


def test_what_takes_too_long_is_settled_in_smaller_pieces(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, tries = asyncio.Event(), []

    class Slow(SettleVisits):
        async def once(self) -> int:
            tries.append(self._most)
            if len(tries) == 6:
                stop.set()
            raise psycopg.errors.QueryCanceled if len(tries) < 5 else psycopg.OperationalError

    settle = Slow(table.shop.world.installation.contexts["tracking"].relay_database, most=4_000)
    monkeypatch.setattr(settling_module, "_PAUSE_S", 0.001)
    asyncio.run(asyncio.wait_for(settle(stop), 5))
    assert tries == [4_000, 2_000, 1_000, 500, 500, 500]
