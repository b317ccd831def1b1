"""One embedded server for a test run; a migrated template; a database of its own for each parallel process."""

import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from adapters.host.composition import role_password
from adapters.host.contexts import hosted
from adapters.host.embedded import TUNING, EmbeddedPostgres
from adapters.host.settings import Settings
from adapters.shared.postgres.migrate import migrate

SECRET = "a secret for tests, long enough to be taken"
VARIABLE = "GRAPEVINE_TEST_SERVER"
TEMPLATE = os.environ.get("GRAPEVINE_TEST_TEMPLATE", "grapevine")
"""The migrated database of which every test run's databases are copies, and after which they are named."""
# Tests check what a crash of our processes loses, not of the machine: the disk need not be waited for.
# Several test processes share the server, each with an installation and the processes it starts.
FAST = TUNING | {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "500",
    "file_copy_method": "clone",
}

TABLES = """
    SELECT relnamespace::regnamespace::text, relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
"""
OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def test_settings(**changes: object) -> Settings:
    alone = os.environ.get("GRAPEVINE_TEST_ALONE", "")
    values = {"environment": "test", "secret_key": SECRET, "contexts": alone, "database_url": "postgresql://unused"}
    return Settings(**{**values, **changes})  # type: ignore[arg-type]


test_settings.__test__ = False  # type: ignore[attr-defined]  # its name says what it is for, not what it is


def start_server(tuning: Mapping[str, str] = FAST) -> EmbeddedPostgres:
    server = new_server(tuning)
    make_template(server)
    return server


def new_server(tuning: Mapping[str, str] = FAST) -> EmbeddedPostgres:
    return EmbeddedPostgres(Path(tempfile.mkdtemp(prefix="grapevine tests ")), tuning)


def make_template(server: EmbeddedPostgres) -> None:
    """Start the server and make the template on it, which is called one once it is complete."""
    server.start(lambda _: None)
    settings = test_settings()
    migrate(server.conninfo, hosted(settings), lambda name: role_password(settings, name), lambda _: None)
    with psycopg.connect(_maintenance(server.conninfo), autocommit=True) as connection:
        connection.execute("ALTER DATABASE grapevine IS_TEMPLATE true")


def wait_for_template(server: str, within_s: float = 90) -> None:
    """Until somebody else has made it."""
    deadline = time.monotonic() + within_s
    while not _has_template(server):
        assert time.monotonic() < deadline, "the process that started this one has not made the database"
        time.sleep(0.05)


def _has_template(server: str) -> bool:
    try:
        with psycopg.connect(_maintenance(server), autocommit=True) as connection:
            made = connection.execute("SELECT datistemplate FROM pg_database WHERE datname = %s", [TEMPLATE])
            return made.fetchone() == (True,)
    except psycopg.OperationalError:
        return False


def make_database(server: str, suffix: str, template: str = TEMPLATE) -> str:
    """A fresh copy of the migrated template, on the server that a connection string leads to; the copy's owner's."""
    name = f"{template}_{suffix}"
    conninfo = psycopg.conninfo.make_conninfo(server, dbname=name)
    drop_database(conninfo)
    with psycopg.connect(_maintenance(conninfo), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return conninfo


def drop_database(conninfo: str) -> None:
    name = str(psycopg.conninfo.conninfo_to_dict(conninfo)["dbname"])
    with psycopg.connect(_maintenance(conninfo), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(sql.Identifier(name)))


class Quiet:
    """A database that one test after the other finds empty, which is much sooner done than another copy."""

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        with psycopg.connect(conninfo, autocommit=True) as connection:
            tables = [sql.Identifier(*row) for row in connection.execute(TABLES)]
            filled = (connection.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(name)).rowcount for name in tables)
            deletes = [
                sql.SQL("; DELETE FROM {}").format(name) for name, rows in zip(tables, filled, strict=True) if not rows
            ]
        # Triggers that forbid it, or tell somebody, are not to stand in the way.
        self._empty = sql.SQL("SET session_replication_role = replica") + sql.Composed(deletes)

    def empty(self) -> None:
        """Send away whoever is still connected, and delete all rows that did not come with the tables."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            connection.execute(OTHERS)
            connection.execute(self._empty)


def _maintenance(conninfo: str) -> str:
    return psycopg.conninfo.make_conninfo(conninfo, dbname="postgres")
