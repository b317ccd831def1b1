"""Where the database is: the operator's, or the embedded one."""

from collections.abc import Callable

from adapters.host.composition import role_password
from adapters.host.contexts import hosted
from adapters.host.embedded import EmbeddedPostgres
from adapters.host.settings import Settings
from adapters.shared.postgres.migrate import migrate


def conninfo_of(settings: Settings) -> str:
    """Connection string of the database's owner."""
    return settings.database_url or EmbeddedPostgres(settings.data_folder).conninfo


def prepare(settings: Settings, said: Callable[[str], None]) -> str:
    """Start the embedded server where there is no other, migrate, and return the owner's connection string."""
    if settings.database_url is None:
        EmbeddedPostgres(settings.data_folder).start(said)
    conninfo = conninfo_of(settings)
    migrate(conninfo, hosted(settings), lambda name: role_password(settings, name), said)
    return conninfo
