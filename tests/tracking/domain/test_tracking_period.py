"""Periods and what figures make of sums."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import DomainError
from tracking.domain.figures import Buying, Virality, average, share
from tracking.domain.period import Period, hour_of, monday_of, period, starts

ZONES = (
    "Europe/Berlin", "Europe/Helsinki", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Asia/Beirut",
    "America/Santiago", "Pacific/Apia", "UTC",
)  # fmt: skip
NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 3, 29), "Europe/Berlin", 23),
        (date(2026, 10, 25), "Europe/Berlin", 25),
        (date(2026, 10, 26), "Europe/Berlin", 24),
        (date(2026, 6, 1), "Asia/Kathmandu", 24),
        (date(2026, 9, 6), "America/Santiago", 23),
    ],
)
def test_hours_of_a_day(day: date, zone: str, hours: int) -> None:
    assert len(Period(first=day, last=day, zone=zone).hours()) == hours


@pytest.mark.parametrize("year", [2000, 2011, 2026, 2099])
def test_every_day_in_the_world_begins_with_a_quarter_of_an_hour(year: int) -> None:
    """What is summed by quarters is summed exactly by any zone's days."""
    for zone in available_timezones():
        for month in range(1, 13):
            assert starts(date(year, month, 1), zone).timestamp() % 900 == 0, zone


@given(st.dates(date(2001, 1, 1), date(2090, 1, 1)), st.sampled_from(ZONES), st.integers(0, 86_399))
def test_every_moment_lies_in_one_hour_of_its_day(day: date, zone: str, second: int) -> None:
    moment = starts(day, zone) + timedelta(seconds=second)
    local = moment.astimezone(ZoneInfo(zone)).date()
    found = Period(first=local, last=local, zone=zone)
    assert found.begins <= moment < found.ends
    assert hour_of(moment, ZoneInfo(zone)) in found.hours()
    assert found.hours() == sorted(set(found.hours()))


@given(st.dates(date(2001, 1, 1), date(2090, 1, 1)))
def test_weeks_begin_on_monday(day: date) -> None:
    monday = monday_of(day)
    assert monday.weekday() == 0
    assert 0 <= (day - monday).days < 7


def test_the_last_thirty_days_by_the_shops_calendar() -> None:
    asked = period(None, None, now=NOW, zone="Europe/Berlin")
    assert (asked.first, asked.last) == (date(2026, 10, 25), date(2026, 11, 23))


@given(st.none() | st.dates(), st.none() | st.dates(), st.sampled_from(ZONES))
def test_a_period_is_sound_or_refused(first: date | None, last: date | None, zone: str) -> None:
    try:
        asked = period(first, last, now=NOW, zone=zone)
    except DomainError as refusal:
        assert refusal.code in {"period_reversed", "period_too_long", "period_out_of_range"}
        assert refusal.pointer in {"/from", "/to"}
    else:
        assert asked.begins < asked.ends
        assert len(asked.days()) <= 1100


def test_averages_round_half_up_and_nothing_has_none() -> None:
    assert (average(5, 2), average(4, 3), average(5, 3), average(7, 0)) == (3, 1, 2, None)
    assert (share(1, 3), share(0, 5), share(3, 0)) == (0.3333, 0.0, None)


def test_the_viral_coefficient_is_the_product_of_its_parts() -> None:
    found = Virality(advocates=200, shares=500, new_customers=50)
    assert (found.shares_per_advocate, found.new_per_share, found.coefficient) == (2.5, 0.1, 0.25)
    assert Virality(advocates=0, shares=0, new_customers=0).coefficient is None


def test_new_customers_are_counted_among_orders_that_stand() -> None:
    group = Buying(orders=5, cancelled=1, new_orders=2, base_minor=1001, final_base_minor=800)
    assert (group.new_share, group.average_minor, group.average_kept_minor) == (0.5, 200, 200)
