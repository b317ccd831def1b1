"""What is done across shops: asking which have something due, and dropping what is past its time."""

from typing import Any, Final, NamedTuple

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, Unavailable
from kernel.ids import ShopId

MOST_AT_ONCE: Final = 10_000


class Old(NamedTuple):
    """Rows of a table that are past their time. Both are constants of the code; the table has no partitions."""

    table: str
    which: str


async def shops_from(database: Database, sql: str, **parameters: Any) -> list[ShopId]:
    """Run a statement of %(name)s parameters as the context's relay role; its first column is a shop id."""
    try:
        async with database.engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            cursor = await raw.execute(sql, parameters)
            return [ShopId(row[0]) for row in await cursor.fetchall()]
    except AWAY as error:
        raise Unavailable from error


async def drop_old(database: Database, *olds: Old, most: int = MOST_AT_ONCE) -> None:
    """Delete them batch by batch, each in a transaction of its own.

    A whole night's rows in one statement would run into the time limit of statements; then nothing is deleted, and the
    next night there are more. A row is named by its place (`ctid`), which is cheap, and tells rows of one table apart
    but not those of several partitions.
    """
    async with await database.raw() as connection:
        for old in olds:
            batch = f"SELECT ctid FROM {old.table} WHERE {old.which} LIMIT %s"
            statement = f"DELETE FROM {old.table} WHERE ctid = ANY(ARRAY({batch}))".encode()
            while (await connection.execute(statement, (most,))).rowcount == most:
                pass
