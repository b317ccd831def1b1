"""Connections of one database role: a pool for units of work, and dedicated ones for the hot path."""

from functools import cached_property

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.shared.postgres.pipe import Pipe
from adapters.shared.postgres.question import Questions


def _options(schema: str, *, planned_once: bool) -> str:
    settings = {
        "search_path": f"{schema},pg_catalog",
        "TimeZone": "UTC",
        "statement_timeout": "20s",
        "lock_timeout": "10s",
        "plan_cache_mode": "force_generic_plan" if planned_once else "auto",
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


class Wire(psycopg.AsyncConnection[TupleRow]):
    """psycopg's connection, with its pipe."""

    @cached_property
    def pipe(self) -> Pipe:
        return Pipe(self)


class Database:
    """The database as one role of one context sees it.

    Connections are in autocommit: a unit of work says BEGIN itself, together with the shop, in one round trip.
    `planned_once` is for statements that take arrays of keys and find each by an index: to plan them anew each time, as
    PostgreSQL would, costs more than to run them. A question with optional filters needs a plan for what it asks.
    """

    def __init__(
        self, conninfo: str, *, schema: str, pool_size: int = 5, pool_timeout: float = 5.0, planned_once: bool = False
    ) -> None:
        self.schema = schema
        self._conninfo = psycopg.conninfo.make_conninfo(
            conninfo,
            options=_options(schema, planned_once=planned_once),
            application_name=f"grapevine {schema}",
            connect_timeout=5,
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

    async def raw(self) -> Wire:
        """A connection of its own, in autocommit; whoever asks closes it."""
        return await Wire.connect(self._conninfo, autocommit=True)

    async def close(self) -> None:
        await self.questions.close()
        await self.engine.dispose()
