"""What is loaded by wrk: Grapevine's hot routes and the baselines beside them."""

import itertools
import urllib.request
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.figures import Figure, against
from benchmarks.friends import choose, write_deliveries
from benchmarks.ground import Ground
from benchmarks.retail import Retailer
from benchmarks.side_by_side import CONNECTIONS, Contender, Results, in_turn
from benchmarks.tagged import MANY, TagLoad
from benchmarks.wrk import Load, load

BARE: Final = "bare"
ONE_INSERT: Final = "one insert"
SAME_PAGE: Final = "bare route that returns the same page"
REDIRECT: Final = "redirect, click committed"
LANDING: Final = "landing page"
WEBHOOK: Final = "webhook acknowledged after it is stored"
TAG_EVENT: Final = "tag event, committed"
TAG_EVENTS: Final = "tag events, 50 in one request, committed"
BESIDE: Final = {
    REDIRECT: BARE,
    LANDING: SAME_PAGE,
    WEBHOOK: ONE_INSERT,
    TAG_EVENT: BARE,
    TAG_EVENTS: BARE,
}
CAMPAIGN: Final = "utm_source=whatsapp&utm_medium=share&utm_campaign=autumn%202026"
DIFFERENT_ORDERS: Final = 2000
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
            BARE: self._get(self._ground.baseline, "constant.txt", ["/constant"]),
            REDIRECT: self._get(self._ground.base, "links.txt", self._links()),
            ONE_INSERT: self._get(self._ground.baseline, "insert.txt", ["/insert"]),
            WEBHOOK: self._deliver(),
            SAME_PAGE: self._get(self._ground.baseline, "page.txt", ["/page"]),
            LANDING: self._get(self._ground.base, "landings.txt", self._landings()),
            TAG_EVENT: TagLoad(self._ground, self._retailers, 1),
            TAG_EVENTS: TagLoad(self._ground, self._retailers, MANY),
        }
        names = {BARE, ONE_INSERT, *wanted, *(BESIDE[name] for name in wanted if name in BESIDE)}
        return in_turn({name: contender for name, contender in every.items() if name in names})

    def _links(self) -> list[str]:
        return [f"/l/{who.link_code}?{CAMPAIGN}" for one in self._retailers for who in one.promoters]

    def _landings(self) -> list[str]:
        return [f"/d/{one.slug}/{who.code}" for one in self._retailers for who in one.promoters]

    def _page(self) -> bytes:
        request = urllib.request.Request(self._ground.base + self._landings()[0], headers={"Accept-Language": "de"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bytes(answer.read())

    def _get(self, base: str, name: str, paths: Sequence[str]) -> Contender:
        file = self._file(name, paths)
        return lambda connections, seconds: load(
            base, connections=connections, seconds=seconds, script="get.lua", arguments=(str(file),)
        )

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
        ]
        for name, beside in BESIDE.items():
            if (name, connections) in results:
                baseline = results[beside, connections]
                value = results[name, connections]
                label = f"{name}, {connections} connections"
                made.append(against(label, value.per_second, "1/s", baseline.per_second))
                made.append(against(f"{label}, p99", value.p99_ms, "ms", baseline.p99_ms))
    return made
