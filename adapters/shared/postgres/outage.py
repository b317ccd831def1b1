"""What the log says of a database that is away: one line when the first notices, one when all have it back."""

import weakref
from typing import Final

import structlog

_log = structlog.get_logger()


class Outage:
    """Held by each loop that goes on by itself once the database is back. Together they say it once a process."""

    def begins(self, error: BaseException) -> None:
        if not _met:
            _log.warning("database.away", error=type(error).__name__)
        _met.add(self)

    def ends(self) -> None:
        """The database answered; costs next to nothing while it always does."""
        if self in _met:
            _met.discard(self)
            if not _met:
                _log.warning("database.back")


_met: Final[weakref.WeakSet[Outage]] = weakref.WeakSet()
"""Those who have met the outage and not yet its end; who ended meanwhile waits for nothing."""
