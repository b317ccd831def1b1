"""How much memory web and worker hold, and how soon a second start shows its first page."""

import contextlib
import subprocess
import time

import psutil

from benchmarks.figures import Figure, against
from benchmarks.ground import Ground, free_port, wait_for
from benchmarks.progress import said

FIRST_PAGE_WITHIN_S = 180


def memory(ground: Ground, name: str) -> list[Figure]:
    """Proportional set size of both process trees (shared pages count once), and resident size beside."""
    ours = [ground.processes[part].pid for part in ("web", "worker")]
    baseline = [ground.processes["baseline"].pid]
    pss, rss = _megabytes(ours)
    bare_pss, bare_rss = _megabytes(baseline)
    return [
        against(f"web and worker, resident {name}", pss, "MB, PSS", bare_pss),
        against(f"web and worker, resident {name}, shared pages counted twice", rss, "MB, RSS", bare_rss),
    ]


def _megabytes(roots: list[int]) -> tuple[float, float]:
    trees = [process for root in roots for process in process_tree(root)]
    pss = sum(getattr(process.memory_full_info(), "pss", process.memory_info().rss) for process in trees)
    return pss / 1e6, sum(process.memory_info().rss for process in trees) / 1e6


def process_tree(root: int) -> list[psutil.Process]:
    """A process and all that it has started."""
    process = psutil.Process(root)
    return [process, *process.children(recursive=True)]


def second_start(ground: Ground) -> list[Figure]:
    """`grapevine demo` twice on a folder of its own: the first makes everything, the second only starts."""
    folder = ground.folder / "demo"
    ground.leftovers.append(folder)
    times = []
    for number in ("first", "second", "third"):
        port = free_port()
        started = time.monotonic()
        ground.start(
            "demo", "adapters.host.cli", "demo", GRAPEVINE_DATA_FOLDER=str(folder), GRAPEVINE_PORT=str(port),
            PYTHONPATH=ground.python_path,
        )  # fmt: skip
        address = f"http://127.0.0.1:{port}/demo"
        wait_for(address, ground.processes["demo"], ground.log("demo"), FIRST_PAGE_WITHIN_S)
        times.append(time.monotonic() - started)
        said(f"{number} start to first page: {times[-1]:.1f} s")
        _stop_gently(ground)
    return [
        Figure(name="first start to first page", value=round(times[0], 2), unit="s"),
        against("second start to first page", times[1], "s", times[0]),
        against("third start to first page", times[2], "s", times[0]),
    ]


def _stop_gently(ground: Ground) -> None:
    """As Ctrl-C: the demo stops its own processes and its database."""
    process = ground.processes["demo"]
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(60)
    ground.stop("demo")
