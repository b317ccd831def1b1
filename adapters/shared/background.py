"""Work beside a process's own: begun with a block, and ended with it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog

_log = structlog.get_logger()


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Run `work` while the block lasts; then cancel it and wait until it has ended. Raises what it raised."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def every(
    pause_s: float, act: Callable[[], Awaitable[None]], name: str
) -> contextlib.AbstractAsyncContextManager[None]:
    """Call `act` again and again while the block lasts, `pause_s` seconds before each. What it raises is logged."""

    async def repeat() -> None:
        while True:
            await asyncio.sleep(pause_s)
            try:
                await act()
            except Exception:  # the next time may go well, and nobody else would try
                _log.exception("background.failed", task=name)

    return in_background(repeat(), name)
