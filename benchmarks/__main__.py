"""python -m benchmarks [name …]: measure, show, and write benchmarks/results/latest.json."""

import asyncio
import sys
from typing import Final

from benchmarks import bots
from benchmarks.doors import LANDING, ONE_INSERT, REDIRECT, TAG_EVENT, TAG_EVENTS, WEBHOOK, Doors, figures
from benchmarks.figures import Figure, save, show
from benchmarks.footprint import memory, second_start
from benchmarks.ground import Ground
from benchmarks.kills import clicks_through_kills
from benchmarks.progress import said
from benchmarks.report_freshness import Freshness
from benchmarks.reports import FULL, QUICK, Reports
from benchmarks.retail import furnish, open_shops
from benchmarks.rewarded import Rewarding
from benchmarks.side_by_side import CONNECTIONS

LOADS: Final = {
    "redirect": (REDIRECT,),
    "landing": (LANDING,),
    "webhook": (WEBHOOK,),
    "tagevents": (TAG_EVENT, TAG_EVENTS),
}
REPORTS: Final = {"reports": FULL, "reports-quick": QUICK}
NAMES: Final = ("bots", *LOADS, "kills", "rewarded", "memory", "start", *REPORTS, "freshness")
USUAL: Final = tuple(name for name in NAMES if name != "reports")
"""Without a name: the full size of reports takes as long as all the others."""


def main(wanted: list[str]) -> int:
    unknown = sorted(set(wanted) - set(NAMES))
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    made = _measure(wanted or list(USUAL))
    save(made)
    show(made)
    return 0


def _measure(wanted: list[str]) -> list[Figure]:
    made: list[Figure] = bots.measure() if "bots" in wanted else []
    for name, size in REPORTS.items():
        if name in wanted:
            with Ground() as ground:
                made += Reports(ground, size).measure()
    if {"reports", "freshness"} & set(wanted):
        with Ground() as ground:
            made += Freshness(ground).measure()
    if not set(wanted) - {"bots", *REPORTS, "freshness"}:
        return made
    with Ground() as ground:
        if "start" in wanted:
            made += second_start(ground)
        if {*LOADS, "kills", "rewarded", "memory"} & set(wanted):
            made += _under_load(ground, wanted)
    return made


def _under_load(ground: Ground, wanted: list[str]) -> list[Figure]:
    made: list[Figure] = []
    opened = asyncio.run(open_shops(ground))
    ground.start_web()
    ground.start_worker()
    retailers = furnish(ground, opened)
    ground.start_baseline()
    if "memory" in wanted:
        made += memory(ground, "with 160 shops open")
    # The routes alone first: what the worker makes of the deliveries is measured next.
    ground.stop("worker")
    doors = Doors(ground, retailers)
    results = doors.measure([load for name in wanted for load in LOADS.get(name, ())])
    made += figures(results)
    if "redirect" in wanted:
        made += doors.steady(results[REDIRECT, CONNECTIONS[-1]].per_second)
    if "kills" in wanted:
        made += clicks_through_kills(ground, retailers)
    ground.start_worker()
    if "rewarded" in wanted:
        best = max(load.per_second for (name, _), load in results.items() if name == ONE_INSERT)
        made += Rewarding(ground, retailers).measure(best)
    if "memory" in wanted:
        made += memory(ground, "after load")
    said("stopping")
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
