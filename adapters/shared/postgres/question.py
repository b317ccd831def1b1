"""One read of one shop in one round trip, for those to which going to and fro would cost more than the reading."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any, Final, Self
from uuid import UUID

import psycopg
from msgspec import Struct
from psycopg import pq
from psycopg.adapt import Transformer

from adapters.shared.postgres.errors import Unavailable
from adapters.shared.postgres.exchange import Exchange, all_right
from kernel.ids import ShopId

MOST: Final = 4
PATIENCE_S: Final = 5.0
_PLACE: Final = re.compile(r"%\((\w+)\)s")


class Question(Struct, frozen=True, kw_only=True):
    """A select with its parameters by name and type; `shop` is the first. `name` is unique within a context."""

    name: str
    statement: str
    names: tuple[str, ...]
    types: tuple[str, ...]

    @classmethod
    def of(cls, name: str, statement: str, **types: str) -> Self:
        """From a statement with places like %(first)s."""
        types = {"shop": "uuid", **types}
        numbers = {parameter: f"${place}" for place, parameter in enumerate(types, start=1)}
        numbered = _PLACE.sub(lambda found: numbers[found[1]], statement)
        return cls(name=name, statement=numbered, names=tuple(types), types=tuple(types.values()))

    def asked(self, pg: pq.abc.PGconn, shop_id: ShopId, values: Mapping[str, Any]) -> bytes:
        """One statement, which is a transaction of its own.

        What a prepared statement is given is evaluated before it runs: once it has the shop, all is that shop's.
        """
        shop = f"set_config('app.shop_id', '{shop_id}', true)::uuid"
        literals = ", ".join([shop, *(_literal(pg, values.get(name)) for name in self.names[1:])])
        return f"EXECUTE {self.name} ({literals})".encode()


class Questions:
    """Asks over a few connections of their own. Each is told of a question once, and plans it once."""

    def __init__(self, connect: Callable[[], Awaitable[psycopg.AsyncConnection]]) -> None:
        self._connect = connect
        self._free: list[Line] = []
        self._gate = asyncio.Semaphore(MOST)

    async def ask(self, shop_id: ShopId, question: Question, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows, read in a transaction of the shop that has ended by then. Missing values are null."""
        await self._turn()
        try:
            if self._free:
                try:
                    return await self._over(self._free.pop(), shop_id, question, values)
                except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                    if error.sqlstate is not None and not error.sqlstate.startswith(("08", "57P")):
                        raise  # it was understood: another connection would say the same
            return await self._over(Line(await self._connect()), shop_id, question, values)
        finally:
            self._gate.release()

    async def close(self) -> None:
        while self._free:
            await self._free.pop().close()

    async def _turn(self) -> None:
        if not self._gate.locked():
            await self._gate.acquire()
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._gate.acquire()
        except TimeoutError:
            raise Unavailable from None

    async def _over(
        self, line: "Line", shop_id: ShopId, question: Question, values: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        try:
            rows = await line.ask(shop_id, question, values)
        except BaseException:
            await line.close()  # whatever it was in the middle of
            raise
        self._free.append(line)
        return rows


class Line:
    """A connection on which one question is asked at a time."""

    def __init__(self, connection: psycopg.AsyncConnection) -> None:
        self._connection = connection
        self._pg = connection.pgconn
        self._loads = Transformer(connection)
        self._told: set[str] = set()

    async def ask(self, shop_id: ShopId, question: Question, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        if question.name not in self._told:
            types = ", ".join(question.types)
            await self._exchange(f"PREPARE {question.name} ({types}) AS {question.statement}".encode())
            self._told.add(question.name)
        [rows] = await self._exchange(question.asked(self._pg, shop_id, values))
        self._loads.set_pgresult(rows, set_loaders=True, format=pq.Format.TEXT)
        return self._loads.load_rows(0, rows.ntuples, tuple)

    async def close(self) -> None:
        await self._connection.close()

    async def _exchange(self, statement: bytes) -> list[pq.abc.PGresult]:
        """Send, and wait for the result. psycopg's own way would watch the socket anew for what ends it."""
        self._pg.send_query(statement)
        return all_right(await Exchange(self._pg).results())


def _literal(pg: pq.abc.PGconn, value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (UUID, date)):  # a moment is a date, too
        return f"'{value}'"
    # No text in the database holds this letter, as none holds what it stands for here.
    plain = str(value).replace("\0", "\ufffd").encode(errors="replace")
    return bytes(pq.Escaping(pg).escape_literal(plain)).decode()
