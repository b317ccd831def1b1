"""The columnar engine's processes: kept while the web serves, replaced when they die, gone with it."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from adapters.tracking.reports import engine as engines
from adapters.tracking.reports.engine import Engine, TooMuchAsked


def running() -> set[int]:
    """Processes of the engine that this one started: the app under test may keep one of its own."""
    ours = psutil.Process().children()
    return {child.pid for child in ours if any(part.endswith("duck.py") for part in child.cmdline())}


def test_a_process_is_kept_for_the_next_job_and_ended_with_the_block(tmp_path: Path) -> None:
    others = running()

    def children() -> set[int]:
        return running() - others

    async def jobs() -> None:
        engine = Engine(tmp_path)
        async with engine.kept():
            assert await engine.run([("SELECT 20 + ?", [22])]) == [[42]]
            first = children()
            with pytest.raises(TooMuchAsked):
                await engine.run([("SELECT nonsense", [])])
            assert await engine.run([("CREATE TABLE mine (n int)", []), ("SELECT count(*) FROM mine", [])]) == [[0]]
            assert children() == first
            assert len(first) == 1
            psutil.Process(first.pop()).kill()
            await asyncio.sleep(0.05)
            assert await engine.run([("SELECT 1", [])]) == [[1]]
        assert children() == set()

    asyncio.run(jobs())


def test_a_job_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "WITHIN_S", 0.3)
    endless = "SELECT count(*) FROM range(10000000) a, range(10000000) b"
    others = running()

    async def jobs() -> None:
        with pytest.raises(TooMuchAsked):
            await Engine(tmp_path).run([(endless, [])])
        assert running() <= others

    asyncio.run(jobs())


def test_texts_are_the_same_in_every_locale() -> None:
    told = b"{}\n" + json.dumps([["SELECT ? = chr(228)", ["\u00e4"]]], ensure_ascii=False).encode() + b"\n"
    surroundings = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(
        [sys.executable, engines._CHILD], input=told, env=surroundings, capture_output=True, check=True
    )
    assert json.loads(done.stdout) == {"rows": [[True]]}
