"""Figures by several dimensions at once, as DuckDB's SQL over `sums`, which are kept in columns (see `sums`).

Roll-ups keep figures by each dimension, not by each combination of values.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from adapters.tracking.reports.columns import Columns
from adapters.tracking.reports.rollups import DIMENSIONS
from adapters.tracking.reports.sums import MONEY, QUARTER_MS
from kernel.ids import ShopId
from tracking.domain.figures import Counts

_SUMS: Final = ", ".join(f"sum({name})::BIGINT" for name in ("things", *MONEY))


@dataclass(frozen=True, slots=True)
class CombinedReads:
    """Figures of one shop by combinations of dimensions: of a minute ago at most, with as of when they are."""

    columns: Columns

    async def by_value(self, shop_id: ShopId, asked: "Narrowing", key: str | None) -> "Combined":
        """Lines by value of a dimension, or by programme; a value that is not known is an empty text."""
        rows, as_of = await self.columns.ask(shop_id, ("sums",), *by_value(asked, key))
        lines = _counts(rows)
        # What has no value of the dimension is in the total, too.
        total = summed(lines.values())
        lines.pop(None, None)
        return Combined(lines=lines if key is not None else {"": total}, total=total, as_of=as_of)

    async def by_time(
        self, shop_id: ShopId, asked: "Narrowing", starts: Sequence[datetime]
    ) -> tuple[dict[datetime, Counts], datetime]:
        """By the spans that begin then; the first begins with the period."""
        known = {int(start.timestamp() * 1000) // QUARTER_MS: start for start in starts}
        rows, as_of = await self.columns.ask(shop_id, ("sums",), *by_time(asked, list(known)))
        return {known[begins]: counts for begins, counts in _counts(rows).items()}, as_of


class Combined(Struct, frozen=True, kw_only=True):
    lines: dict[str, Counts]
    total: Counts
    as_of: datetime


class Narrowing(Struct, frozen=True, kw_only=True):
    """Which sums: of a period, of a programme, and of one value of each dimension in `ways` (name, value).

    The period begins and ends with a quarter of an hour.
    """

    begins_ms: int
    ends_ms: int
    programme: UUID | None = None
    ways: tuple[tuple[str, str], ...] = ()


def by_value(asked: Narrowing, key: str | None) -> tuple[str, list[Any]]:
    """Rows of (value, adds, sums), by value of the dimension or programme; without one the value is null."""
    condition, values = _condition(asked)
    column = "NULL" if key is None else "programme_id::VARCHAR" if key == "programme" else key
    if key is not None and key != "programme" and key not in DIMENSIONS:
        raise ValueError(key)
    return f"SELECT {column} AS key, adds, {_SUMS} FROM sums WHERE {condition} GROUP BY key, adds", values


def by_time(asked: Narrowing, quarters: Sequence[int]) -> tuple[str, list[Any]]:
    """Rows of (quarter, adds, sums), for those of the spans between the quarters in which there is something."""
    condition, values = _condition(asked)
    spans = ", spans AS (SELECT unnest(CAST(? AS BIGINT[])) AS begins)"
    select = (
        f"SELECT begins, adds, {_SUMS} FROM (SELECT * FROM sums WHERE {condition}) s"
        " ASOF JOIN spans ON s.quarter >= spans.begins GROUP BY begins, adds"
    )
    return f"{spans} {select}", [list(quarters), *values]


def _condition(asked: Narrowing) -> tuple[str, list[Any]]:
    begins, ends = asked.begins_ms // QUARTER_MS, asked.ends_ms // QUARTER_MS
    condition, values = f"quarter >= {begins:d} AND quarter < {ends:d}", list[Any]()
    if asked.programme is not None:
        condition += " AND programme_id = CAST(? AS uuid)"
        values.append(str(asked.programme))
    for way, value in asked.ways:
        if way not in DIMENSIONS:
            raise ValueError(way)
        condition += f" AND {way} = ?"
        values.append(value)
    return condition, values


def _counts(rows: Iterable[Sequence[Any]]) -> dict[Any, Counts]:
    """Of rows of (key, adds, sums), by key."""
    found: dict[Any, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for key, adds, things, *money in rows:
        line = found[key]
        for measure in adds.split(","):
            line[measure] += things
        for measure, amount in zip(MONEY, money, strict=True):
            line[measure] += amount
    return {key: Counts(**line) for key, line in found.items()}


def summed(lines: Iterable[Counts]) -> Counts:
    """The sum of all lines."""
    lines = list(lines)
    return Counts(**{name: sum(getattr(line, name) for line in lines) for name in Counts.__struct_fields__})
