"""Connections of one database role: a pool for units of work, and dedicated ones for the hot path."""

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Final

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.shared.postgres.pipe import Pipe
from adapters.shared.postgres.question import Questions

READS_ONLY: Final = {"default_transaction_read_only": "on"}
NONE: Final[Mapping[str, str]] = MappingProxyType({})


def _options(schema: str, settings: Mapping[str, str]) -> str:
    ours = {
        "search_path": f"{schema},pg_catalog",
        "TimeZone": "UTC",
        "statement_timeout": "20s",
        "lock_timeout": "10s",
    }
    return " ".join(f"-c {name}={value}" for name, value in {**ours, **settings}.items())


class Wire(psycopg.AsyncConnection[TupleRow]):
    """psycopg's connection, with its pipe."""

    @cached_property
    def pipe(self) -> Pipe:
        return Pipe(self)


class Database:
    """The database as one role of one context sees it.

    Connections are in autocommit: a unit of work says BEGIN itself, together with the shop, in one round trip.
    `settings` are further ones of PostgreSQL's, by name.
    """

    def __init__(
        self,
        conninfo: str,
        *,
        schema: str,
        pool_size: int = 5,
        pool_timeout: float = 5.0,
        settings: Mapping[str, str] = NONE,
    ) -> None:
        self.schema = schema
        self._conninfo, reading = (
            psycopg.conninfo.make_conninfo(
                conninfo,
                options=_options(schema, chosen),
                application_name=f"grapevine {schema}",
                connect_timeout=5,
            )
            for chosen in (settings, {**settings, **READS_ONLY})
        )
        self.engine: AsyncEngine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=self.raw,
            isolation_level="AUTOCOMMIT",
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=pool_timeout,
        )
        self.questions = Questions(lambda: Wire.connect(reading, autocommit=True))

    async def raw(self) -> Wire:
        """A connection of its own, in autocommit; whoever asks closes it."""
        return await Wire.connect(self._conninfo, autocommit=True)

    async def close(self) -> None:
        await self.questions.close()
        await self.engine.dispose()
