"""Every tile of a shop, from roll-ups and raw rows; ten times the data; a funnel of steps in columns and in rows."""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from adapters.host.composition import Installation
from adapters.tracking.reports.broken_down import Wanted
from adapters.tracking.reports.columns import Columns
from adapters.tracking.reports.combined import CombinedReads
from adapters.tracking.reports.reads import Asked, ReportReads
from adapters.tracking.reports.step_funnel import Funnel
from benchmarks import report_raw
from benchmarks.figures import Figure, against
from benchmarks.ground import Ground
from benchmarks.progress import said
from benchmarks.report_data import DAYS, MEASURED, Size, grow, seed
from kernel.ids import ShopId
from tracking.domain.figures import Buying, Counts
from tracking.domain.period import Period

LAST: Final = date(2026, 11, 20)
SHOP: Final = ShopId(MEASURED)
ROUNDS: Final = 25
FULL: Final = Size(clicks=10_000_000, orders=500_000)
QUICK: Final = Size(clicks=1_000_000, orders=50_000)
WAYS: Final = ("all", "channel", "campaign", "source", "country", "device")
Figures = dict[Any, tuple[int, ...]]
Read = Callable[[], Awaitable[Figures]]


class Tile(Struct, frozen=True, kw_only=True):
    """A tile both ways; `figures` makes of what was read from roll-ups what raw rows give, and is not timed."""

    name: str
    rolled: Callable[[], Awaitable[Any]]
    raw: Read
    figures: Callable[[Any], Figures]


