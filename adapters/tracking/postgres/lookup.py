"""The lookups that come before a shop is known."""

from typing import Any

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, Unavailable


async def first_row(relay: Database, statement: str, parameters: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The statement's first row as the relay role, or None; Unavailable when the database is away."""
    try:
        async with relay.engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            row: tuple[Any, ...] | None = await (await raw.execute(statement, parameters)).fetchone()
            return row
    except AWAY as error:
        raise Unavailable from error
