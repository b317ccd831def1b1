"""Replays over the API: what another chain would have changed, in orders and in money."""

import csv
import io
from collections.abc import AsyncIterator
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
from adapters.tracking.http.shapes import READ, WRITE, Cursor, Limit, next_cursor, position
from adapters.tracking.postgres.replays import Page, ReplayReads
from kernel.ids import ProgrammeId, ShopId
from tracking.application.ask_replay import AskReplay, ReplayAsked
from tracking.domain.attribution import Plan
from tracking.domain.decision import Method
from tracking.domain.replay import Kind

_plan = msgspec.json.Decoder(Plan)
_COLUMNS = (
    "order_id", "number", "placed_at", "change", "base", "final_base", "currency", "before_method",
    "before_programme_id", "before_advocate_id", "before_campaign", "after_method", "after_programme_id",
    "after_advocate_id", "after_campaign", "reason", "rewards_at_stake",
)  # fmt: skip


class ReplayBody(Body, frozen=True, kw_only=True):
    """Without `plan` the programme's draft is replayed."""

    programme_id: Annotated[str, Meta(examples=["prg_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    days: Annotated[int, Meta(ge=1, le=400, examples=[30])] = 30
    plan: PlanBody | None = None


class AtStakeAnswer(Answer, frozen=True, kw_only=True):
    """What one side was granted for credit that would be lost, in one currency, as of now."""

    side: Literal["advocate", "friend"]
    rewards: int
    amount: MoneyBody


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


class CreditedAnswer(Answer, frozen=True, kw_only=True):
    method: Method
    programme_id: str
    advocate_id: str | None
    campaign: str | None


class DifferenceAnswer(Answer, frozen=True, kw_only=True):
    order_id: str
    number: str
    placed_at: datetime
    change: Kind
    base: MoneyBody
    final_base: MoneyBody
    before: CreditedAnswer | None
    after: CreditedAnswer | None
    reason: str
    rewards_at_stake: list[AtStakeAnswer]


class DifferenceList(Answer, frozen=True, kw_only=True):
    items: list[DifferenceAnswer]
    next_cursor: str | None


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
    ) -> DifferenceList:
        asked = from_wire("rpl", replay_id)
        page = await replay_reads.page(caller.shop_id, asked, position(cursor, "ord"), limit)
        last = page.rows[-1].order_id if page.rows else None
        following = next_cursor("ord", last, len(page.rows), limit)
        return DifferenceList(items=_differences(page), next_cursor=following)

    @get("/{replay_id:str}/differences.csv", operation_id="exportReplayDifferences",
         summary="The orders that would change, as a file", guards=READ,
         responses=refusals(404) | {200: ResponseSpec(bytes, description="The file", generate_examples=False,
                                                       media_type="text/csv")})  # fmt: skip
    async def export(
        self, replay_id: FromPath[str], caller: NamedDependency[Caller], replay_reads: NamedDependency[ReplayReads]
    ) -> Stream:
        """A text that a spreadsheet would run as a formula has an apostrophe in front."""
        asked = from_wire("rpl", replay_id)
        await replay_reads.page(caller.shop_id, asked, None, 1)
        headers = {
            "content-disposition": f'attachment; filename="{replay_id}.csv"',
            "cache-control": "no-store",
        }
        return Stream(_lines(replay_reads, caller.shop_id, asked), media_type="text/csv", headers=headers)


async def _lines(reads: ReplayReads, shop_id: ShopId, replay_id: UUID) -> AsyncIterator[bytes]:
    yield _line(_COLUMNS)
    async for page in reads.all(shop_id, replay_id):
        for found in _differences(page):
            yield _line(_cells(found, page.currency))


def _cells(found: DifferenceAnswer, currency: str) -> tuple[Any, ...]:
    sides = [
        value
        for side in (found.before, found.after)
        for value in ((side.method, side.programme_id, side.advocate_id, side.campaign) if side else (None,) * 4)
    ]
    amounts = [amount.money().decimal() for amount in (found.base, found.final_base)]
    placed = found.placed_at.isoformat()
    at_stake = "; ".join(
        f"{each.side} {each.amount.money().decimal()} {each.amount.currency}" for each in found.rewards_at_stake
    )
    return found.order_id, found.number, placed, found.change, *amounts, currency, *sides, found.reason, at_stake


def _line(values: Any) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(["" if value is None else _safe(str(value)) for value in values])
    return buffer.getvalue().encode()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


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
                rewards_at_stake=[_at_stake(reward) for reward in rewards if reward.kind == each.kind],
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


def _differences(page: Page) -> list[DifferenceAnswer]:
    rewards: dict[UUID, list[AtStakeAnswer]] = {}
    for reward in page.rewards:
        rewards.setdefault(reward.order_id, []).append(_at_stake(reward))
    return [_difference(row, page.currency, rewards.get(row.order_id, [])) for row in page.rows]


def _at_stake(row: Any) -> AtStakeAnswer:
    amount = MoneyBody(amount_minor=row.amount, currency=row.currency)
    return AtStakeAnswer(side=row.side, rewards=row.rewards, amount=amount)


def _difference(row: Any, currency: str, rewards_at_stake: list[AtStakeAnswer]) -> DifferenceAnswer:
    return DifferenceAnswer(
        order_id=to_wire("ord", row.order_id),
        number=row.number,
        placed_at=row.placed_at,
        change=row.kind,
        base=MoneyBody(amount_minor=row.base_minor, currency=currency),
        final_base=MoneyBody(amount_minor=row.final_base_minor, currency=currency),
        before=_credited(row.old_method, row.old_programme_id, row.old_advocate_id, row.old_campaign),
        after=_credited(row.new_method, row.new_programme_id, row.new_advocate_id, row.new_campaign),
        reason=row.new_reason,
        rewards_at_stake=rewards_at_stake,
    )


def _credited(
    method: Method | None, programme_id: UUID, advocate_id: UUID | None, campaign: str | None
) -> CreditedAnswer | None:
    if method is None:
        return None
    return CreditedAnswer(
        method=method,
        programme_id=to_wire("prg", programme_id),
        advocate_id=to_wire("adv", advocate_id) if advocate_id else None,
        campaign=campaign,
    )
