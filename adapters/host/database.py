"""Where the database is: the operator's, or the embedded one."""

from collections.abc import Callable

import psycopg
from psycopg import sql

from adapters.host.composition import role_password
from adapters.host.contexts import hosted
from adapters.host.embedded import EmbeddedPostgres
from adapters.host.settings import Settings, SettingsInvalid
from kernel.errors import DomainError


class DatabaseInUse(DomainError):
    code = "database_in_use"
    kind = "conflict"
    title = "The database is in use"


def conninfo_of(settings: Settings) -> str:
    """Connection string of the database's owner."""
    return settings.database_url or EmbeddedPostgres(settings.data_folder).conninfo


def prepare(settings: Settings, said: Callable[[str], None]) -> str:
    """Start the embedded server where there is no other, migrate, and return the owner's connection string.

    Raises SettingsInvalid when the database was made with another secret: person ids and passwords derive from it.
    """
    from adapters.shared.postgres.migrate import migrate  # with all of alembic, which a serving process never needs

    if settings.database_url is None:
        EmbeddedPostgres(settings.data_folder).start(said)
    conninfo = conninfo_of(settings)
    _check_secret(settings, conninfo)
    migrate(conninfo, hosted(settings), lambda name: role_password(settings, name), said)
    return conninfo


def stop(settings: Settings) -> bool:
    """Stop the embedded server; False when it did not run. DatabaseInUse while anybody is connected to it."""
    if settings.database_url is not None:
        raise SettingsInvalid("GRAPEVINE_DATABASE_URL names a database that is not ours to stop.")
    server = EmbeddedPostgres(settings.data_folder)
    if others := server.used_by():
        raise DatabaseInUse(f"Stop what uses it first (connections: {others}).")
    return server.stop()


def _check_secret(settings: Settings, conninfo: str) -> None:
    mark = f"grapevine:{settings.keys().derive('installation').hex()[:16]}"
    with _connected(conninfo) as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        noted = row[0] if row else None
        if noted is not None and noted.startswith("grapevine:") and noted != mark:
            raise SettingsInvalid("GRAPEVINE_SECRET_KEY is not the one that this database was made with.")
        if noted is None:
            name = sql.Identifier(connection.info.dbname)
            connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(mark)))


def _connected(conninfo: str) -> psycopg.Connection:
    try:
        return psycopg.connect(conninfo, autocommit=True)
    except psycopg.OperationalError as error:
        first, _, _ = str(error).partition("\n")
        raise SettingsInvalid(f"The database cannot be used: {first}") from None
