"""kill -9 of web three seconds after each start, for a minute: every click that was answered is in the table.

The journal is kept outside: by the visitors, who note a click when its redirect has arrived whole.
"""

import asyncio
import itertools
import random
import time
from collections.abc import Sequence
from typing import Final

from benchmarks.figures import Figure, against
from benchmarks.ground import Ground
from benchmarks.progress import said
from benchmarks.retail import Retailer

SECONDS: Final = 60
EVERY_S: Final = 3.0
LEAST_KILLS: Final = 5
VISITORS: Final = 32
REQUEST: Final = (
    "GET /l/{code}?utm_id={number} HTTP/1.1\r\nHost: links.example\r\n"
    "User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1\r\n\r\n"
)
STORED: Final = "SELECT convert_from(query, 'UTF8') FROM tracking.click WHERE query LIKE 'utm_id=%%'"


def clicks_through_kills(ground: Ground, retailers: Sequence[Retailer]) -> list[Figure]:
    """Clicks answered and clicks missing. Raises when one that was answered is missing or was stored twice."""
    codes = [promoter.link_code for retailer in retailers for promoter in retailer.promoters]
    said(f"clicks for {SECONDS} s, with kill -9 of web {EVERY_S:.0f} s after each start")
    answered, kills = asyncio.run(_visit_and_kill(ground, codes))
    stored = [int(query.removeprefix("utm_id=")) for (query,) in ground.sql(STORED)]
    missing, twice = answered - set(stored), len(stored) - len(set(stored))
    if missing or twice or not answered or kills < LEAST_KILLS:
        raise RuntimeError(f"{kills} kills, {len(answered)} clicks answered: {len(missing)} missing, {twice} twice")
    said(f"{kills} kills, {len(answered)} clicks answered, all of them stored")
    return [
        against("clicks answered while web was killed again and again", len(answered), "clicks", len(stored)),
        against("answered clicks that are missing from the table", len(missing), "clicks"),
    ]


async def _visit_and_kill(ground: Ground, codes: Sequence[str]) -> tuple[set[int], int]:
    numbers, answered = itertools.count(1), set[int]()
    until = time.monotonic() + SECONDS
    async with asyncio.TaskGroup() as group:
        killing = group.create_task(_kill(ground, until))
        for _ in range(VISITORS):
            group.create_task(_visit(ground.settings.port, codes, numbers, answered, until))
    return answered, killing.result()


async def _kill(ground: Ground, until: float) -> int:
    """Kill the whole process group, and start it anew as whoever keeps services running does."""
    kills = 0
    while time.monotonic() + EVERY_S < until:
        await asyncio.sleep(EVERY_S)
        await asyncio.to_thread(ground.kill, "web")
        kills += 1
        await asyncio.to_thread(ground.start_web)
    return kills


async def _visit(
    port: int, codes: Sequence[str], numbers: "itertools.count[int]", answered: set[int], until: float
) -> None:
    """One visitor after the other on a kept connection; a broken one is opened anew, its click is not repeated."""
    writer: asyncio.StreamWriter | None = None
    while time.monotonic() < until:
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            number = next(numbers)
            writer.write(REQUEST.format(code=random.choice(codes), number=number).encode())
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            if head.startswith(b"HTTP/1.1 302 "):
                answered.add(number)
        except (OSError, EOFError, TimeoutError):
            if writer is not None:
                writer.close()
            writer = None
            await asyncio.sleep(0.05)
    if writer is not None:
        writer.close()
