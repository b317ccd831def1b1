"""How long the shop keeps what says who bought what."""

from datetime import datetime
from typing import Annotated

from litestar import Controller, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from adapters.shared.http.auth import Caller
from adapters.shared.http.bodies import Answer, Body
from adapters.shared.http.problems import refusals
from adapters.tracking.http.shapes import READ, WRITE
from adapters.tracking.postgres.retention import RetentionReads
from tracking.application.change_retention import ChangedRetention, ChangeRetention
from tracking.domain.retention import LONGEST_MONTHS, SHORTEST_EVENTS_MONTHS, SHORTEST_MONTHS, Forgotten, Kept

Months = Annotated[int, Meta(ge=0, le=10_000, examples=[36])]


class RetentionRequest(Body, frozen=True, kw_only=True):
    """Months, to 120; from 14, which rewards and clicks' windows need, and from 2 for events of the tag."""

    orders_months: Months
    """After so long without another order a customer is taken out of their orders. Amounts and dates stay."""
    clicks_months: Months
    """Clicks are deleted after so long."""
    events_months: Months | None = None
    """Events of the tag are deleted after so long, and who was not recognised since is tied to no customer any more.
    Left out or null, it stays as it is."""


class RunAnswer(Answer, frozen=True, kw_only=True):
    ran_at: datetime
    orders: int
    """Orders whose buyers were forgotten."""
    clicks: int
    """Clicks that were deleted."""
    events: int
    """Events of the tag that were deleted."""


class RetentionAnswer(Answer, frozen=True, kw_only=True):
    orders_months: int
    clicks_months: int
    events_months: int
    chosen: bool
    """false: the policy of the shop's country says so."""
    shortest_months: int
    shortest_events_months: int
    longest_months: int
    last_run: RunAnswer | None
    """The last nightly run that found something."""


class RetentionController(Controller):
    path = "/api/v1/retention"
    tags = ("tracking",)

    @get(
        operation_id="getRetention",
        summary="How long orders keep their buyers, and clicks and events are kept",
        guards=READ,
        responses=refusals(),
    )
    async def read(
        self, caller: NamedDependency[Caller], retention_reads: NamedDependency[RetentionReads]
    ) -> RetentionAnswer:
        return _answer(*await retention_reads.one(caller.shop_id))

    @put(
        operation_id="changeRetention",
        summary="Say how long orders keep their buyers, and clicks and events are kept",
        description="Entered in the audit log. Applied every night.",
        guards=WRITE,
        responses=refusals(422),
    )
    async def change(
        self,
        data: JSONBody[RetentionRequest],
        caller: NamedDependency[Caller],
        change_retention: NamedDependency[ChangeRetention],
        retention_reads: NamedDependency[RetentionReads],
    ) -> RetentionAnswer:
        await change_retention(
            ChangedRetention(
                shop_id=caller.shop_id,
                orders_months=data.orders_months,
                clicks_months=data.clicks_months,
                events_months=data.events_months,
                key_id=caller.key_id,
            )
        )
        return _answer(*await retention_reads.one(caller.shop_id))


def _answer(kept: Kept, last: Forgotten | None) -> RetentionAnswer:
    return RetentionAnswer(
        orders_months=kept.retention.orders_months,
        clicks_months=kept.retention.clicks_months,
        events_months=kept.retention.events_months,
        chosen=kept.chosen,
        shortest_months=SHORTEST_MONTHS,
        shortest_events_months=SHORTEST_EVENTS_MONTHS,
        longest_months=LONGEST_MONTHS,
        last_run=RunAnswer(ran_at=last.at, orders=last.orders, clicks=last.clicks, events=last.events)
        if last
        else None,
    )
