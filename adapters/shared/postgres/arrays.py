"""Arrays in PostgreSQL's binary format, made at once: psycopg dumps lists element by element, in Python.

For the statements of the hot paths. Each function encodes a column; in a cursor's parameters wrap it in `Array`.
"""

import struct
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import psycopg
from psycopg import pq
from psycopg.adapt import Dumper

_HEAD: Final = struct.Struct("!IIIII")
_EMPTY: Final = struct.Struct("!III")
_SIZE: Final = struct.Struct("!I")
_NULL: Final = b"\xff\xff\xff\xff"
_UUID_SIZE: Final = _SIZE.pack(16)
_UUID, _TEXT, _BYTEA = 2950, 25, 17


def uuids(values: Sequence[UUID]) -> bytes:
    """A `uuid[]`, as array_recv reads it."""
    return _array(_UUID, len(values), [part for value in values for part in (_UUID_SIZE, value.bytes)])


def texts(values: Sequence[str | None]) -> bytes:
    """A `text[]`; raises UnicodeEncodeError for what is no Unicode text."""
    return _array(_TEXT, len(values), _sized([None if value is None else value.encode() for value in values]))


def byteas(values: Sequence[bytes]) -> bytes:
    """A `bytea[]`."""
    return _array(_BYTEA, len(values), _sized(values))


class Array:
    """An encoded array as a parameter of a cursor's statement, which casts it: `%s::uuid[]`."""

    __slots__ = ("encoded",)

    def __init__(self, encoded: bytes) -> None:
        self.encoded = encoded


class _ArrayDumper(Dumper):
    format = pq.Format.BINARY
    oid = 0  # the statement's cast says which

    def dump(self, obj: Array) -> bytes:
        return obj.encoded


psycopg.adapters.register_dumper(Array, _ArrayDumper)


def _sized(values: Sequence[bytes | None]) -> list[bytes]:
    parts: list[bytes] = []
    for value in values:
        if value is None:
            parts.append(_NULL)
        else:
            parts += (_SIZE.pack(len(value)), value)
    return parts


def _array(of: int, length: int, parts: list[bytes]) -> bytes:
    # One dimension, which starts at 1; the flag says that nulls may be among the values.
    return _HEAD.pack(1, 1, of, length, 1) + b"".join(parts) if length else _EMPTY.pack(0, 0, of)
