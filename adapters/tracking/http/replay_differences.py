"""How the orders are shown that a replayed chain would decide otherwise: as a list, and as a file."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta

from adapters.shared.http.bodies import Answer, MoneyBody
from adapters.shared.http.ids import to_wire
from adapters.tracking.harmless import harmless
from adapters.tracking.http.shapes import LocaleName
from adapters.tracking.postgres.replays import Page
from adapters.tracking.reasons import worded
from tracking.domain.decision import Method
from tracking.domain.replay import Kind

_COLUMNS = (
    "order_id", "number", "placed_at", "change", "base", "final_base", "currency", "before_method",
    "before_programme_id", "before_advocate_id", "before_campaign", "after_method", "after_programme_id",
    "after_advocate_id", "after_campaign", "reason", "rewards_at_stake",
)  # fmt: skip


class AtStakeAnswer(Answer, frozen=True, kw_only=True):
    """What one side was granted for credit that would be lost, in one currency, as of now."""

    side: Literal["advocate", "friend"]
    rewards: int
    amount: MoneyBody


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
    reason: Annotated[str, Meta(examples=["The friend tapped the advocate's link less than 30 days before the order."])]
    """Why it would be decided so, in the list's `locale`."""
    rewards_at_stake: list[AtStakeAnswer]


class DifferenceList(Answer, frozen=True, kw_only=True):
    items: list[DifferenceAnswer]
    locale: LocaleName
    """Of the sentences for people."""
    next_cursor: str | None


async def csv_lines(pages: AsyncIterator[Page], locale: LocaleName) -> AsyncIterator[bytes]:
    """The file, line by line, its sentences in the language."""
    yield _line(_COLUMNS)
    async for page in pages:
        for found in differences(page, locale):
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
    csv.writer(buffer, lineterminator="\r\n").writerow(
        ["" if value is None else harmless(str(value)) for value in values]
    )
    return buffer.getvalue().encode()


def differences(page: Page, locale: LocaleName) -> list[DifferenceAnswer]:
    rewards: dict[UUID, list[AtStakeAnswer]] = {}
    for reward in page.rewards:
        rewards.setdefault(reward.order_id, []).append(at_stake(reward))
    return [_difference(row, page.currency, rewards.get(row.order_id, []), locale) for row in page.rows]


def at_stake(row: Any) -> AtStakeAnswer:
    amount = MoneyBody(amount_minor=row.amount, currency=row.currency)
    return AtStakeAnswer(side=row.side, rewards=row.rewards, amount=amount)


def _difference(row: Any, currency: str, rewards_at_stake: list[AtStakeAnswer], locale: LocaleName) -> DifferenceAnswer:
    return DifferenceAnswer(
        order_id=to_wire("ord", row.order_id),
        number=row.number,
        placed_at=row.placed_at,
        change=row.kind,
        base=MoneyBody(amount_minor=row.base_minor, currency=currency),
        final_base=MoneyBody(amount_minor=row.final_base_minor, currency=currency),
        before=_credited(row.old_method, row.old_programme_id, row.old_advocate_id, row.old_campaign),
        after=_credited(row.new_method, row.new_programme_id, row.new_advocate_id, row.new_campaign),
        reason=worded(locale, row.new_reason),
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
