"""What is sent to the database meanwhile: by SQLAlchemy, by psycopg's cursors and by pipes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

import psycopg

from adapters.shared.postgres.pipe import Answer, Asked, Pipe


class Sent(NamedTuple):
    connection: int
    user: str
    statement: str
    parameters: Any


@contextmanager
def noted() -> Iterator[list[Sent]]:
    """Statements in the order in which they are sent, by whatever runs in this process."""
    seen: list[Sent] = []
    execute, send = psycopg.AsyncCursor.execute, Pipe.send

    def note(pg: psycopg.pq.abc.PGconn, query: Any, parameters: Any) -> None:
        text = query.decode() if isinstance(query, bytes) else str(query)
        seen.append(Sent(id(pg), pg.user.decode(), text, parameters))

    async def noted_execute(self: Any, query: Any, params: Any = None, **more: Any) -> Any:
        note(self.connection.pgconn, query, params)
        return await execute(self, query, params, **more)

    async def noted_send(self: Pipe, asked: Sequence[Asked]) -> list[Answer]:
        for statement, parameters in asked:
            note(self._pg, statement, parameters)
        return await send(self, asked)

    with patch.object(psycopg.AsyncCursor, "execute", noted_execute), patch.object(Pipe, "send", noted_send):
        yield seen
