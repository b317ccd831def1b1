"""Which shops have something due: the one question that is asked across shops."""

from typing import Any

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, Unavailable
from kernel.ids import ShopId


async def shops_from(database: Database, sql: str, **parameters: Any) -> list[ShopId]:
    """Run a statement of %(name)s parameters as the context's relay role; its first column is a shop id."""
    try:
        async with database.engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            cursor = await raw.execute(sql, parameters)
            return [ShopId(row[0]) for row in await cursor.fetchall()]
    except AWAY as error:
        raise Unavailable from error
