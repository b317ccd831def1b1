"""Reports on advocates, and on what happens this minute."""

from datetime import timedelta
from typing import Annotated, Final, Literal

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from adapters.shared.http.auth import Caller, MissingScope
from adapters.shared.http.ids import to_wire
from adapters.shared.http.problems import refusals
from adapters.tracking.http import report_shapes as shapes
from adapters.tracking.http.report_shapes import AdvocatesAnswer, From, LiveAnswer, ProgrammeQuery, To
from adapters.tracking.http.reports import begun
from adapters.tracking.http.shapes import READ, Limit
from adapters.tracking.reports.names import FirstNames
from adapters.tracking.reports.reads import Asked, ReportReads

Rank = Literal["orders", "new_orders", "final_base", "clicks", "shares", "claims", "approved"]
_MEASURES: Final = {"final_base": "final_base_minor"}
_LIVE: Final = ("clicks", "bots", "claims", "orders", "other_orders")


class ReportPeopleController(Controller):
    path = "/api/v1/reports"
    tags = ("tracking",)

    @get(
        "/advocates",
        operation_id="reportAdvocates",
        summary="Those who bring the most",
        guards=READ,
        responses=refusals(404, 422),
    )
    async def advocates(
        self,
        caller: NamedDependency[Caller],
        report_reads: NamedDependency[ReportReads],
        first_names: NamedDependency[FirstNames],
        since: From = None,
        until: To = None,
        programme_id: ProgrammeQuery = None,
        rank: Annotated[Rank, QueryParameter(required=False)] = "orders",
        names: Annotated[bool, QueryParameter(required=False)] = False,
        limit: Limit = 20,
    ) -> AdvocatesAnswer:
        """In whole months: those in which the period begins and ends are counted whole, and `about` says so.

        `names` asks for first names, which takes the scope shops:read as well.
        """
        if names and "shops:read" not in caller.scopes:
            raise MissingScope("The key lacks the scope shops:read.")
        place, asked = await begun(report_reads, caller.shop_id, since, until)
        asked = asked.in_months()
        as_of = await report_reads.as_of()
        wanted = Asked(first=asked.first, last=asked.last, programme=shapes.programme_of(programme_id))
        top = await report_reads.top_advocates(caller.shop_id, wanted, _MEASURES.get(rank, rank), limit)
        customers = [one.customer_id for one in top if one.customer_id is not None]
        known = await first_names(caller.shop_id, customers) if names and customers else {}
        return AdvocatesAnswer(
            about=shapes.about(asked, place, as_of),
            items=[
                shapes.AdvocateLine(
                    advocate_id=to_wire("adv", one.advocate_id),
                    first_name=known.get(one.customer_id) if one.customer_id is not None else None,
                    enrolled_at=one.enrolled_at,
                    figures=shapes.figures(one.counts, place.currency),
                )
                for one in top
            ],
        )

    @get("/live", operation_id="reportLive", summary="The last minutes", guards=READ, responses=refusals(422))
    async def live(
        self,
        caller: NamedDependency[Caller],
        report_reads: NamedDependency[ReportReads],
        minutes: Annotated[int, QueryParameter(required=False, ge=1, le=30)] = 15,
    ) -> LiveAnswer:
        """Counted from the rows themselves, in real time. Meant to be asked every few seconds."""
        now, counted = await report_reads.live(caller.shop_id, minutes)
        present = now.replace(second=0, microsecond=0)
        starts = [present - timedelta(minutes=back) for back in range(minutes - 1, -1, -1)]
        return LiveAnswer(
            as_of=now,
            minutes=[
                shapes.MinuteAnswer(start=start, **{name: counted.get((start, name), 0) for name in _LIVE})
                for start in starts
            ],
        )
