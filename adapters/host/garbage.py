"""Memory of the processes that serve: what is not walked, and what is given back."""

import asyncio
import ctypes
import gc
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from adapters.shared.background import every

GIVE_BACK_S: Final = 5.0


def settle_garbage_collection() -> None:
    """What is here at start stays: do not walk it again, and walk the rest seldom.

    Took the p99 of a sketch of the web process to a third, and a twentieth of the worker's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def giving_back() -> AbstractAsyncContextManager[None]:
    """While the block lasts, give free memory back to the system now and then.

    The C library keeps what lies between things in use: after a busy hour a third of what a worker held.
    """
    return every(GIVE_BACK_S, _give_back, "giving memory back")


async def _give_back() -> None:
    if _TRIM is not None:
        await asyncio.to_thread(_TRIM, 0)


def _trim() -> Any:
    """glibc's `malloc_trim`, which works without the interpreter's lock; nothing where the C library has none."""
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


_TRIM: Final = _trim()
