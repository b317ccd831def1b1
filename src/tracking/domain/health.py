"""How a connection is doing: whether what its platform sends arrives, checks out and is settled."""

from datetime import datetime, timedelta
from typing import Final, Literal

from msgspec import Struct

State = Literal["disabled", "secret_missing", "waiting", "healthy", "failing", "silent"]
"""waiting: for the first delivery that checks out. silent: longer without one than is usual for this connection."""

RECENT: Final = timedelta(hours=24)
"""A failure that is older says nothing of now, and no connection is silent before."""
LATE: Final = timedelta(minutes=15)
"""A delivery that waits longer is failing, whatever it waits for."""
GAPS: Final = 10
"""So many times the usual pause between two deliveries is a silence."""
WINDOW: Final = timedelta(days=30)
"""Over which the usual pause is taken."""
MOST_FAILURES: Final = 10
"""How many of the latest failures are kept."""


class Failure(Struct, frozen=True):
    """A delivery that was refused at the door. Nothing of it is kept: whoever sent it, it was not believed."""

    at: datetime
    code: str


class Pulse(Struct, frozen=True, kw_only=True):
    """What is known of a connection's deliveries."""

    first_good_at: datetime | None = None
    last_good_at: datetime | None = None
    last_failed_at: datetime | None = None
    good_in_window: int = 0
    oldest_waiting_at: datetime | None = None
    parked: int = 0


def state_of(pulse: Pulse, *, enabled: bool, has_secret: bool, now: datetime) -> State:
    if not enabled:
        return "disabled"
    if not has_secret:
        return "secret_missing"
    if _fails(pulse, now):
        return "failing"
    if pulse.last_good_at is None:
        return "waiting"
    usual = WINDOW / max(1, pulse.good_in_window)
    if now - pulse.last_good_at > max(RECENT, GAPS * usual):
        return "silent"
    return "healthy"


def _fails(pulse: Pulse, now: datetime) -> bool:
    late = pulse.oldest_waiting_at is not None and now - pulse.oldest_waiting_at > LATE
    failed = pulse.last_failed_at
    if failed is not None and now - failed <= RECENT:
        late = late or pulse.last_good_at is None or failed > pulse.last_good_at
    return late or pulse.parked > 0
