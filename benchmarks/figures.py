"""What was measured, beside its baseline and its target."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct, to_builtins
from rich.console import Console
from rich.table import Table

RESULTS: Final = Path(__file__).parent / "results" / "latest.json"


class Figure(Struct, frozen=True, kw_only=True):
    """One result. `baseline` was taken in the same run; `ratio` is value divided by it."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None


class Target(Struct, frozen=True, kw_only=True):
    """What a figure must reach: at least a ratio of its baseline, at most another, or at most a value."""

    ratio: float | None = None
    most_ratio: float | None = None
    most: float | None = None

    def met_by(self, figure: Figure) -> bool:
        if self.ratio is not None:
            return figure.ratio is not None and figure.ratio >= self.ratio
        if self.most_ratio is not None:
            return figure.ratio is not None and figure.ratio <= self.most_ratio
        return self.most is None or figure.value <= self.most

    def __str__(self) -> str:
        if self.ratio is not None:
            return f"≥ {self.ratio:g} ×"
        return f"≤ {self.most_ratio:g} ×" if self.most_ratio is not None else f"≤ {self.most:g}"


TARGETS: Final = {
    "redirect, click committed, 32 connections": Target(ratio=0.75),
    "redirect, click committed, 32 connections, p99": Target(most_ratio=1.5),
    "redirect, click committed, 32 connections, CPU of a request": Target(most_ratio=1.1),
    "redirect, click committed, 256 connections": Target(ratio=1.0),
    "redirect, click committed, 256 connections, p99": Target(most_ratio=1.5),
    "redirect, click committed, 256 connections, CPU of a request": Target(most_ratio=1.1),
    "answered clicks that are missing from the table": Target(most=0),
    "bot decision, a click": Target(most=20),
    "landing page, 32 connections": Target(ratio=0.6),
    "tag event, committed, 32 connections": Target(ratio=0.6),
    "tag event, committed, 256 connections": Target(ratio=0.75),
    "tag events, 50 in one request, committed, 32 connections": Target(ratio=2.0),
    "tag events, 50 in one request, committed, 256 connections": Target(ratio=2.0),
    "webhook acknowledged after it is stored, 32 connections": Target(ratio=2.0),
    "orders rewarded, both sides, sustained": Target(ratio=0.25),
    "answer to posted rewards at half of a quarter of one insert, p99": Target(most=1.0),
    "answer to posted rewards at half of that, p99": Target(most=1.0),
    **{
        f"report tile by {name}": Target(ratio=100)
        for name in (
            "all",
            "channel",
            "campaign",
            "source",
            "country",
            "device",
            "programme",
            "day",
            "hour of a month",
            "cohorts",
            "customers",
        )
    },
    "report tiles, ten times the data": Target(most=1.3),
    "channels of a country's phones, in columns": Target(ratio=100),
    "funnel of steps, in columns": Target(ratio=5),
    "click to roll-up at half of peak, p99": Target(most=1.0),
    "redirect while figures are rolled up, 32 connections": Target(ratio=0.9),
    "second start to first page": Target(most=6.0),
    "web and worker, resident after load": Target(most=300.0),
}


def against(name: str, value: float, unit: str, baseline: float | None = None) -> Figure:
    """A figure with its ratio, rounded to what was measured and no further."""
    ratio = round(value / baseline, 3) if baseline else None
    return Figure(name=name, value=_rounded(value), unit=unit, baseline=baseline and _rounded(baseline), ratio=ratio)


def save(figures: Sequence[Figure]) -> None:
    """Write the results; figures that this run did not take are kept from the last one."""
    fresh = {figure.name for figure in figures}
    kept = [old for old in json.loads(RESULTS.read_text()) if old["name"] not in fresh] if RESULTS.exists() else []
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([*kept, *to_builtins(figures)], indent=2) + "\n")


def show(figures: Sequence[Figure]) -> None:
    table = Table("figure", "value", "unit", "baseline", "ratio", "target", box=None)
    for figure in figures:
        target = TARGETS.get(figure.name)
        verdict = (
            ""
            if target is None
            else f"{target} {'[green]met[/green]' if target.met_by(figure) else '[red]missed[/red]'}"
        )
        numbers = ("" if number is None else f"{number:,g}" for number in (figure.baseline, figure.ratio))
        table.add_row(figure.name, f"{figure.value:,g}", figure.unit, *numbers, verdict)
    Console(soft_wrap=True).print(table)


def _rounded(value: float) -> float:
    return round(value) if value >= 1000 else round(value, 3 if value < 10 else 1)
