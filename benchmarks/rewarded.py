"""Orders rewarded: signed webhooks in, both rewards posted, by one web and one worker process."""

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import linear_regression
from typing import Final

from msgspec import Struct

from benchmarks.figures import Figure, against
from benchmarks.friends import choose, claim, write_deliveries
from benchmarks.ground import Ground
from benchmarks.progress import said
from benchmarks.retail import Retailer, pending_facts
from benchmarks.wrk import Load, load

CONNECTIONS: Final = 32
SECONDS: Final = 30
BURST: Final = 4000
TRIES: Final = 5
SAMPLE_S: Final = 0.25
WANTED: Final = 0.25
"""Of the rate of one insert: what has to be held. Delays are taken at half of that, and at half of what is held."""
STEADY: Final = 0.03
"""Of the rate: how much the backlog may seem to grow in a second."""

# Deliveries that wait, and orders that referral has not settled yet. Both counts read a small index.
BACKLOG = """
SELECT (SELECT count(*) FROM tracking.webhook_delivery WHERE state = 'waiting')
     + (SELECT coalesce(sum(1 + coalesce(cardinality(further), 0)), 0)
        FROM tracking.delivery WHERE subscriber = 'referral')
"""
POSTED = "SELECT count(*) FROM (SELECT order_id FROM referral.reward GROUP BY order_id HAVING count(*) = 2) AS pairs"
# From the moment that the webhook was stored, a little before its answer, to the commit of the later of both rewards.
DELAYS = """
WITH posted AS (
    SELECT o.external_id, max(pg_xact_commit_timestamp(r.xmin)) AS at, count(*) AS sides
    FROM referral.reward r JOIN tracking.orders o USING (shop_id, order_id)
    GROUP BY o.external_id
)
SELECT extract(epoch FROM p.at - d.received_at)::float8 AS delay
FROM tracking.webhook_delivery d JOIN posted p ON d.delivery_key = 'delivery-' || p.external_id
WHERE d.received_at >= %s AND p.sides = 2 ORDER BY delay
"""
UNBALANCED = """
SELECT count(*) FROM (
    SELECT 1 FROM referral.posting GROUP BY shop_id, currency HAVING sum(amount_minor) <> 0
) AS odd
"""
WRONG = (
    "SELECT (SELECT count(*) FROM tracking.webhook_delivery WHERE state = 'parked')"
    " + (SELECT count(*) FROM tracking.delivery WHERE parked_at IS NOT NULL)"
)


