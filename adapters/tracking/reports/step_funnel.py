"""The ordered funnel as DuckDB's SQL, over four relations:

`clicks` (click_id, actor, at_ms, begins, visitor, programme_id and the ways) holds clicks, `facts` (kind, at_ms,
person, click_id, credited, programme_id) claims and orders, `seen` (name, called, at_ms, click_id, visitor, address)
what the tag saw, `visitors` (visitor, person) which visitor is which person. Whoever clicked is known by address and
browser for a day; when a claim, an order or an identified visitor names the click, by the person who made it.
"""

from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from tracking.domain.steps import TAG_STEPS

RELATIONS: Final = ("clicks", "facts", "seen", "visitors")
WAYS: Final = ("channel", "campaign", "source", "country", "device")
_PEOPLE: Final = """
, people AS (
    SELECT click_id, max(person) AS person FROM (
        SELECT click_id, person FROM facts WHERE click_id IS NOT NULL
        UNION ALL
        SELECT s.click_id, v.person FROM seen s JOIN visitors v ON v.visitor = s.visitor WHERE s.click_id IS NOT NULL
    ) named GROUP BY click_id
)"""
_CLICKED: Final = """
SELECT coalesce(p.person, c.actor) AS actor, c.at_ms FROM clicks c LEFT JOIN people p ON p.click_id = c.click_id
WHERE c.visitor = 'person' AND {when}"""
_DONE: Final = """
SELECT f.person AS actor, f.at_ms FROM facts f {clicks} WHERE f.kind = '{kind}' AND f.person IS NOT NULL AND {when}"""
_SEEN: Final = """
SELECT coalesce(p.person, v.person, c.actor, s.visitor, s.address) AS actor, s.at_ms FROM seen s
LEFT JOIN people p ON p.click_id = s.click_id
LEFT JOIN visitors v ON v.visitor = s.visitor
LEFT JOIN clicks c ON c.click_id = s.click_id AND c.visitor = 'person'
WHERE s.name = '{name}' AND {when}"""


class Funnel(Struct, frozen=True, kw_only=True):
    """`begins_ms` to `ends_ms` is when the first step may happen; programme and `ways` (name, value) narrow it."""

    steps: tuple[str, ...]
    begins_ms: int
    ends_ms: int
    within_ms: int
    programme: UUID | None = None
    ways: tuple[tuple[str, str], ...] = ()


def statement(funnel: Funnel) -> tuple[str, list[Any]]:
    """The WITH clause's continuation and the select, and its parameters.

    Only whoever did the second step can get further than the first. Of those, for every step the latest first step that
    leads to it is carried along: if that one is too long ago, all are.
    """
    parameters: list[Any] = []
    numbers = range(1, len(funnel.steps) + 1)
    sources = []
    for number, step in zip(numbers, funnel.steps, strict=True):
        source, values = _source(funnel, step, first=number == 1)
        sources.append(f"step{number} AS MATERIALIZED ({source})")
        parameters += values
    followed = " WHERE actor IN (SELECT actor FROM step2)"
    events = " UNION ALL ".join(
        f"SELECT actor, {number} AS step, at_ms FROM step{number}{followed if number != 2 else ''}"
        for number in numbers
    )
    counts = ", ".join(f"count(DISTINCT CASE WHEN start{n} IS NOT NULL THEN actor END)" for n in numbers[1:])
    ctes = [_PEOPLE, *sources, f"events AS ({events})", *_layers(funnel)]
    select = f"SELECT (SELECT count(DISTINCT actor) FROM step1), {counts} FROM layer{numbers[-1]}"
    return f"{', '.join(ctes)} {select}", parameters


def _layers(funnel: Funnel) -> list[str]:
    layers = ["layer1 AS (SELECT actor, step, at_ms, CASE WHEN step = 1 THEN at_ms END AS start1 FROM events)"]
    for number in range(2, len(funnel.steps) + 1):
        carried = ", ".join(f"start{n}" for n in range(1, number))
        layers += [
            f"found{number} AS (SELECT actor, step, at_ms, {carried}, max(start{number - 1})"
            f" OVER (PARTITION BY actor ORDER BY at_ms) AS latest FROM layer{number - 1})",
            f"layer{number} AS (SELECT actor, step, at_ms, {carried},"
            f" CASE WHEN step = {number} AND at_ms - latest <= {funnel.within_ms:d} THEN latest END AS start{number}"
            f" FROM found{number})",
        ]
    return layers


def _source(funnel: Funnel, step: str, *, first: bool) -> tuple[str, list[Any]]:
    """Who did the step when, and the parameters."""
    name, _, called = step.partition(":")
    table = "s" if name in TAG_STEPS else "c" if name in {"click", "visit"} else "f"
    ends = funnel.ends_ms if first else funnel.ends_ms + funnel.within_ms
    when = f"{table}.at_ms >= {funnel.begins_ms:d} AND {table}.at_ms < {ends:d}"
    values: list[Any] = []
    if called:
        when += " AND s.called = ?"
        values.append(called)
    narrowed, more = _narrowed(funnel, "f" if table == "f" else "c") if first else ("", [])
    when += narrowed
    values += more
    if table == "s":
        return _SEEN.format(name=name, when=when), values
    if table == "c":
        return _CLICKED.format(when=when + (" AND c.begins" if name == "visit" else "")), values
    clicks = "LEFT JOIN clicks c ON c.click_id = f.click_id" if first and funnel.ways else ""
    when += " AND f.credited" if name == "credited_order" else ""
    return _DONE.format(kind="claim" if name == "claim" else "order", when=when, clicks=clicks), values


def _narrowed(funnel: Funnel, programme_of: str) -> tuple[str, list[Any]]:
    conditions, values = "", list[Any]()
    if funnel.programme is not None:
        conditions += f" AND {programme_of}.programme_id = CAST(? AS uuid)"
        values.append(str(funnel.programme))
    for way, value in funnel.ways:
        if way not in WAYS:
            raise ValueError(way)
        conditions += f" AND c.{way} = ?"
        values.append(value)
    return conditions, values
