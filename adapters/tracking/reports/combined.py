"""Figures by several dimensions at once, as DuckDB's SQL over two of the relations kept in columns:

`clicks` (at_ms, begins, visitor, programme_id and the ways) and `counted` (what orders, claims and shares add to the
roll-ups, with all dimensions). Roll-ups keep figures by each dimension, not by each combination of values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.tracking.reports.columns import Columns
from adapters.tracking.reports.reads import SHOWN
from adapters.tracking.reports.rollups import DIMENSIONS, NOBODY
from adapters.tracking.reports.step_funnel import WAYS
from kernel.ids import ShopId
from tracking.domain.figures import Counts

_CLICKS: Final = {
    "clicks": "visitor = 'person'", "visits": "visitor = 'person' AND begins", "bots": "visitor = 'bot'",
    "previews": "visitor = 'preview'",
}  # fmt: skip
_ORDER: Final = "kind = 'order'"
_FACTS: Final = {
    "shares": ("kind = 'share'", "1"),
    "claims": ("kind = 'claim'", "1"),
    "orders": (_ORDER, "1"),
    "cancelled": (f"{_ORDER} AND cancelled", "1"),
    "new_orders": (f"{_ORDER} AND NOT cancelled AND is_new", "1"),
    "base_minor": (_ORDER, "base_minor"),
    "final_base_minor": (_ORDER, "final_base_minor"),
    "approved": (f"{_ORDER} AND approved", "1"),
    "reward_minor": (_ORDER, "reward_minor"),
}
_OF_CLICK: Final = ", ".join(f"CASE WHEN {_CLICKS[m]} THEN 1 ELSE 0 END" if m in _CLICKS else "0" for m in SHOWN)
_OF_FACT: Final = ", ".join(
    f"CASE WHEN {_FACTS[m][0]} THEN {_FACTS[m][1]} ELSE 0 END AS {m}" if m in _FACTS else f"0 AS {m}" for m in SHOWN
)
_NO_WAYS: Final = ", ".join("NULL" if name not in WAYS else name for name in DIMENSIONS)
_THINGS: Final = f"""
, things AS (
    SELECT at_ms, programme_id, {", ".join(DIMENSIONS)}, {_OF_FACT} FROM counted
    UNION ALL
    SELECT at_ms, coalesce(programme_id, CAST('{NOBODY}' AS uuid)), {_NO_WAYS}, {_OF_CLICK} FROM clicks
)"""
_SUMS: Final = ", ".join(f"coalesce(sum({measure}), 0)::BIGINT" for measure in SHOWN)


@dataclass(frozen=True, slots=True)
class CombinedReads:
    """Figures of one shop by combinations of dimensions: of a minute ago at most, with as of when they are."""

    columns: Columns

    async def by_value(self, shop_id: ShopId, asked: "Narrowing", key: str | None) -> "Combined":
        """Lines by value of a dimension, or by programme; a value that is not known is an empty text."""
        rows, as_of = await self.columns.ask(shop_id, *by_value(asked, key))
        counted = msgspec.convert([row[2:] for row in rows], list[Counts])
        lines = {row[1]: counts for row, counts in zip(rows, counted, strict=True) if not row[0] and row[1] is not None}
        total = next((counts for row, counts in zip(rows, counted, strict=True) if row[0]), Counts())
        return Combined(lines=lines if key is not None else {"": total}, total=total, as_of=as_of)

    async def by_time(
        self, shop_id: ShopId, asked: "Narrowing", starts: Sequence[datetime]
    ) -> tuple[dict[datetime, Counts], datetime]:
        """By the spans that begin then; the first begins with the period."""
        known = {int(start.timestamp() * 1000): start for start in starts}
        rows, as_of = await self.columns.ask(shop_id, *by_time(asked, list(known)))
        counted = msgspec.convert([row[1:] for row in rows], list[Counts])
        return {known[row[0]]: counts for row, counts in zip(rows, counted, strict=True)}, as_of


class Combined(Struct, frozen=True, kw_only=True):
    lines: dict[str, Counts]
    total: Counts
    as_of: datetime


class Narrowing(Struct, frozen=True, kw_only=True):
    """Which things: of a period, of a programme, and of one value of each dimension in `ways` (name, value)."""

    begins_ms: int
    ends_ms: int
    programme: UUID | None = None
    ways: tuple[tuple[str, str], ...] = ()


def by_value(asked: Narrowing, key: str | None) -> tuple[str, list[Any]]:
    """Rows of (is the total, value, sums): one a value of the dimension or programme, and the total of all."""
    condition, values = _condition(asked)
    column = "NULL" if key is None else "programme_id::VARCHAR" if key == "programme" else key
    if key is not None and key != "programme" and key not in DIMENSIONS:
        raise ValueError(key)
    keyed = f", keyed AS (SELECT {column} AS key, * FROM things WHERE {condition})"
    select = f"SELECT grouping(key), key, {_SUMS} FROM keyed GROUP BY GROUPING SETS ((key), ())"
    return f"{_THINGS}{keyed} {select}", values


def by_time(asked: Narrowing, starts_ms: Sequence[int]) -> tuple[str, list[Any]]:
    """Rows of (start, sums), for those of the spans between the starts in which there is something."""
    condition, values = _condition(asked)
    spans = ", spans AS (SELECT unnest(CAST(? AS BIGINT[])) AS start_ms)"
    select = (
        f"SELECT start_ms, {_SUMS} FROM (SELECT * FROM things WHERE {condition}) t"
        " ASOF JOIN spans ON t.at_ms >= spans.start_ms GROUP BY start_ms"
    )
    return f"{_THINGS}{spans} {select}", [list(starts_ms), *values]


def _condition(asked: Narrowing) -> tuple[str, list[Any]]:
    condition, values = f"at_ms >= {asked.begins_ms:d} AND at_ms < {asked.ends_ms:d}", list[Any]()
    if asked.programme is not None:
        condition += " AND programme_id = CAST(? AS uuid)"
        values.append(str(asked.programme))
    for way, value in asked.ways:
        if way not in DIMENSIONS:
            raise ValueError(way)
        condition += f" AND {way} = ?"
        values.append(value)
    return condition, values
