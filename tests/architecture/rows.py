"""Puts a row of one shop into any table, and sees what another shop can do to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

import psycopg
from psycopg import sql

_VALUES: Final = {
    "uuid": "gen_random_uuid()", "text": "'x'", "bytea": "'\\x00'", "boolean": "false", "json": "'{}'", "jsonb": "'{}'",
    "timestamp with time zone": "now()", "date": "current_date", "interval": "'1 s'", "inet": "'127.0.0.1'",
    "xid8": "'1'",
}  # fmt: skip
COLUMNS: Final = """
    SELECT attname, format_type(atttypid, NULL), typtype::text FROM pg_attribute JOIN pg_type t ON t.oid = atttypid
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity <> 'a'
      AND attnotnull"""
STORED: Final = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"""
OURS: Final = uuid4()
OTHER: Final = uuid4()


def put_row(connection: psycopg.Connection, table: str) -> None:
    """Store a row of the shop OURS, past every check and trigger. The caller rolls back."""
    name = _name(table)
    connection.execute("SET LOCAL session_replication_role = replica")
    for (check,) in connection.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'", (table,)
    ).fetchall():
        connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(name, sql.Identifier(check)))
    columns = connection.execute(COLUMNS, (table,)).fetchall()
    values = [_value(column, kind, group) for column, kind, group in columns]
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            name, sql.SQL(", ").join(sql.Identifier(c[0]) for c in columns), sql.SQL(", ").join(values)
        )
    )


def _value(column: str, kind: str, group: str) -> sql.Composable:
    if column == "shop_id":
        return sql.Literal(str(OURS))
    if kind.endswith("[]"):
        return sql.SQL("'{}'")
    if group == "e":
        return sql.SQL("(enum_range(NULL::{}))[1]".format(kind))  # noqa: UP032
    return sql.SQL(_VALUES.get(kind, "1"))


def _name(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split("."))


def leaks(connection: psycopg.Connection, table: str) -> list[str]:
    """What the table's context lets another shop, or nobody's, see or do to a row of OURS."""
    put_row(connection, table)
    role = f"grapevine_{table.partition('.')[0]}"
    found = []
    if _outcome(connection, role, OURS, "SELECT count(*) FROM {}", table) not in {1, "refused"}:
        found.append("the shop itself does not see its row")
    if _outcome(connection, role, None, "SELECT count(*) FROM {}", table) != "refused":
        found.append("asking without a shop does not raise")
    if _outcome(connection, role, OTHER, "SELECT count(*) FROM {}", table) not in {0, "refused"}:
        found.append("another shop sees the row")
    changes = {"UPDATE": "UPDATE {} SET shop_id = shop_id", "DELETE": "DELETE FROM {}"}
    found += [
        f"another shop may {verb} the row"
        for verb, statement in changes.items()
        if _outcome(connection, role, OTHER, statement, table) not in {0, "refused"}
    ]
    if _insert(connection, role, table) != "refused":
        found.append("another shop may INSERT a row for this one")
    return [f"{table}: {leak}" for leak in found]


def _outcome(connection: psycopg.Connection, role: str, shop: Any, statement: str, table: str) -> int | str:
    """The count or the number of rows touched; "refused" when privileges or policies say no."""
    with _as(connection, role, shop):
        try:
            cursor = connection.execute(sql.SQL(statement).format(_name(table)))
        except psycopg.errors.InsufficientPrivilege:
            return "refused"
        row = cursor.fetchone() if cursor.description else None
        return int(row[0]) if row else cursor.rowcount


def _insert(connection: psycopg.Connection, role: str, table: str) -> int | str:
    query = "SELECT to_json(t)::text FROM {} t WHERE shop_id = %s LIMIT 1"
    row = connection.execute(sql.SQL(query).format(_name(table)), (OURS,)).fetchone()
    connection.execute(sql.SQL("DELETE FROM {}").format(_name(table)))
    kept = sql.SQL(", ").join(sql.Identifier(name) for (name,) in connection.execute(STORED, (table,)).fetchall())
    given = "INSERT INTO {} ({}) SELECT {} FROM json_populate_record(NULL::{}, {}::json) r"
    with _as(connection, role, OTHER):
        try:
            text = sql.Literal(row[0] if row else "{}")
            return connection.execute(sql.SQL(given).format(_name(table), kept, kept, _name(table), text)).rowcount
        except psycopg.errors.InsufficientPrivilege:
            return "refused"


@contextmanager
def _as(connection: psycopg.Connection, role: str, shop: Any) -> Iterator[None]:
    """As the role, in the transaction of a shop (or of none); everything done is undone."""
    with connection.transaction(force_rollback=True):
        if shop is not None:
            connection.execute("SELECT set_config('app.shop_id', %s, true)", (str(shop),))
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
        yield
