"""An ordered funnel of steps that the caller chooses."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from adapters.shared.http.auth import Caller
from adapters.shared.http.bodies import Answer
from adapters.shared.http.problems import refusals
from adapters.tracking.http import report_narrowing
from adapters.tracking.http import report_shapes as shapes
from adapters.tracking.http.report_shapes import AboutAnswer, From, ProgrammeQuery, To, ValueQuery
from adapters.tracking.http.reports import begun
from adapters.tracking.http.shapes import READ
from adapters.tracking.reports.columns import Columns
from adapters.tracking.reports.reads import ReportReads
from adapters.tracking.reports.step_funnel import Funnel
from tracking.domain.figures import share
from tracking.domain.period import Period
from tracking.domain.steps import TAG_STEPS, StepFunnel, step_funnel

Way = Literal["channel", "campaign", "source", "country", "device"]


class ReachedAnswer(Answer, frozen=True, kw_only=True):
    step: str
    people: int
    of_first: float | None
    of_previous: float | None


class StepFunnelAnswer(Answer, frozen=True, kw_only=True):
    about: AboutAnswer
    within_hours: int
    steps: list[ReachedAnswer]


class StepFunnelController(Controller):
    path = "/api/v1/reports"
    tags = ("tracking",)

    @get(
        "/steps",
        operation_id="reportSteps",
        summary="How many people did chosen steps one after the other",
        guards=READ,
        responses=refusals(404, 422),
        dependencies={"ways": report_narrowing.WAYS},
    )
    async def steps(
        self,
        caller: NamedDependency[Caller],
        report_reads: NamedDependency[ReportReads],
        report_columns: NamedDependency[Columns],
        ways: NamedDependency[dict[str, str]],
        steps: Annotated[str, QueryParameter(required=False, max_length=500)] = "visit,claim,order",
        within_hours: Annotated[int, QueryParameter(required=False, ge=0, le=100_000)] = 168,
        since: From = None,
        until: To = None,
        programme_id: ProgrammeQuery = None,
        dimension: Annotated[Way | None, QueryParameter(required=False)] = None,
        value: ValueQuery = None,
    ) -> StepFunnelAnswer:
        """Steps are visit, click, claim, order and credited_order, and what the tag saw: page, sign_up, share,
        purchase, track (any) and track:name (one of the shop's own events); in any order, each once. The first must
        happen in the period, all within `within_hours` of it. Programme and dimensions narrow the first step.
        """
        asked_steps = step_funnel(steps, within_hours)
        narrowed = report_narrowing.ways_of(dimension, value, ways)
        place, asked = await begun(report_reads, caller.shop_id, since, until)
        programme = shapes.programme_of(programme_id)
        funnel = _funnel(asked_steps, asked, programme, narrowed)
        counted, as_of = await report_columns.count(caller.shop_id, funnel)
        said = [
            ReachedAnswer(
                step=step,
                people=people,
                of_first=share(people, counted[0]),
                of_previous=share(people, counted[max(0, number - 1)]),
            )
            for number, (step, people) in enumerate(zip(funnel.steps, counted, strict=True))
        ]
        kinds = ("clicks", "events") if TAG_STEPS & {step.partition(":")[0] for step in funnel.steps} else ("clicks",)
        rows_since = await report_reads.rows_since(caller.shop_id, asked.begins, *kinds)
        return StepFunnelAnswer(
            about=shapes.about(asked, place, as_of, rows_since), within_hours=within_hours, steps=said
        )


def _funnel(steps: StepFunnel, asked: Period, programme: UUID | None, ways: dict[str, str]) -> Funnel:
    return Funnel(
        steps=steps.steps,
        begins_ms=int(asked.begins.timestamp() * 1000),
        ends_ms=int(asked.ends.timestamp() * 1000),
        within_ms=int(steps.within.total_seconds() * 1000),
        programme=programme,
        ways=tuple(ways.items()),
    )
