"""What is loaded by wrk: Grapevine's hot routes and the baselines beside them."""

import itertools
import urllib.request
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from benchmarks.figures import Figure, against
from benchmarks.footprint import process_tree
from benchmarks.friends import choose, write_deliveries
from benchmarks.ground import Ground
from benchmarks.progress import said
from benchmarks.retail import Retailer
from benchmarks.side_by_side import CONNECTIONS, Contender, Results, in_turn
from benchmarks.tagged import MANY, TagLoad
from benchmarks.wrk import Load, load

BARE: Final = "bare"
BARE_REDIRECT: Final = "bare redirect"
ONE_INSERT: Final = "one insert"
SAME_PAGE: Final = "bare route that returns the same page"
REDIRECT: Final = "redirect, click committed"
LANDING: Final = "landing page"
WEBHOOK: Final = "webhook acknowledged after it is stored"
TAG_EVENT: Final = "tag event, committed"
TAG_EVENTS: Final = "tag events, 50 in one request, committed"
BESIDE: Final = {
    REDIRECT: BARE_REDIRECT,
    LANDING: SAME_PAGE,
    WEBHOOK: ONE_INSERT,
    TAG_EVENT: BARE_REDIRECT,
    TAG_EVENTS: BARE_REDIRECT,
}
CAMPAIGN: Final = "utm_source=whatsapp&utm_medium=share&utm_campaign=autumn%202026"
DIFFERENT_ORDERS: Final = 2000
STEADY_CONNECTIONS: Final = 128
_runs = itertools.count(1)


class Doors:
    """Prepares what the loads ask for. The worker is not needed, and does not run meanwhile."""

    def __init__(self, ground: Ground, retailers: Sequence[Retailer]) -> None:
        self._ground = ground
        self._retailers = retailers

    def measure(self, wanted: Sequence[str]) -> Results:
        """Load the wanted routes and their baselines, and both plain baselines in any case."""
        (self._ground.folder / "page.html").write_bytes(self._page())
        every: dict[str, Contender] = {
            BARE: self._get("baseline", "constant.txt", ["/constant"]),
            BARE_REDIRECT: self._get("baseline", "bare.txt", [f"/redirect?{CAMPAIGN}"]),
            REDIRECT: self._get("web", "links.txt", self._links()),
            ONE_INSERT: self._get("baseline", "insert.txt", ["/insert"]),
            WEBHOOK: self._deliver(),
            SAME_PAGE: self._get("baseline", "page.txt", ["/page"]),
            LANDING: self._get("web", "landings.txt", self._landings()),
            TAG_EVENT: TagLoad(self._ground, self._retailers, 1),
            TAG_EVENTS: TagLoad(self._ground, self._retailers, MANY),
        }
        names = {BARE, ONE_INSERT, *wanted, *(BESIDE[name] for name in wanted if name in BESIDE)}
        chosen = {name: contender for name, contender in every.items() if name in names}
        return in_turn(chosen, rest=partial(self._ground.sql, "CHECKPOINT"))

    def _links(self) -> list[str]:
        return [f"/l/{who.link_code}?{CAMPAIGN}" for one in self._retailers for who in one.promoters]

    def _landings(self) -> list[str]:
        return [f"/d/{one.slug}/{who.code}" for one in self._retailers for who in one.promoters]

    def _page(self) -> bytes:
        request = urllib.request.Request(self._ground.base + self._landings()[0], headers={"Accept-Language": "de"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bytes(answer.read())

    def steady(self, peak: float) -> list[Figure]:
        """The redirect in an open loop: what a visitor waits at half and at four fifths of the peak rate."""
        file = self._file("steady.txt", self._links())
        made = []
        for percent in (50, 80):
            rate = peak * percent / 100
            said(f"redirects at a steady {rate:,.0f} /s, {percent} % of the peak")
            arguments = (str(file), f"{rate:.1f}")
            found = load(
                self._ground.base, connections=STEADY_CONNECTIONS, seconds=8, script="get.lua", arguments=arguments
            )
            if found.failures or found.per_second < 0.95 * rate:
                said(f"only {found.per_second:,.0f} /s were answered, {found.failures} failed")
            made += [
                against(f"{REDIRECT}, open loop at {percent} % of peak", found.per_second, "1/s", rate),
                against(f"{REDIRECT}, open loop at {percent} % of peak, p50", found.p50_ms, "ms"),
                against(f"{REDIRECT}, open loop at {percent} % of peak, p99", found.p99_ms, "ms"),
            ]
        return made

    def _get(self, process: str, name: str, paths: Sequence[str]) -> Contender:
        base = self._ground.base if process == "web" else self._ground.baseline
        file = self._file(name, paths)

        def run(connections: int, seconds: int) -> Load:
            before = self._spent(process)
            found = load(base, connections=connections, seconds=seconds, script="get.lua", arguments=(str(file),))
            return replace(found, cpu_us=1e6 * (self._spent(process) - before) / max(1, found.answers))

        return run

    def _spent(self, process: str) -> float:
        """Seconds of CPU that the process and its children have used."""
        times = [one.cpu_times() for one in process_tree(self._ground.processes[process].pid)]
        return float(sum(time.user + time.system for time in times))

    def _deliver(self) -> Contender:
        file = self._ground.folder / "acknowledged.txt"
        write_deliveries(choose(self._retailers, DIFFERENT_ORDERS), file)
        return partial(self._acknowledged, file)

    def _acknowledged(self, file: Path, connections: int, seconds: int) -> Load:
        fresh = f"again-{next(_runs)}-"
        arguments = (str(file), "again", fresh)
        return load(
            self._ground.base, connections=connections, seconds=seconds, script="deliver.lua", arguments=arguments
        )

    def _file(self, name: str, lines: Sequence[str]) -> Path:
        path = self._ground.folder / name
        path.write_text("".join(f"{line}\n" for line in lines))
        return path


def figures(results: Results) -> list[Figure]:
    """Each load beside its baseline at the same number of connections."""
    made = []
    for connections in CONNECTIONS:
        made += [
            against(f"{name}, {connections} connections", results[name, connections].per_second, "1/s")
            for name in (BARE, ONE_INSERT)
            if (name, connections) in results
        ]
        for name, beside in BESIDE.items():
            if (name, connections) in results:
                baseline = results[beside, connections]
                value = results[name, connections]
                label = f"{name}, {connections} connections"
                made.append(against(label, value.per_second, "1/s", baseline.per_second))
                made.append(against(f"{label}, p99", value.p99_ms, "ms", baseline.p99_ms))
                if value.cpu_us and baseline.cpu_us:
                    made.append(against(f"{label}, CPU of a request", value.cpu_us, "µs", baseline.cpu_us))
    return made
