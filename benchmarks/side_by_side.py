"""Loads candidates and baselines in turn, round by round, so that a noisy machine treats them alike."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from statistics import median
from typing import Final

from benchmarks.progress import said
from benchmarks.wrk import Load

ROUNDS: Final = 3
SECONDS: Final = 3
CONNECTIONS: Final = (32, 256)

Contender = Callable[[int, int], Load]
"""Loads something with (connections, seconds)."""
Results = Mapping[tuple[str, int], Load]


def in_turn(contenders: Mapping[str, Contender], rest: Callable[[], object], rounds: int = ROUNDS) -> Results:
    """The median load of each contender at each number of connections. A failed answer fails the run.

    `rest` is called before each: what one has left to do is not for the next one to do.
    """
    for name, contender in contenders.items():
        said(f"warming up: {name}")
        contender(CONNECTIONS[0], 1)
    loads: dict[tuple[str, int], list[Load]] = defaultdict(list)
    for number in range(rounds):
        for connections in CONNECTIONS:
            # Every other round the other way round: what comes after whom must not decide.
            for name in list(contenders) if number % 2 == 0 else reversed(list(contenders)):
                rest()
                load = contenders[name](connections, SECONDS)
                if load.failures:
                    raise RuntimeError(f"{name} failed {load.failures} of {load.answers} answers")
                said(
                    f"round {number + 1} of {rounds}, {connections:3} connections: {load.per_second:9,.0f} /s"
                    f"  p99 {load.p99_ms:6.1f} ms  {name}"
                )
                loads[name, connections].append(load)
    return {key: _middle(several) for key, several in loads.items()}


def _middle(loads: list[Load]) -> Load:
    return Load(
        per_second=median(load.per_second for load in loads),
        answers=sum(load.answers for load in loads),
        p50_ms=median(load.p50_ms for load in loads),
        p99_ms=median(load.p99_ms for load in loads),
        failures=0,
        cpu_us=median(load.cpu_us for load in loads),
    )