class Reports:
    """A tenth of the data first, then all of it."""

    def __init__(self, ground: Ground, size: Size) -> None:
        self._ground = ground
        self._size = size

    def measure(self) -> list[Figure]:
        seed(self._ground, LAST)
        tenth = Size(clicks=self._size.clicks // 10, orders=self._size.orders // 10)
        said(f"making {tenth.clicks:,} clicks")
        grow(self._ground, tenth, LAST, 1)
        small = asyncio.run(self._tiles(compare=False))
        said(f"making {self._size.clicks - tenth.clicks:,} more clicks")
        grow(
            self._ground,
            Size(clicks=self._size.clicks - tenth.clicks, orders=self._size.orders - tenth.orders),
            LAST,
            2,
        )
        large = asyncio.run(self._tiles(compare=True))
        return self._figures(small, large)

    def _figures(self, small: dict[str, tuple[float, float]], large: dict[str, tuple[float, float]]) -> list[Figure]:
        suffix = "" if self._size == FULL else f", {self._size.clicks // 1_000_000} million clicks"
        tiles = {name: times for name, times in large.items() if name not in {"steps", "combined"}}
        growth = [tiles[name][0] / small[name][0] for name in tiles]
        columns, rows = large["steps"]
        combined, combined_raw = large["combined"]
        return [
            *(
                against(f"report tile by {name}{suffix}", 1 / rolled, "1/s", 1 / raw)
                for name, (rolled, raw) in tiles.items()
            ),
            against(f"report tiles, ten times the data{suffix}", median(growth), "times the time"),
            against(f"report tiles, slowest{suffix}", max(rolled for rolled, _ in tiles.values()) * 1000, "ms"),
            against(f"channels of a country's phones, in columns{suffix}", 1 / combined, "1/s", 1 / combined_raw),
            against(f"funnel of steps, in columns{suffix}", 1 / columns, "1/s", 1 / rows),
        ]

    async def _tiles(self, *, compare: bool) -> dict[str, tuple[float, float]]:
        installation = Installation(self._ground.settings, self._ground.postgres.conninfo)
        reporting = installation.contexts["tracking"].container.reporting()
        units = installation.contexts["tracking"].units
        try:
            started = time.monotonic()
            if compare:
                await reporting.roller.rebuild(None, said)
            while await reporting.roller.round():
                pass
            said(f"rolled up in {time.monotonic() - started:.1f} s")
            self._ground.sql(
                "VACUUM ANALYZE tracking.report_day, tracking.report_hour, tracking.report_cohort,"
                " tracking.report_hour_total, tracking.report_buying"
            )
            self._ground.sql("VACUUM ANALYZE tracking.click")
            zone = (await reporting.reads.place(SHOP)).zone
            found = {}
            for tile in self._all(reporting.reads, units, zone):
                found[tile.name] = await _timed(tile, compare=compare)
            shutil.rmtree(self._ground.settings.data_folder / "columns", ignore_errors=True)
            async with reporting.engine.kept():
                started = time.monotonic()
                await reporting.columns.refreshed(SHOP)
                said(f"rows put into columns in {time.monotonic() - started:.1f} s")
                found["combined"] = await _timed(
                    self._combined(reporting.broken_down.combined, units, zone), compare=compare
                )
                found["steps"] = await self._steps(reporting.columns, units, zone, compare=compare)
            return found
        finally:
            await reporting.roller.close()
            await installation.close()

    def _all(self, reads: ReportReads, units: Any, zone: str) -> list[Tile]:
        asked = Period(first=LAST - timedelta(days=DAYS), last=LAST, zone=zone)
        month = Period(first=LAST - timedelta(days=30), last=LAST, zone=zone)
        whole = {"shop": SHOP, "begins": asked.begins, "ends": asked.ends, "zone": zone}
        ever = {"begins": datetime(2020, 1, 1, tzinfo=UTC), "ends": datetime(2030, 1, 1, tzinfo=UTC)}
        plain = Asked(first=asked.first, last=asked.last)
        cohorts = Asked(first=date(2020, 1, 1), last=date(2030, 1, 1))

        def raw(statement: bytes, keys: int = 1, **changes: Any) -> Read:
            return lambda: _raw(units, statement, whole | changes, keys)

        def tile(
            name: str, rolled: Callable[[], Awaitable[Any]], raw: Read, figures: Callable[[Any], Figures] = _shown
        ) -> Tile:
            return Tile(name=name, rolled=rolled, raw=raw, figures=figures)

        def by(way: str) -> Tile:
            wanted = replace(plain, dimension=way)
            return tile(way, lambda: reads.by_value(SHOP, wanted), raw(report_raw.tile(way)))

        return [
            *map(by, WAYS),
            tile("programme", lambda: reads.by_programme(SHOP, plain), raw(report_raw.tile("programme"))),
            tile("day", lambda: reads.by_day(SHOP, plain), raw(report_raw.tile("day"))),
            tile(
                "hour of a month",
                lambda: reads.by_hour(SHOP, month.begins, month.ends, None),
                raw(report_raw.tile("hour"), begins=month.begins, ends=month.ends),
            ),
            tile("cohorts", lambda: reads.cohorts(SHOP, cohorts), raw(report_raw.COHORTS, 2, **ever), _cohorts),
            tile(
                "customers", lambda: reads.buying(SHOP, plain.first, plain.last), raw(report_raw.CUSTOMERS), _customers
            ),
        ]

    def _combined(self, reads: CombinedReads, units: Any, zone: str) -> Tile:
        asked = Period(first=LAST - timedelta(days=DAYS), last=LAST, zone=zone)
        narrowing = Wanted(period=asked, programme=None, ways={"country": "DE", "device": "phone"}).narrowing()
        whole = {"shop": SHOP, "begins": asked.begins, "ends": asked.ends, "zone": zone}
        statement = report_raw.tile("channel", "country = 'DE' AND device = 'phone'")
        return Tile(
            name="channel of a country's phones",
            rolled=lambda: reads.by_value(SHOP, narrowing, "channel"),
            raw=lambda: _raw(units, statement, whole, 1),
            figures=lambda read: _shown(read.lines),
        )

    async def _steps(self, columns: Columns, units: Any, zone: str, *, compare: bool) -> tuple[float, float]:
        asked = Period(first=LAST - timedelta(days=DAYS), last=LAST, zone=zone)
        funnel = Funnel(
            steps=("visit", "claim", "order"),
            begins_ms=int(asked.begins.timestamp() * 1000),
            ends_ms=int(asked.ends.timestamp() * 1000),
            within_ms=7 * 86_400_000,
        )
        if not compare:
            return 1.0, 1.0
        counted, _ = await columns.count(SHOP, funnel)
        parameters = {
            "shop": SHOP, "begins_ms": funnel.begins_ms, "ends_ms": funnel.ends_ms, "within_ms": funnel.within_ms,
        }  # fmt: skip

        async def rows() -> list[int]:
            async with units(SHOP) as unit:
                row = await (await unit.raw.execute(report_raw.STEPS, parameters)).fetchone()
            return list(row)

        slow, slow_s = await _best(rows, 3)
        fast, fast_s = await _best(lambda: columns.count(SHOP, funnel), 5)
        if not slow == fast[0] == counted:
            raise RuntimeError(f"columns count {fast[0]}, rows {slow}")
        said(f"steps {slow}: {fast_s * 1000:.0f} ms in columns, {slow_s * 1000:.0f} ms in rows")
        return fast_s, slow_s


async def _timed(tile: Tile, *, compare: bool) -> tuple[float, float]:
    read, rolled_s = await _best(tile.rolled, ROUNDS)
    rolled = tile.figures(read)
    if not compare:
        return rolled_s, 1.0
    raw, raw_s = await _best(tile.raw, 3)
    if rolled != raw:
        wrong = [key for key in {*rolled, *raw} if rolled.get(key) != raw.get(key)][:3]
        raise RuntimeError(f"{tile.name}: " + "; ".join(f"{k}: {rolled.get(k)} and {raw.get(k)}" for k in wrong))
    said(f"tile {tile.name:30} {rolled_s * 1000:7.2f} ms  raw {raw_s * 1000:8.0f} ms  {raw_s / rolled_s:6.0f} times")
    return rolled_s, raw_s


async def _best(ask: Callable[[], Awaitable[Any]], rounds: int) -> tuple[Any, float]:
    """The answer, and the median time of asking."""
    times, answer = [], None
    await ask()
    for _ in range(rounds):
        started = time.perf_counter()
        answer = await ask()
        times.append(time.perf_counter() - started)
    return answer, median(times)


async def _raw(units: Any, statement: bytes, values: dict[str, Any], keys: int) -> dict[Any, tuple[int, ...]]:
    async with units(SHOP) as unit:
        rows = await (await unit.raw.execute(statement, values)).fetchall()
    return {row[0] if keys == 1 else row[:keys]: row[keys:] for row in rows if any(row[keys:])}


def _of(counts: Counts) -> tuple[int, ...]:
    return tuple(getattr(counts, name) for name in report_raw.SHOWN)


def _shown(read: dict[Any, Counts]) -> Figures:
    return {key: _of(counts) for key, counts in read.items() if any(_of(counts))}


def _cohorts(read: list[tuple[date, date, Counts]]) -> Figures:
    return {(cohort, month): _of(counts) for cohort, month, counts in read if any(_of(counts))}


def _customers(read: dict[str, Buying]) -> Figures:
    return {
        name: (n.orders, n.cancelled, n.new_orders, n.base_minor, n.final_base_minor)
        for name, n in read.items()
        if n.orders
    }
