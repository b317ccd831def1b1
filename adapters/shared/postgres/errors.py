"""What the database's absence means to a caller."""

import psycopg
import sqlalchemy.exc

from kernel.errors import DomainError


class Unavailable(DomainError):
    code = "temporarily_unavailable"
    kind = "unavailable"
    title = "Grapevine cannot answer right now; try again shortly"


class TooSlow(DomainError):
    """The database is there, but a lock or a statement took too long: a caller may try again, a fact counts a try."""

    code = "too_slow"
    kind = "unavailable"
    title = "This took too long; try again shortly"


class ShopUnknown(DomainError):
    """The shop does not exist, or its facts have not arrived here yet."""

    code = "shop_unknown"
    kind = "unavailable"
    title = "The shop is not known here yet; try again shortly"


AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.TimeoutError,
    ConnectionError,
)
"""Errors that mean that the database is away, not that the statement is wrong."""


_TRANSIENT = ("08", "53", "57", "40")
"""SQLSTATE classes that pass by themselves: connection, resources, operator's intervention, deadlock."""
_SLOW = (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)


def is_away(error: BaseException) -> bool:
    """True when the database could not be reached or went away: worth trying again, nobody's fault."""
    if isinstance(error, DomainError):
        return error.kind == "unavailable" and not isinstance(error, TooSlow)
    if isinstance(error, sqlalchemy.exc.DBAPIError) and isinstance(error.orig, psycopg.Error):
        error = error.orig
    if isinstance(error, _SLOW) or not isinstance(error, AWAY):
        return False
    state = getattr(error, "sqlstate", None)
    return state is None or state.startswith(_TRANSIENT)


def is_slow(error: BaseException) -> bool:
    """True for a lock or statement that ran into its time limit."""
    return isinstance(getattr(error, "orig", None) or error, _SLOW)
