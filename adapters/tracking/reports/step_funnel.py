"""The ordered funnel as SQL that PostgreSQL and DuckDB both understand, over two relations:

`clicks` (click_id, actor, at_ms, begins, programme_id and the ways) holds people's clicks, `facts` (kind, at_ms,
person, click_id, credited, programme_id) claims and orders. Whoever clicked is known by address and browser for a
day; when a claim or an order names the click, by the person who made it.
"""

from typing import Any, Final
from uuid import UUID

from msgspec import Struct

WAYS: Final = ("channel", "campaign", "source", "country", "device")
_EVENTS: Final = {
    "click": "SELECT coalesce(p.person, c.actor) AS actor, 'click' AS step, c.at_ms, c.programme_id, {ways}"
    " FROM clicks c LEFT JOIN people p ON p.click_id = c.click_id",
    "visit": "SELECT coalesce(p.person, c.actor), 'visit', c.at_ms, c.programme_id, {ways}"
    " FROM clicks c LEFT JOIN people p ON p.click_id = c.click_id WHERE c.begins",
    "claim": "SELECT person, 'claim', at_ms, programme_id, {nulls} FROM facts WHERE kind = 'claim'",
    "order": "SELECT person, 'order', at_ms, programme_id, {nulls} FROM facts WHERE kind = 'order'",
    "credited_order": "SELECT person, 'credited_order', at_ms, programme_id, {nulls} FROM facts"
    " WHERE kind = 'order' AND credited",
}
_NAMED: Final = (
    "SELECT NULL::bigint AS actor, NULL::text AS step, NULL::bigint AS at_ms, NULL::uuid AS programme_id, {nulls}"
    " WHERE false"
)


class Funnel(Struct, frozen=True, kw_only=True):
    """`begins_ms` to `ends_ms` is when the first step may happen. `dimension` and `value` narrow the first step."""

    steps: tuple[str, ...]
    begins_ms: int
    ends_ms: int
    within_ms: int
    programme: UUID | None = None
    dimension: str | None = None
    value: str | None = None


def statement(funnel: Funnel, mark: str) -> tuple[str, list[Any]]:
    """The WITH clause's continuation and the select, and its parameters; `mark` stands for a parameter ("?", "%s").

    For every step the latest first step that leads to it is carried along: if that one is too long ago, all are.
    """
    nulls = ", ".join(f"NULL::text AS {way}" for way in WAYS)
    ways = ", ".join(f"c.{way}" for way in WAYS)
    sources = [_EVENTS[step].format(ways=ways, nulls=nulls) for step in funnel.steps]
    first, parameters = _first(funnel, mark)
    layers = [
        f"layer1 AS (SELECT actor, step, at_ms, CASE WHEN {first} THEN at_ms END AS start1 FROM events"
        f" WHERE at_ms >= {mark} AND at_ms < {mark})"
    ]
    parameters += [funnel.begins_ms, funnel.ends_ms + funnel.within_ms]
    for number, step in enumerate(funnel.steps[1:], start=2):
        carried = ", ".join(f"start{n}" for n in range(1, number))
        layers += [
            f"found{number} AS (SELECT actor, step, at_ms, {carried}, max(start{number - 1})"
            f" OVER (PARTITION BY actor ORDER BY at_ms) AS latest FROM layer{number - 1})",
            f"layer{number} AS (SELECT actor, step, at_ms, {carried},"
            f" CASE WHEN step = '{step}' AND at_ms - latest <= {mark} THEN latest END AS start{number}"
            f" FROM found{number})",
        ]
        parameters.append(funnel.within_ms)
    last = len(funnel.steps)
    counts = ", ".join(f"count(DISTINCT CASE WHEN start{n} IS NOT NULL THEN actor END)" for n in range(1, last + 1))
    people = (
        "people AS (SELECT click_id, max(person) AS person FROM facts WHERE click_id IS NOT NULL GROUP BY click_id)"
    )
    events = " UNION ALL ".join([_NAMED.format(nulls=nulls), *sources])
    return f"{people}, events AS ({events}), {', '.join(layers)} SELECT {counts} FROM layer{last}", parameters


def _first(funnel: Funnel, mark: str) -> tuple[str, list[Any]]:
    condition = f"step = '{funnel.steps[0]}' AND at_ms < {mark}"
    parameters: list[Any] = [funnel.ends_ms]
    if funnel.programme is not None:
        condition += f" AND programme_id = CAST({mark} AS uuid)"
        parameters.append(str(funnel.programme))
    if funnel.dimension is not None:
        if funnel.dimension not in WAYS:
            raise ValueError(funnel.dimension)
        condition += f" AND {funnel.dimension} = {mark}"
        parameters.append(funnel.value)
    return condition, parameters
