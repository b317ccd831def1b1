"""Reports over the API. Each answer says its period, time zone, currency and as of when it is complete."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from adapters.shared.http.auth import Caller
from adapters.shared.http.problems import refusals
from adapters.tracking.http import report_shapes as shapes
from adapters.tracking.http.report_shapes import (
    By,
    CohortsAnswer,
    CustomersAnswer,
    Dimension,
    From,
    FunnelAnswer,
    ProgrammeQuery,
    SeriesAnswer,
    To,
    ValueQuery,
    ViralityAnswer,
)
from adapters.tracking.http.shapes import READ
from adapters.tracking.reports.reads import Asked, Place, ReportReads
from kernel.ids import ShopId
from tracking.domain.figures import Buying, Counts, Virality
from tracking.domain.period import (
    LONGEST_BY_HOUR,
    LONGEST_DAYS,
    Grain,
    Period,
    hour_of,
    monday_of,
    period,
    starts,
)

_EMPTY: Final = Counts()
_NOTHING: Final = Buying(orders=0, cancelled=0, new_orders=0, base_minor=0, final_base_minor=0)
_REFUSALS: Final = refusals(404, 422)


class ReportController(Controller):
    path = "/api/v1/reports"
    tags = ("tracking",)

    @get(
        "/funnel",
        operation_id="reportFunnel",
        summary="Share → click → claim → order → approved, in all or broken down",
        guards=READ,
        responses=_REFUSALS,
    )
    async def funnel(
        self,
        caller: NamedDependency[Caller],
        report_reads: NamedDependency[ReportReads],
        since: From = None,
        until: To = None,
        by: Annotated[By | None, QueryParameter(required=False)] = None,
        programme_id: ProgrammeQuery = None,
        dimension: Annotated[Dimension | None, QueryParameter(required=False)] = None,
        value: ValueQuery = None,
    ) -> FunnelAnswer:
        """Every step is counted on the day on which it happened; an approval on the day of its order.

        Without a period it is the last 30 days. `dimension` and `value` narrow it to, say, country DE.
        """
        read, only = shapes.narrowed(by, dimension, value)
        place, as_of, asked = await begun(report_reads, caller.shop_id, since, until)
        wanted = Asked(
            first=asked.first, last=asked.last, dimension=read, value=only, programme=shapes.programme_of(programme_id)
        )
        ask = report_reads.by_programme if by == "programme" else report_reads.by_value
        lines = await ask(caller.shop_id, wanted)
        whole = lines.values() if only is not None or by in {None, "programme"} else (
            await report_reads.by_value(caller.shop_id, _of_all(wanted))
        ).values()  # fmt: skip
        named = {(shapes.shown_programme(key) if by == "programme" else key or None): n for key, n in lines.items()}
        ordered = sorted(named.items(), key=lambda line: (-line[1].clicks, -line[1].orders, line[0] or ""))
        return FunnelAnswer(
            about=shapes.about(asked, place, as_of),
            by=by,
            lines=[
                shapes.FunnelLine(value=key, figures=shapes.figures(counts, place.currency)) for key, counts in ordered
            ],
            total=shapes.figures(shapes.total(whole), place.currency),
        )

    @get(
        "/series",
        operation_id="reportSeries",
        summary="Figures by hour, day or week in the shop's time zone",
        guards=READ,
        responses=_REFUSALS,
    )
    async def series(
        self,
        caller: NamedDependency[Caller],
        report_reads: NamedDependency[ReportReads],
        grain: Annotated[Grain, QueryParameter(required=False)] = "day",
        since: From = None,
        until: To = None,
        programme_id: ProgrammeQuery = None,
        dimension: Annotated[Dimension | None, QueryParameter(required=False)] = None,
        value: ValueQuery = None,
    ) -> SeriesAnswer:
        """A day has 23 or 25 hours where the clock is set. Weeks begin on Monday and are cut to the period.

        Hours are there for at most 31 days, for all together or a programme.
        """
        read, only = shapes.narrowed(None, dimension, value)
        if grain == "hour" and read != "all":
            raise shapes.OneDimension("Hours are not broken down.", pointer="/dimension")
        longest = LONGEST_BY_HOUR if grain == "hour" else LONGEST_DAYS
        place, as_of, asked = await begun(report_reads, caller.shop_id, since, until, longest)
        programme = shapes.programme_of(programme_id)
        points: Mapping[datetime, Counts]
        if grain == "hour":
            found = await report_reads.by_hour(
                caller.shop_id, hour_of(asked.begins, ZoneInfo(asked.zone)), asked.ends, programme
            )
            points = {hour: found.get(hour, _EMPTY) for hour in asked.hours()}
        else:
            wanted = Asked(first=asked.first, last=asked.last, dimension=read, value=only, programme=programme)
            points = _by_day(asked, grain, await report_reads.by_day(caller.shop_id, wanted))
        return SeriesAnswer(
            about=shapes.about(asked, place, as_of),
            grain=grain,
            points=shapes.points(points, asked.zone, place.currency),
        )

    @get(
        "/cohorts",
        operation_id="reportCohorts",
        summary="What advocates brought, by the month in which they enrolled",
        guards=READ,
        responses=_REFUSALS,
    )
    async def cohorts(
        self,
        caller: NamedDependency[Caller],
        report_reads: NamedDependency[ReportReads],
        since: From = None,
        until: To = None,
        programme_id: ProgrammeQuery = None,
    ) -> CohortsAnswer:
        """The period says which months of enrolment; each is followed up to the present. The default is a year."""
        place = await report_reads.place(caller.shop_id)
        begins = since or ((until or place.now.date()) - timedelta(days=364)).replace(day=1)
        place, as_of, asked = await begun(report_reads, caller.shop_id, begins, until)
        wanted = Asked(first=asked.first.replace(day=1), last=asked.last, programme=shapes.programme_of(programme_id))
        found: dict[date, list[tuple[date, Counts]]] = {}
        for cohort, month, counts in await report_reads.cohorts(caller.shop_id, wanted):
            found.setdefault(cohort, []).append((month, counts))
        return CohortsAnswer(
            about=shapes.about(asked, place, as_of),
            cohorts=[
                shapes.CohortAnswer(
                    cohort=f"{cohort:%Y-%m}",
                    advocates=sum(counts.enrolled for _, counts in months),
                    months=[
                        shapes.CohortMonth(month=f"{month:%Y-%m}", figures=shapes.figures(counts, place.currency))
                        for month, counts in months
                    ],
                )
                for cohort, months in found.items()
            ],
        )

    @get(
        "/virality",
        operation_id="reportVirality",
        summary="The viral coefficient and how long a cycle takes",
        guards=READ,
        responses=_REFUSALS,
    )
    async def virality(
        self,
        caller: NamedDependency[Caller],
        report_reads: NamedDependency[ReportReads],
        since: From = None,
        until: To = None,
        programme_id: ProgrammeQuery = None,
    ) -> ViralityAnswer:
        """K = shares per advocate × new customers per share; a cycle runs from enrolling to bringing a new customer."""
        place, as_of, asked = await begun(report_reads, caller.shop_id, since, until)
        programme = shapes.programme_of(programme_id)
        wanted = Asked(first=asked.first, last=asked.last, programme=programme)
        counts = await report_reads.everything(caller.shop_id, wanted)
        credited = await report_reads.by_value(
            caller.shop_id, Asked(first=asked.first, last=asked.last, programme=programme, dimension="credit")
        )
        found = Virality(
            advocates=await report_reads.enrolled(caller.shop_id, asked.last, programme),
            shares=counts.shares,
            new_customers=credited.get("advocate", _EMPTY).new_orders,
        )
        return shapes.virality(shapes.about(asked, place, as_of), found, counts)

    @get(
        "/customers",
        operation_id="reportCustomers",
        summary="New customers and average orders: referred against others",
        guards=READ,
        responses=_REFUSALS,
    )
    async def customers(
        self,
        caller: NamedDependency[Caller],
        report_reads: NamedDependency[ReportReads],
        since: From = None,
        until: To = None,
    ) -> CustomersAnswer:
        place, as_of, asked = await begun(report_reads, caller.shop_id, since, until)
        groups = await report_reads.buying(caller.shop_id, asked.first, asked.last)
        return CustomersAnswer(
            about=shapes.about(asked, place, as_of),
            referred=shapes.buying(groups.get("advocate", _NOTHING), place.currency),
            campaigns=shapes.buying(groups.get("campaign", _NOTHING), place.currency),
            others=shapes.buying(groups.get("others", _NOTHING), place.currency),
        )


async def begun(
    reads: ReportReads, shop_id: ShopId, first: date | None, last: date | None, longest_days: int = LONGEST_DAYS
) -> tuple[Place, datetime, Period]:
    """What of the shop a report says, as of when it is complete, and the period that it is about."""
    place = await reads.place(shop_id)
    asked = period(first, last, now=place.now, zone=place.zone, longest_days=longest_days)
    return place, await reads.as_of(), asked


def _of_all(asked: Asked) -> Asked:
    return Asked(first=asked.first, last=asked.last, programme=asked.programme)


def _by_day(asked: Period, grain: Grain, found: Mapping[date, Counts]) -> dict[datetime, Counts]:
    if grain == "day":
        return {starts(day, asked.zone): found.get(day, _EMPTY) for day in asked.days()}
    weeks: dict[date, list[Counts]] = {}
    for day in asked.days():
        weeks.setdefault(monday_of(day), []).append(found.get(day, _EMPTY))
    return {starts(max(monday, asked.first), asked.zone): shapes.total(counts) for monday, counts in weeks.items()}
