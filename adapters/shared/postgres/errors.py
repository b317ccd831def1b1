"""What the database's absence means to a caller."""

import psycopg
import sqlalchemy.exc

from kernel.errors import DomainError


class Unavailable(DomainError):
    code = "temporarily_unavailable"
    kind = "unavailable"
    title = "Grapevine cannot answer right now; try again shortly"


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


def is_away(error: BaseException) -> bool:
    """True when the database could not be reached or went away: worth trying again, nobody's fault."""
    if isinstance(error, psycopg.errors.QueryCanceled | psycopg.errors.LockNotAvailable):
        return False
    return isinstance(error, AWAY) or (isinstance(error, DomainError) and error.kind == "unavailable")
