"""Reports over the API. Each answer says its period, time zone, currency and as of when it is complete."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from adapters.shared.http.auth import Caller
from adapters.shared.http.problems import refusals
from adapters.tracking.http import report_narrowing
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
from adapters.tracking.reports.broken_down import BrokenDown, Wanted
from adapters.tracking.reports.reads import Asked, Place, ReportReads
from kernel.ids import ShopId
from tracking.domain.figures import Buying, Counts, Virality
from tracking.domain.period import (
    LONGEST_BY_HOUR,
    LONGEST_DAYS,
    Grain,
    Period,
    period,
)

_EMPTY: Final = Counts()
_NOTHING: Final = Buying(orders=0, cancelled=0, new_orders=0, base_minor=0, final_base_minor=0)
_REFUSALS: Final = refusals(404, 422)
_EARLIEST: Final = date(1970, 1, 1)
"""No day before it needs a year before itself."""


class ReportController(Controller):
    path = "/api/v1/reports"
    tags = ("tracking",)

    @get(
        "/funnel",
        operation_id="reportFunnel",
        summary="Share → click → claim → order → approved, in all or broken down",
        guards=READ,
        responses=_REFUSALS,
        dependencies=report_narrowing.NARROWING,
    )
    async def funnel(
        self,
        caller: NamedDependency[Caller],
        report_reads: NamedDependency[ReportReads],
        broken_down: NamedDependency[BrokenDown],
        narrowing: NamedDependency[dict[str, str]],
        since: From = None,
        until: To = None,
        by: Annotated[By | None, QueryParameter(required=False)] = None,
        programme_id: ProgrammeQuery = None,
        dimension: Annotated[Dimension | None, QueryParameter(required=False)] = None,
        value: ValueQuery = None,
    ) -> FunnelAnswer:
        """Every step is counted on the day on which it happened; an approval on the day of its order.

        Without a period it is the last 30 days. Each dimension is a parameter that narrows the report to a value of it,
        and `dimension` with `value` is another way to say so. An empty value means "not known". By one dimension, or
        narrowed to one, figures are of less than a second ago; by several they are of a minute ago at most.
        """
        ways = report_narrowing.ways_of(dimension, value, narrowing)
        place, asked = await begun(report_reads, caller.shop_id, since, until)
        wanted = Wanted(period=asked, programme=shapes.programme_of(programme_id), ways=ways)
        found = await broken_down.by_value(caller.shop_id, wanted, by)
        since_rows = await _rows_since(report_reads, caller.shop_id, asked) if wanted.of_rows(by) else None
        named = {
            (shapes.shown_programme(key) if by == "programme" else key or None): n for key, n in found.lines.items()
        }
        ordered = sorted(named.items(), key=lambda line: (-line[1].clicks, -line[1].orders, line[0] or ""))
        return FunnelAnswer(
            about=shapes.about(asked, place, found.as_of, since_rows),
            by=by,
            lines=[
                shapes.FunnelLine(value=key, figures=shapes.figures(counts, place.currency)) for key, counts in ordered
            ],
            total=shapes.figures(found.total, place.currency),
        )

    @get(
        "/series",
        operation_id="reportSeries",
        summary="Figures by hour, day or week in the shop's time zone",
        guards=READ,
        responses=_REFUSALS,
        dependencies=report_narrowing.NARROWING,
    )
    async def series(
        self,
        caller: NamedDependency[Caller],
        report_reads: NamedDependency[ReportReads],
        broken_down: NamedDependency[BrokenDown],
        narrowing: NamedDependency[dict[str, str]],
        grain: Annotated[Grain, QueryParameter(required=False)] = "day",
        since: From = None,
        until: To = None,
        programme_id: ProgrammeQuery = None,
        dimension: Annotated[Dimension | None, QueryParameter(required=False)] = None,
        value: ValueQuery = None,
    ) -> SeriesAnswer:
        """A day has 23 or 25 hours where the clock is set. Weeks begin on Monday and are cut to the period.

        Hours are there for at most 31 days. It is narrowed as a funnel is; hours of a value, and figures narrowed by
        several dimensions, are of a minute ago at most.
        """
        ways = report_narrowing.ways_of(dimension, value, narrowing)
        longest = LONGEST_BY_HOUR if grain == "hour" else LONGEST_DAYS
        place, asked = await begun(report_reads, caller.shop_id, since, until, longest)
        wanted = Wanted(period=asked, programme=shapes.programme_of(programme_id), ways=ways)
        points, as_of = await broken_down.by_time(caller.shop_id, wanted, grain)
        since_rows = await _rows_since(report_reads, caller.shop_id, asked) if wanted.of_rows(grain=grain) else None
        return SeriesAnswer(
            about=shapes.about(asked, place, as_of, since_rows),
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
        """The period says which months of enrolment, whole ones; each is followed up to the present.

        The default is a year.
        """
        place = await report_reads.place(caller.shop_id)
        today = place.now.astimezone(ZoneInfo(place.zone)).date()
        begins = since or (max(until or today, _EARLIEST) - timedelta(days=364)).replace(day=1)
        place, asked = await begun(report_reads, caller.shop_id, begins, until)
        asked = asked.in_months()
        as_of = await report_reads.as_of()
        wanted = Asked(first=asked.first, last=asked.last, programme=shapes.programme_of(programme_id))
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
        place, asked = await begun(report_reads, caller.shop_id, since, until)
        as_of = await report_reads.as_of()
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
        place, asked = await begun(report_reads, caller.shop_id, since, until)
        as_of = await report_reads.as_of()
        groups = await report_reads.buying(caller.shop_id, asked.first, asked.last)
        return CustomersAnswer(
            about=shapes.about(asked, place, as_of),
            referred=shapes.buying(groups.get("advocate", _NOTHING), place.currency),
            campaigns=shapes.buying(groups.get("campaign", _NOTHING), place.currency),
            others=shapes.buying(groups.get("others", _NOTHING), place.currency),
        )


async def _rows_since(reads: ReportReads, shop_id: ShopId, asked: Period) -> datetime | None:
    return await reads.rows_since(shop_id, asked.begins, "clicks")


async def begun(
    reads: ReportReads, shop_id: ShopId, first: date | None, last: date | None, longest_days: int = LONGEST_DAYS
) -> tuple[Place, Period]:
    """What of the shop a report says, and the period that it is about."""
    place = await reads.place(shop_id)
    return place, period(first, last, now=place.now, zone=place.zone, longest_days=longest_days)
