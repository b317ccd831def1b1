"""Figures by value or time: from roll-ups where at most one dimension is asked for, from columns where several are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from adapters.tracking.reports.combined import Combined, CombinedReads, Narrowing, summed
from adapters.tracking.reports.reads import Asked, ReportReads
from kernel.ids import ShopId
from tracking.domain.figures import Counts
from tracking.domain.period import Grain, Period, hour_of, monday_of, starts

_EMPTY: Final = Counts()


class Wanted(Struct, frozen=True, kw_only=True):
    """Of a period and a programme (None: all), narrowed to a value of each dimension in `ways`."""

    period: Period
    programme: UUID | None
    ways: Mapping[str, str]

    def narrowing(self) -> Narrowing:
        return Narrowing(
            begins_ms=int(self.period.begins.timestamp() * 1000),
            ends_ms=int(self.period.ends.timestamp() * 1000),
            programme=self.programme,
            ways=tuple(self.ways.items()),
        )

    def dimensions(self, by: str | None) -> set[str]:
        """What it is broken down or narrowed by, but for programmes, which all roll-ups know."""
        return {*self.ways} if by is None or by == "programme" else {*self.ways, by}

    def of_rows(self, by: str | None = None, grain: Grain = "day") -> bool:
        """Whether roll-ups do not say it: several dimensions, and hours of a value, are worked out from rows."""
        return len(self.dimensions(by)) > 1 or (grain == "hour" and bool(self.ways))

    def asked(self, dimension: str) -> Asked:
        """Of the one dimension that roll-ups are asked for."""
        return Asked(
            first=self.period.first,
            last=self.period.last,
            dimension=dimension,
            value=self.ways.get(dimension),
            programme=self.programme,
        )


@dataclass(frozen=True, slots=True)
class BrokenDown:
    reads: ReportReads
    combined: CombinedReads

    async def by_value(self, shop_id: ShopId, wanted: Wanted, by: str | None) -> Combined:
        """Lines by a dimension or by programme, of what there is something of; without either the total is the one."""
        if wanted.of_rows(by):
            return await self.combined.by_value(shop_id, wanted.narrowing(), by)
        as_of = await self.reads.as_of()
        asked = wanted.asked(next(iter(wanted.dimensions(by)), None) or "all")
        ask = self.reads.by_programme if by == "programme" else self.reads.by_value
        lines = await ask(shop_id, asked)
        # What has no value of the dimension is in the total, too.
        whole = by in {None, "programme"} or asked.value is not None
        every = lines if whole else await self.reads.by_value(shop_id, wanted.asked("all"))
        total = summed(every.values())
        # A roll-up keeps rows for what nobody brought, and of what is filed elsewhere by now.
        said = {value: counts for value, counts in lines.items() if counts != _EMPTY}
        return Combined(lines=said if by is not None else {"": total}, total=total, as_of=as_of)

    async def by_time(self, shop_id: ShopId, wanted: Wanted, grain: Grain) -> tuple[dict[datetime, Counts], datetime]:
        """By the starts of all hours, days or weeks of the period; and as of when that is complete."""
        period = wanted.period
        spans = period.hours() if grain == "hour" else [starts(day, period.zone) for day in period.days()]
        if wanted.of_rows(grain=grain):
            found, as_of = await self.combined.by_time(shop_id, wanted.narrowing(), spans)
        else:
            as_of = await self.reads.as_of()
            found = await self._rolled(shop_id, wanted, grain)
        if grain == "week":
            return _weeks(period, found), as_of
        return {start: found.get(start, _EMPTY) for start in spans}, as_of

    async def _rolled(self, shop_id: ShopId, wanted: Wanted, grain: Grain) -> dict[datetime, Counts]:
        period = wanted.period
        if grain == "hour":
            first = hour_of(period.begins, ZoneInfo(period.zone))
            return await self.reads.by_hour(shop_id, first, period.ends, wanted.programme)
        days = await self.reads.by_day(shop_id, wanted.asked(next(iter(wanted.ways), "all")))
        return {starts(day, period.zone): counts for day, counts in days.items()}


def _weeks(period: Period, found: Mapping[datetime, Counts]) -> dict[datetime, Counts]:
    weeks: dict[date, list[Counts]] = {}
    for day in period.days():
        weeks.setdefault(monday_of(day), []).append(found.get(starts(day, period.zone), _EMPTY))
    return {starts(max(monday, period.first), period.zone): summed(counts) for monday, counts in weeks.items()}
