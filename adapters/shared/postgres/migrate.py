"""Roles, schemas and migrations: one alembic branch and version table per context, forward only."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import create_engine

from adapters.shared.postgres.roles import roles_of

_ROOT: Final = Path(__file__).parents[2]
Password = Callable[[str], str]
"""The password of a database role, by its name."""


def migrate(conninfo: str, contexts: Sequence[str], password: Password, said: Callable[[str], None]) -> None:
    """Bring the database up to date as its owner; safe to repeat and to run from several places at once."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(4715)")
        for context in contexts:
            _prepare(connection, context, password)
            if _version(connection, context) != _head(context):
                said(f"migrating {context}")
                _upgrade(conninfo, context)
            _keep_powerless(connection, context)


def _prepare(connection: psycopg.Connection, context: str, password: Password) -> None:
    database = connection.info.dbname
    for name in roles_of(context):
        known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
        if known is None:
            powerless = "CREATE ROLE {} NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION"
            connection.execute(sql.SQL(powerless).format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(password(name)))
        )
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), sql.Identifier(name))
        )
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(context)))
    connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    for name in roles_of(context):
        connection.execute(
            sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(context), sql.Identifier(name))
        )


def _keep_powerless(connection: psycopg.Connection, context: str) -> None:
    # Nobody but the owner may make or drop anything: a schema's default already says so; make sure it stays so.
    for name in roles_of(context):
        connection.execute(
            sql.SQL("REVOKE CREATE ON SCHEMA {} FROM {}").format(sql.Identifier(context), sql.Identifier(name))
        )


def _config(context: str) -> Config:
    config = Config()
    config.set_main_option("script_location", _escaped(_ROOT / "shared" / "postgres" / "alembic"))
    config.set_main_option("path_separator", "newline")
    versions = _ROOT / context / "postgres" / "migrations" / "versions"
    config.set_main_option("version_locations", _escaped(versions))
    config.attributes["context"] = context
    return config


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


def _head(context: str) -> str | None:
    return ScriptDirectory.from_config(_config(context)).get_current_head()


def _version(connection: psycopg.Connection, context: str) -> str | None:
    there = connection.execute("SELECT to_regclass(%s)", (f"{context}.alembic_version",)).fetchone()
    if there is None or there[0] is None:
        return None
    query = sql.SQL("SELECT version_num FROM {}.alembic_version").format(sql.Identifier(context))
    row = connection.execute(query).fetchone()
    return str(row[0]) if row else None


def _upgrade(conninfo: str, context: str) -> None:
    def connect() -> Any:
        options = f"-c search_path={context} -c lock_timeout=5s -c TimeZone=UTC"
        return psycopg.connect(conninfo, options=options)

    engine = create_engine("postgresql+psycopg://", creator=connect)
    config = _config(context)
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
