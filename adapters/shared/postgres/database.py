"""Connections of one database role: a pool for units of work, and dedicated ones for the hot path."""

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.shared.postgres.question import Questions


def _options(schema: str) -> str:
    return f"-c search_path={schema},pg_catalog -c TimeZone=UTC -c statement_timeout=20s -c lock_timeout=10s"


class Database:
    """The database as one role of one context sees it.

    Connections are in autocommit: a unit of work says BEGIN itself, together with the shop, in one round trip.
    """

    def __init__(self, conninfo: str, *, schema: str, pool_size: int = 5, pool_timeout: float = 5.0) -> None:
        self.schema = schema
        self._conninfo = psycopg.conninfo.make_conninfo(
            conninfo, options=_options(schema), application_name=f"grapevine {schema}", connect_timeout=5
        )
        self.engine: AsyncEngine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=self.raw,
            isolation_level="AUTOCOMMIT",
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=pool_timeout,
        )
        self.questions = Questions(self.raw)

    async def raw(self) -> psycopg.AsyncConnection:
        """A connection of its own, in autocommit; whoever asks closes it."""
        return await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)

    async def close(self) -> None:
        await self.questions.close()
        await self.engine.dispose()
