"""Several statements of one connection in one round trip, each prepared once.

psycopg's cursors do this, too, but adapting, watching and fetching anew for each statement is most of what a worker
does then. What a statement takes and gives is adapted by psycopg's own rules, so both may be used side by side.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer

from adapters.shared.postgres.exchange import Exchange, all_right

Parameters = Sequence[Any] | Mapping[str, Any]
Asked = tuple[bytes, Parameters]
_PLACE: Final = re.compile(rb"%(?:(%)|(?:\((\w+)\))?([sbt]))")
_FORMATS: Final = {b"s": PyFormat.AUTO, b"b": PyFormat.BINARY, b"t": PyFormat.TEXT}


class Answer(NamedTuple):
    """What a statement gave: its rows, and how many rows it read or wrote."""

    rows: list[tuple[Any, ...]]
    touched: int


class _Encoded(NamedTuple):
    statement: bytes
    types: tuple[int, ...]
    values: Sequence[Any]
    formats: Sequence[pq.Format]


class Pipe:
    """One connection's statements. They are constants of the code, as each stays prepared while the connection lives.

    Places are psycopg's (`%s`, `%(name)s`, `%b`), and then a percent sign of the statement's own is doubled; or `$1`.
    """

    def __init__(self, connection: psycopg.AsyncConnection) -> None:
        self._pg = connection.pgconn
        self._adapts = Transformer(connection)
        self._names: dict[tuple[bytes, tuple[int, ...]], bytes] = {}
        self._count = 0

    async def send(self, asked: Sequence[Asked]) -> list[Answer]:
        """Run them in order, and wait once; the answer of each.

        Raises what psycopg raises for the first that fails; those after it have not run. Who is cancelled while waiting
        finds the connection closed.
        """
        encoded = [self._encoded(*each) for each in asked]
        fresh: list[tuple[bytes, tuple[int, ...]]] = []
        try:
            results = await self._exchanged(encoded, fresh)
        except BaseException:
            self._pg.finish()
            raise
        try:
            all_right(results)
        except psycopg.Error:
            for key in fresh:  # it may not have come so far
                del self._names[key]
            raise
        return [self._answer(result) for result in results[len(fresh) :]]

    async def _exchanged(
        self, encoded: Sequence[_Encoded], fresh: list[tuple[bytes, tuple[int, ...]]]
    ) -> list[pq.abc.PGresult]:
        """The results of preparing what is `fresh`, and then of the statements."""
        self._pg.enter_pipeline_mode()
        for statement, types, _, _ in encoded:
            if (statement, types) not in self._names:
                self._count += 1
                name = self._names[statement, types] = b"pipe_%d" % self._count
                self._pg.send_prepare(name, statement, types)
                fresh.append((statement, types))
        for statement, types, values, formats in encoded:
            self._pg.send_query_prepared(self._names[statement, types], values, formats)
        self._pg.pipeline_sync()
        results = await Exchange(self._pg).results()
        self._pg.exit_pipeline_mode()
        return results

    def _encoded(self, statement: bytes, parameters: Parameters) -> _Encoded:
        numbered, names, formats = _numbered(statement)
        values = [parameters[name] for name in names] if isinstance(parameters, Mapping) else parameters
        sent = self._adapts.dump_sequence(values, formats or [PyFormat.AUTO] * len(values))
        return _Encoded(numbered, self._adapts.types or (), sent, self._adapts.formats or ())

    def _answer(self, result: pq.abc.PGresult) -> Answer:
        if result.status != pq.ExecStatus.TUPLES_OK:
            return Answer([], result.command_tuples or 0)
        self._adapts.set_pgresult(result, set_loaders=True, format=pq.Format.TEXT)
        return Answer(self._adapts.load_rows(0, result.ntuples, tuple), result.ntuples)


@cache
def _numbered(statement: bytes) -> tuple[bytes, tuple[str, ...], tuple[PyFormat, ...]]:
    """The statement with PostgreSQL's own places; its parameters' names, if they have some, and formats, in order."""
    if all(found[1] for found in _PLACE.finditer(statement)):
        return statement, (), ()
    names: list[str] = []
    formats: list[PyFormat] = []

    def place(found: re.Match[bytes]) -> bytes:
        if found[1]:
            return b"%"
        name = found[2].decode() if found[2] else ""
        if name not in names:
            formats.append(_FORMATS[found[3]])
            if name:
                names.append(name)
        return b"$%d" % (names.index(name) + 1 if name else len(formats))

    return _PLACE.sub(place, statement), tuple(names), tuple(formats)
