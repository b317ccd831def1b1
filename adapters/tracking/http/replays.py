"""Replays over the API: what another chain would have changed, in orders and in money."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from litestar.response import Stream
from msgspec import Meta

from adapters.shared.http.auth import Caller
from adapters.shared.http.bodies import Answer, Body, MoneyBody
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from adapters.tracking.http.chains import PlanBody, plan_body
from adapters.tracking.http.replay_differences import (
    AtStakeAnswer,
    DifferenceList,
    at_stake,
    csv_lines,
    differences,
)
from adapters.tracking.http.shapes import (
    READ,
    WRITE,
    Cursor,
    Language,
    Limit,
    Locale,
    next_cursor,
    position,
    reader,
)
from adapters.tracking.postgres.replays import ReplayReads
from kernel.ids import ProgrammeId, ShopId
from tracking.application.ask_replay import AskReplay, ReplayAsked
from tracking.domain.attribution import Plan
from tracking.domain.decision import Method
from tracking.domain.replay import Kind

_plan = msgspec.json.Decoder(Plan)


class ReplayBody(Body, frozen=True, kw_only=True):
    """Without `plan` the programme's draft is replayed."""

    programme_id: Annotated[str, Meta(examples=["prg_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    days: Annotated[int, Meta(ge=1, le=400, examples=[30])] = 30
    plan: PlanBody | None = None


class SumAnswer(Answer, frozen=True, kw_only=True):
    change: Kind
    orders: int
    base: MoneyBody
    """What the orders' goods cost without tax, as ordered."""
    final_base: MoneyBody
    """What is left of it after refunds."""
    newly_credited: int
    """Orders that an advocate would newly have. What they would earn, the programme's rules say when it comes to it."""
    rewards_at_stake: list[AtStakeAnswer]
    """What both sides were granted for the credit that orders would lose: of those lost and moved."""


class MethodSumAnswer(Answer, frozen=True, kw_only=True):
    """Of the orders that would change: what the programme had of them by this method, and what it would have."""

    programme_id: str
    method: Method
    side: Literal["before", "after"]
    orders: int
    base: MoneyBody
    final_base: MoneyBody


class ReplayAnswer(Answer, frozen=True, kw_only=True, rename={"since": "from"}):
    id: Annotated[str, Meta(examples=["rpl_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    programme_id: str
    plan: PlanBody
    since: datetime
    until: datetime
    state: Literal["waiting", "running", "done"]
    orders_total: int
    orders_done: int
    asked_by: str
    asked_at: datetime
    done_at: datetime | None
    changes: list[SumAnswer]
    by_method: list[MethodSumAnswer]


class ReplayController(Controller):
    path = "/api/v1/attribution/replays"
    tags = ("tracking",)

    @post(operation_id="askReplay", summary="Ask what another chain would have made of the last days' orders",
          status_code=202, guards=WRITE, responses=refusals(404, 409, 422))  # fmt: skip
    async def ask(
        self,
        data: JSONBody[ReplayBody],
        caller: NamedDependency[Caller],
        ask_replay: NamedDependency[AskReplay],
        replay_reads: NamedDependency[ReplayReads],
    ) -> ReplayAnswer:
        """It runs without any effect. Read it again for how far it is, and what it comes to."""
        replay_id = await ask_replay(
            ReplayAsked(
                shop_id=caller.shop_id,
                programme_id=ProgrammeId(from_wire("prg", data.programme_id, pointer="/programme_id")),
                plan=data.plan.plan() if data.plan else None,
                days=data.days,
                by=caller.key_id,
            )
        )
        return await _answer(replay_reads, caller.shop_id, replay_id)

    @get("/{replay_id:str}", operation_id="getReplay", summary="A replay, and what it comes to", guards=READ,
         responses=refusals(404))  # fmt: skip
    async def read(
        self, replay_id: FromPath[str], caller: NamedDependency[Caller], replay_reads: NamedDependency[ReplayReads]
    ) -> ReplayAnswer:
        return await _answer(replay_reads, caller.shop_id, from_wire("rpl", replay_id))

    @get("/{replay_id:str}/differences", operation_id="listReplayDifferences",
         summary="The orders that would change", guards=READ, responses=refusals(404, 422))  # fmt: skip
    async def differences(
        self,
        replay_id: FromPath[str],
        caller: NamedDependency[Caller],
        replay_reads: NamedDependency[ReplayReads],
        cursor: Cursor = None,
        limit: Limit = 50,
        locale: Locale = None,
        accepts: Language = "",
    ) -> DifferenceList:
        asked = from_wire("rpl", replay_id)
        page = await replay_reads.page(caller.shop_id, asked, position(cursor, "ord"), limit)
        last = page.rows[-1].order_id if page.rows else None
        following = next_cursor("ord", last, len(page.rows), limit)
        language = reader(locale, accepts)
        return DifferenceList(items=differences(page, language), locale=language, next_cursor=following)

    @get("/{replay_id:str}/differences.csv", operation_id="exportReplayDifferences",
         summary="The orders that would change, as a file", guards=READ,
         responses=refusals(404) | {200: ResponseSpec(bytes, description="The file", generate_examples=False,
                                                       media_type="text/csv")})  # fmt: skip
    async def export(
        self,
        replay_id: FromPath[str],
        caller: NamedDependency[Caller],
        replay_reads: NamedDependency[ReplayReads],
        locale: Locale = None,
        accepts: Language = "",
    ) -> Stream:
        """A text that a spreadsheet would run as a formula has an apostrophe in front."""
        asked = from_wire("rpl", replay_id)
        await replay_reads.page(caller.shop_id, asked, None, 1)
        headers = {
            "content-disposition": f'attachment; filename="{replay_id}.csv"',
            "cache-control": "no-store",
            "content-language": (language := reader(locale, accepts)),
        }
        lines = csv_lines(replay_reads.all(caller.shop_id, asked), language)
        return Stream(lines, media_type="text/csv", headers=headers)


async def _answer(reads: ReplayReads, shop_id: ShopId, replay_id: UUID) -> ReplayAnswer:
    row, sums, by_method, rewards, currency = await reads.replay(shop_id, replay_id)

    def money(amount_minor: int) -> MoneyBody:
        return MoneyBody(amount_minor=amount_minor, currency=currency)

    return ReplayAnswer(
        id=to_wire("rpl", row.replay_id),
        programme_id=to_wire("prg", row.programme_id),
        plan=plan_body(_plan.decode(row.plan)),
        since=row.since,
        until=row.until,
        state=row.state,
        orders_total=row.orders_total,
        orders_done=row.orders_done,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        done_at=row.done_at,
        changes=[
            SumAnswer(
                change=each.kind,
                orders=each.orders,
                base=money(each.base),
                final_base=money(each.final),
                newly_credited=each.newly_credited,
                rewards_at_stake=[at_stake(reward) for reward in rewards if reward.kind == each.kind],
            )
            for each in sums
        ],
        by_method=[_method_sum(each, currency) for each in by_method],
    )


def _method_sum(row: Any, currency: str) -> MethodSumAnswer:
    return MethodSumAnswer(
        programme_id=to_wire("prg", row.programme_id),
        method=row.method,
        side=row.side,
        orders=row.orders,
        base=MoneyBody(amount_minor=row.base, currency=currency),
        final_base=MoneyBody(amount_minor=row.final, currency=currency),
    )
