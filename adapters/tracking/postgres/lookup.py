"""The lookups that come before a shop is known."""

from typing import Any

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, Unavailable


async def all_rows(relay: Database, statement: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """The statement's rows as the relay role; Unavailable when the database is away."""
    try:
        async with relay.engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            return list(await (await raw.execute(statement, parameters)).fetchall())
    except AWAY as error:
        raise Unavailable from error


async def first_row(relay: Database, statement: str, parameters: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The statement's first row, or None."""
    rows = await all_rows(relay, statement, parameters)
    return rows[0] if rows else None
