"""Runs wrk and reads what it says."""

import re
import shutil
import subprocess
from pathlib import Path

from msgspec import Struct

LUA = Path(__file__).parent / "lua"
_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class WrkMissing(Exception):
    """wrk is not installed."""


class Load(Struct, frozen=True):
    """What a load found: answers per second, latencies in milliseconds, and what went wrong.

    `cpu_us` is what the serving processes spent on each answer, by the system's own accounting; 0 when nobody asked.
    """

    per_second: float
    answers: int
    p50_ms: float
    p99_ms: float
    failures: int
    cpu_us: float = 0.0


def load(
    address: str, *, connections: int, seconds: float, script: str | None = None, arguments: tuple[str, ...] = ()
) -> Load:
    """Load an address with one thread of wrk. Answers of 400 and more, and socket errors, are failures."""
    command = ["wrk", "--latency", "-t", "1", "-c", str(connections), "-d", f"{seconds:.0f}s", "--timeout", "10s"]
    if script:
        command += ["-s", str(LUA / script)]
    command.append(address)
    if arguments:
        command += ["--", *arguments]
    if shutil.which("wrk") is None:
        raise WrkMissing("wrk is needed: apt-get install wrk, or brew install wrk.")
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"wrk failed: {done.stdout}{done.stderr}")
    return read(done.stdout)


def read(text: str) -> Load:
    """wrk's report as numbers."""
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    answers = re.search(r"(\d+) requests in", text)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    if answers is None or rate is None:
        raise RuntimeError(f"wrk said nothing useful: {text}")
    failures = int(refused[1]) if refused else 0
    failures += sum(map(int, broken.groups())) if broken else 0
    return Load(float(rate[1]), int(answers[1]), _percentile(text, 50), _percentile(text, 99), failures)


def _percentile(text: str, percent: int) -> float:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)\s*$", text, re.MULTILINE)
    return float(found[1]) * _MILLISECONDS[found[2]] if found else 0.0
