"""How soon an answered click is in the roll-ups, what of the processor that takes, and what it leaves of the peak."""

import threading
import time
from statistics import median
from typing import Final

import psutil
import psycopg

from benchmarks.figures import Figure, against
from benchmarks.ground import Ground
from benchmarks.progress import said
from benchmarks.report_data import seed
from benchmarks.reports import LAST
from benchmarks.wrk import Load, load

CONNECTIONS: Final = 32
SECONDS: Final = 10
ROUNDS: Final = 3
LEAD: Final = """
INSERT INTO tracking.link_code (code, shop_id, link_id, destination, programme_id)
SELECT code, shop_id, link_id, destination, programme_id FROM tracking.link
"""
BACKENDS: Final = """
SELECT pid, coalesce(usename, '') || CASE WHEN application_name = 'grapevine reports' THEN ' rolling up' ELSE '' END
FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


class Freshness:
    """Clicks through the real web process, with the real worker beside it."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def measure(self) -> list[Figure]:
        seed(self._ground, LAST)
        self._ground.sql(LEAD)
        self._ground.start_web()
        paths = self._ground.folder / "paths.txt"
        codes = [code for (code,) in self._ground.sql("SELECT code FROM tracking.link ORDER BY random() LIMIT 2000")]
        paths.write_text("".join(f"/l/{code}?utm_source=whatsapp&utm_campaign=spring\n" for code in codes))
        self._get(str(paths), None, 2)
        alone, peak = [], []
        for _ in range(ROUNDS):
            alone.append(self._get(str(paths), None, 4).per_second)
            self._ground.start_worker()
            self._caught_up()
            peak.append(self._get(str(paths), None, 4).per_second)
            self._caught_up()
            self._ground.stop("worker")
        self._ground.start_worker()
        marks, cpu, answers = self._under_watch(str(paths), median(peak) / 2)
        # Afterwards, as a worker that has just started is still busy with that.
        idle = self._processor()
        time.sleep(SECONDS + 2)
        idle = {name: spent - idle[name] for name, spent in self._processor().items()}
        lags = self._lags(marks)
        rolled = cpu["rolling up"] + cpu["worker"] - idle["worker"]
        ingest = cpu["web"] + cpu["recorder"]
        said(f"while nothing happens: { ({name: round(spent, 2) for name, spent in idle.items()}) }")
        said(f"{answers / SECONDS:,.0f} /s of {median(peak):,.0f} /s at peak; processor seconds {cpu}")
        return [
            against("redirect while figures are rolled up, 32 connections", median(peak), "1/s", median(alone)),
            against("click to roll-up at half of peak, p99", lags[int(len(lags) * 0.99)], "s"),
            against("click to roll-up at half of peak, median", lags[len(lags) // 2], "s"),
            against("processor time of rolling up, beside taking clicks in", rolled, "s", ingest),
        ]

    def _get(self, paths: str, rate: float | None, seconds: int) -> Load:
        """As fast as it goes, or at a steady rate."""
        arguments = (paths,) if rate is None else (paths, f"{rate:.0f}")
        return load(self._ground.base, connections=CONNECTIONS, seconds=seconds, script="get.lua", arguments=arguments)

    def _under_watch(self, paths: str, rate: float) -> tuple[list[tuple[float, int]], dict[str, float], int]:
        """(time, below which transaction was counted) again and again, processor seconds by what, and answers."""
        marks: list[tuple[float, int]] = []
        stop = threading.Event()

        def watch() -> None:
            with psycopg.connect(self._ground.postgres.conninfo, autocommit=True) as connection:
                while not stop.is_set():
                    query = "SELECT counted_below::text FROM tracking.report_progress"
                    row = connection.execute(query).fetchone()
                    marks.append((time.time(), int(row[0]) if row else 0))
                    time.sleep(0.02)

        watching = threading.Thread(target=watch)
        before = self._processor()
        watching.start()
        done = self._get(paths, rate, SECONDS)
        time.sleep(2)
        after = self._processor()
        stop.set()
        watching.join()
        if done.failures:
            raise RuntimeError(f"{done.failures} failed answers")
        return marks, {name: round(after[name] - before[name], 2) for name in after}, done.answers

    def _processor(self) -> dict[str, float]:
        spent = {"web": 0.0, "worker": 0.0, "recorder": 0.0, "rolling up": 0.0, "others": 0.0}
        for name in ("web", "worker"):
            root = psutil.Process(self._ground.processes[name].pid)
            spent[name] += sum(sum(one.cpu_times()[:2]) for one in (root, *root.children(recursive=True)))
        for pid, what in self._ground.sql(BACKENDS):
            kind = "rolling up" if what.endswith("rolling up") else "recorder" if "recorder" in what else "others"
            spent[kind] += sum(psutil.Process(pid).cpu_times()[:2])
        return spent

    def _caught_up(self) -> None:
        query = "SELECT count(*) FROM tracking.click"
        rolled = "SELECT coalesce(sum(clicks), 0) FROM tracking.report_hour"
        deadline = time.monotonic() + 60
        while self._ground.sql(query) != self._ground.sql(rolled):
            if time.monotonic() > deadline:
                raise RuntimeError("the roll-up does not catch up")
            time.sleep(0.2)

    def _lags(self, marks: list[tuple[float, int]]) -> list[float]:
        """From each click's answer, at the latest its recorded moment, to the mark that passed it; sorted."""
        begins = marks[0][0]
        query = "SELECT tx::text, extract(epoch FROM recorded_at)::float8 FROM tracking.click c ORDER BY c.tx"
        clicks = [(int(tx), at) for tx, at in self._ground.sql(query) if at >= begins]
        self._caught_up()
        lags, place = [], 0
        for tx, at in clicks:
            while place < len(marks) and marks[place][1] <= tx:
                place += 1
            if place == len(marks):
                raise RuntimeError("a click was not counted two seconds after the load")
            lags.append(marks[place][0] - at)
        return sorted(lags)
