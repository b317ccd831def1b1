"""The time a report is about: whole days of the shop's own calendar, in the shop's time zone."""

from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from kernel.errors import DomainError

Grain = Literal["hour", "day", "week"]
DEFAULT_DAYS: Final = 30
LONGEST_DAYS: Final = 1100
LONGEST_BY_HOUR: Final = 31
_QUARTER: Final = timedelta(minutes=15)


class PeriodReversed(DomainError):
    code = "period_reversed"
    title = "The period ends before it begins"


class PeriodTooLong(DomainError):
    code = "period_too_long"
    title = "The period is too long"


class PeriodOutOfRange(DomainError):
    code = "period_out_of_range"
    title = "The period lies outside of the years 2000 to 2099"


class Period(Struct, frozen=True, kw_only=True):
    """From the start of day `first` to the end of day `last`, as clocks in `zone` show it."""

    first: date
    last: date
    zone: str

    @property
    def begins(self) -> datetime:
        return starts(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        """The first moment that no longer belongs to it."""
        return starts(self.last + timedelta(days=1), self.zone)

    def in_months(self) -> "Period":
        """The whole months that it touches."""
        after = (self.last.replace(day=1) + timedelta(days=31)).replace(day=1)
        return Period(first=self.first.replace(day=1), last=after - timedelta(days=1), zone=self.zone)

    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    def hours(self) -> list[datetime]:
        """The starts of its hours: 24 a day, 23 or 25 where the clock is set forward or back.

        Found by walking in quarters, because in some zones clocks are set by half an hour.
        """
        zone, moment, ends, found = ZoneInfo(self.zone), self.begins, self.ends, list[datetime]()
        while moment < ends:
            hour = hour_of(moment, zone)
            if not found or found[-1] != hour:
                found.append(hour)
            moment += _QUARTER
        return found


def starts(day: date, zone: str) -> datetime:
    """The day's first moment. Where clocks skip midnight it is the moment at which they do."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def hour_of(moment: datetime, zone: ZoneInfo) -> datetime:
    """The start of the moment's hour by the local clock, in UTC."""
    local = moment.astimezone(zone)
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return (moment - past).astimezone(UTC)


def monday_of(day: date) -> date:
    """The Monday on which the day's week begins (ISO 8601)."""
    return day - timedelta(days=day.weekday())


def period(
    first: date | None, last: date | None, *, now: datetime, zone: str, longest_days: int = LONGEST_DAYS
) -> Period:
    """The period asked for: the last 30 days unless it says otherwise. Refuses what makes no sense."""
    last = last or max(now.astimezone(ZoneInfo(zone)).date(), first or date.min)
    if not 2000 <= last.year <= 2099:
        raise PeriodOutOfRange(pointer="/to")
    first = first or last - timedelta(days=DEFAULT_DAYS - 1)
    if not 2000 <= first.year <= 2099:
        raise PeriodOutOfRange(pointer="/from")
    if last < first:
        raise PeriodReversed(pointer="/to")
    if (last - first).days >= longest_days:
        raise PeriodTooLong(f"At most {longest_days} days can be asked for at once.", pointer="/from")
    return Period(first=first, last=last, zone=zone)