class Trial(Struct, frozen=True, kw_only=True):
    """One steady load: what was asked for, what was answered and posted in time, and the backlog once a second."""

    rate: float
    seconds: float
    answered: int
    posted: int
    backlog: list[int]

    def __str__(self) -> str:
        backlog = self.backlog[:: max(1, len(self.backlog) // 6)]
        answered = self.answered / self.seconds
        verdict = "holds" if self.holds else "grows"
        return f"{answered:.0f} /s answered, {self.sustained:.0f} /s rewarded, backlog {backlog}: {verdict}"

    @property
    def sustained(self) -> float:
        return self.posted / self.seconds

    @property
    def holds(self) -> bool:
        """All was answered, and after the first third the backlog does not grow.

        Orders gather before they are worked off, so the backlog swings by more than the orders of a second; what counts
        is the slope of a line through it, and a line through swings alone rises by up to 3 % of the rate.
        """
        settled = self.backlog[len(self.backlog) // 3 :]
        slope = linear_regression(range(len(settled)), settled).slope / SAMPLE_S if len(settled) > 1 else 0.0
        return self.answered >= 0.97 * self.rate * self.seconds and slope <= STEADY * self.rate


class Rewarding:
    def __init__(self, ground: Ground, retailers: Sequence[Retailer]) -> None:
        self._ground = ground
        self._retailers = retailers
        self._file = ground.folder / "orders.txt"

    def measure(self, one_insert: float) -> list[Figure]:
        """Find the rate that holds for 30 s, then the delay at half of it."""
        self._forget_waiting()
        rate = self._burst()
        best: Trial | None = None
        failed = float("inf")
        for _ in range(TRIES):
            trial = self._trial(rate, SECONDS)
            said(f"{rate:.0f} /s asked: {trial}")
            if trial.holds:
                best = trial if best is None or trial.sustained > best.sustained else best
                rate = min(rate * 1.15, (rate + failed) / 2)
            else:
                failed = min(failed, rate)
                rate = (rate + best.rate) / 2 if best else min(rate, trial.sustained) * 0.85
        value = best.sustained if best else 0.0
        made = [against("orders rewarded, both sides, sustained", value, "1/s", one_insert)]
        asked_for = WANTED * one_insert
        made += self._delays(asked_for / 2, "at half of a quarter of one insert")
        return [*made, *self._delays((best.rate if best else rate) / 2, "at half of that")]

    def _burst(self) -> float:
        """A first guess of the rate: how fast a burst is worked off."""
        self._prepare(BURST)
        said(f"a burst of {BURST} orders")
        wanted = self._posted() + BURST * 98 // 100
        started = time.monotonic()
        burst = threading.Thread(target=self._deliver, args=(10,))
        burst.start()
        while self._posted() < wanted and time.monotonic() - started < 120:
            time.sleep(0.2)
        rate = BURST / (time.monotonic() - started)
        burst.join()
        said(f"worked off at {rate:.0f} /s")
        return rate

    def _trial(self, rate: float, seconds: int) -> Trial:
        self._prepare(int(rate * seconds * 1.02) + 100)
        before_posted, before_stored = self._posted(), self._stored()
        with self._watched() as backlog:
            found = self._deliver(seconds, rate)
            self._no_failures(found)
            posted = self._posted() - before_posted
        answered = self._stored() - before_stored
        self._drain()
        return Trial(rate=rate, seconds=seconds, answered=answered, posted=posted, backlog=backlog)

    def _delays(self, rate: float, which: str) -> list[Figure]:
        self._prepare(int(rate * 20) + 100)
        started = self._ground.sql("SELECT now()")[0][0]
        said(f"{rate:.0f} /s for 20 s, to see how long a reward takes")
        found = self._deliver(20, rate)
        self._no_failures(found)
        self._drain()
        delays = [row[0] for row in self._ground.sql(DELAYS, started)]
        if len(delays) < 0.97 * rate * 20 or self._ground.sql(UNBALANCED)[0][0] or self._ground.sql(WRONG)[0][0]:
            raise RuntimeError(f"Only {len(delays)} of {rate * 20:.0f} orders were rewarded, or the books do not fit.")
        answers = found.p99_ms / 1000
        return [
            against(f"answer to posted rewards {which}, p{percent}", _quantile(delays, percent), "s", baseline)
            for percent, baseline in ((50, found.p50_ms / 1000), (99, answers))
        ]

    def _prepare(self, count: int) -> None:
        said(f"{count} friends claim their deal")
        friends = choose(self._retailers, count)
        write_deliveries(friends, self._file)
        asyncio.run(claim(self._ground, friends))
        self._drain()

    def _deliver(self, seconds: float, rate: float | None = None) -> Load:
        arguments = (str(self._file), "once", *((f"{rate:.2f}",) if rate else ()))
        return load(
            self._ground.base, connections=CONNECTIONS, seconds=seconds, script="deliver.lua", arguments=arguments
        )

    @staticmethod
    def _no_failures(found: Load) -> None:
        if found.failures:
            raise RuntimeError(f"{found.failures} of {found.answers} webhooks were not taken")

    @contextmanager
    def _watched(self) -> Iterator[list[int]]:
        backlog: list[int] = []
        stop = threading.Event()

        def watch() -> None:
            while not stop.wait(SAMPLE_S):
                backlog.append(self._backlog())

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield backlog
        finally:
            stop.set()
            thread.join()

    def _backlog(self) -> int:
        return int(self._ground.sql(BACKLOG)[0][0])

    def _posted(self) -> int:
        return int(self._ground.sql(POSTED)[0][0])

    def _stored(self) -> int:
        return int(self._ground.sql("SELECT count(*) FROM tracking.webhook_delivery")[0][0])

    def _forget_waiting(self) -> None:
        """What the acknowledgement test left behind is nobody's order."""
        self._ground.sql("TRUNCATE tracking.webhook_delivery")

    def _drain(self, within: float = 240) -> None:
        deadline = time.monotonic() + within
        while self._backlog() or pending_facts(self._ground):
            if time.monotonic() > deadline:
                raise RuntimeError(f"The worker does not keep up:\n{self._ground.log('worker').read_text()[-3000:]}")
            time.sleep(0.2)


def _quantile(ordered: Sequence[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
