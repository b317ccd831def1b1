"""Settling: from memory in the order of clicks, from the table what memory cannot know; each visit begins once."""

import asyncio
import math
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.tracking.postgres.settling import Decided, Waiting
from adapters.tracking.postgres.visits import WITHIN_S, Seen
from adapters.tracking.settling import Judge, SettleVisits
from tests.support.world import ShopWorld
from tests.tracking.adapters.test_tracking_visits import Table

NOON = 1_790_000_000.0
SHOP = UUID(int=1)


def waits(number: int, minute: int, who: int) -> Waiting:
    at = NOON + minute * 60
    moment = datetime.fromtimestamp(at, UTC)
    return Waiting(SHOP, UUID(int=number), moment, at, UUID(int=2), bytes([who]), 1, True)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 2), st.booleans()), max_size=40),
    st.lists(st.integers(0, 400), max_size=5),
)
def test_each_visit_begins_once_however_it_is_looked_at(clicks: list[tuple[int, int, bool]], looks: list[int]) -> None:
    """A process calls what repeats a click that itself still waits a repeat at once: it may be heard of first."""
    last: dict[int, int] = {}
    expected: dict[UUID, bool] = {}
    waiting: list[Waiting] = []
    heard: list[Decided] = []
    for number, (minute, who, asked) in enumerate(sorted(clicks)):
        begins = who not in last or (minute - last[who]) * 60 >= WITHIN_S
        last[who] = minute
        click = waits(number, minute, who)
        if asked or begins:
            waiting.append(click)
            expected[click.click_id] = begins
        else:
            heard.append(Decided(click.at, click.click_id, click.key, visit=False))
    judge = Judge(Seen({}, complete=True), heard, until=NOON - WITHIN_S, snapshot="")
    found: dict[UUID, bool | None] = {}
    for until in [*(NOON + look * 60 for look in sorted(looks)), math.inf]:
        found |= judge.verdicts([each for each in waiting if each.click_id not in found and each.at < until], until)
    assert found == expected


def decided(number: int, minute: int, who: int, *, visit: bool) -> Decided:
    click = waits(number, minute, who)
    return Decided(click.at, click.click_id, click.key, visit)


def test_a_visit_that_was_counted_a_moment_later_takes_in_what_came_before() -> None:
    judge = Judge(Seen({}, complete=True), [decided(2, 10, 7, visit=True)], until=NOON - WITHIN_S, snapshot="")
    early, another = waits(1, 5, 7), waits(3, 5, 8)
    found = judge.verdicts([early, another], NOON + 6 * 60)
    assert found == {early.click_id: False, another.click_id: True}


def test_a_click_that_came_late_is_known_when_the_next_one_is_judged() -> None:
    """Whether the late one begins a visit is for the table; that its visitor was there is known all the same."""
    judge = Judge(Seen({}, complete=True), [decided(1, 50, 7, visit=False)], until=NOON + 60 * 60, snapshot="")
    late, next_one, another = waits(2, 55, 8), waits(3, 70, 7), waits(4, 71, 8)
    found = judge.verdicts([late, next_one, another], NOON + 72 * 60)
    assert found == {late.click_id: None, next_one.click_id: False, another.click_id: False}


class Ahead(Table):
    """Clicks of the next hours, which the app under test does not settle itself."""

    def __init__(self, shop: ShopWorld) -> None:
        super().__init__(shop)
        self.start = datetime.now(UTC) + timedelta(hours=1)
        self.relay = shop.world.installation.contexts["tracking"].relay_database

    def at(self, minutes: float) -> datetime:
        return self.start + timedelta(minutes=minutes)

    def settled_until(self, minutes: float, settler: SettleVisits) -> None:
        """What a worker settles when so much time has passed."""
        self.store()
        settler._after_s = (datetime.now(UTC) - self.at(minutes)).total_seconds()
        due = "SELECT count(*) FROM tracking.click WHERE shop_id = %s AND visit IS NULL AND recorded_at < %s"

        def done() -> bool:
            # Another one may be at it at this moment: that one goes first.
            self.shop.world.call(settler.once)
            return bool(self.shop.world.sql(due, self.shop.shop_id, self.at(minutes)) == [(0,)])

        self.shop.eventually(done)


@pytest.fixture
def ahead(shop: ShopWorld) -> Ahead:
    return Ahead(shop)


def test_what_was_settled_before_and_what_others_decided_meanwhile_is_known(ahead: Ahead) -> None:
    first, second = SettleVisits(ahead.relay), SettleVisits(ahead.relay)
    expected = {
        ahead.click(ahead.at(0), who=b"a"): True,
        ahead.click(ahead.at(0.5), who=b"a", visit=False): False,
        ahead.click(ahead.at(1), who=b"a"): False,
    }
    ahead.settled_until(2, first)
    judge = first._judge
    assert judge is not None
    expected |= {ahead.click(ahead.at(3), who=b"b"): True, ahead.click(ahead.at(4), who=b"c", visit=True): True}
    ahead.settled_until(5, second)
    expected |= {ahead.click(ahead.at(6), who=who): False for who in (b"a", b"b", b"c")}
    # What waited on a disk: before a visit that was counted, and before all that is remembered.
    expected |= {
        ahead.click(ahead.at(2), who=b"c"): False,
        ahead.click(ahead.at(-200), who=b"a"): True,
        ahead.click(ahead.at(7), who=b"d"): True,
    }
    ahead.settled_until(8, first)
    assert first._judge is judge
    assert ahead.visits() == expected


def test_what_does_not_fit_into_memory_is_asked_of_the_table(ahead: Ahead) -> None:
    settler = SettleVisits(ahead.relay, remembered=4)
    expected = {ahead.click(ahead.at(n), who=b"%d" % n, visit=True): True for n in range(8)}
    expected |= {ahead.click(ahead.at(n + 9), who=b"%d" % n): False for n in range(8)}
    expected |= {ahead.click(ahead.at(20), who=b"new"): True}
    ahead.settled_until(21, settler)
    assert ahead.visits() == expected


def test_two_that_settle_at_once_take_turns(ahead: Ahead) -> None:
    expected = {ahead.click(ahead.at(n), who=b"ab"[n % 2 :][:1]): n < 2 for n in range(10)}
    ahead.store()
    settlers = [SettleVisits(ahead.relay, after_s=-2 * WITHIN_S, most=3) for _ in range(2)]

    async def both() -> None:
        for _ in range(8):
            await asyncio.gather(*(settler.once() for settler in settlers))

    ahead.shop.world.call(both)
    assert ahead.visits() == expected
