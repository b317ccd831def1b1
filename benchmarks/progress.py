"""Says on the terminal how far it is."""

import sys
import time

_started = time.monotonic()


def said(step: str) -> None:
    """One line with the time since the start, on standard error."""
    print(f"{time.monotonic() - _started:6.1f} s  {step}", file=sys.stderr, flush=True)
