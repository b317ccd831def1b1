"""The demo shop's own books: the orders it took, in a small file of the data folder that survives a restart."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from adapters.host.demo.catalogue import PRODUCTS, Product


class Piece(Struct, frozen=True, kw_only=True):
    """One line of an order. Amounts are gross euro cents of the whole line; `returned` counts pieces."""

    line_id: int
    product: str
    quantity: int
    discount_minor: int
    returned: int = 0

    @property
    def sold(self) -> Product:
        return PRODUCTS[self.product]

    @property
    def paid_minor(self) -> int:
        return self.sold.gross_minor * self.quantity - self.discount_minor

    @property
    def left(self) -> int:
        return self.quantity - self.returned


class Sent(Struct, frozen=True, kw_only=True):
    """One webhook as it was sent: the exact bytes, and how it was answered last (0: nobody answered)."""

    topic: str
    webhook_id: str
    triggered_at: str
    body: bytes
    status: int = 0
    times: int = 0


class PlacedOrder(Struct, frozen=True, kw_only=True):
    """`token` opens the buyer's thank-you page; `checkout` makes sending the form twice harmless."""

    token: str
    checkout: str
    number: str
    order_id: int
    customer_id: int
    email: str
    first_name: str
    last_name: str
    locale: str
    placed_at: datetime
    pieces: tuple[Piece, ...]
    shipping_minor: int
    code: str = ""
    claim: str = ""
    click: str = ""
    goodwill_minor: int = 0
    """Paid back without goods coming back."""
    cancelled_at: datetime | None = None
    sent: tuple[Sent, ...] = ()
    advocate_id: str = ""
    statement_url: str = ""

    @property
    def discount_minor(self) -> int:
        return sum(piece.discount_minor for piece in self.pieces)

    @property
    def total_minor(self) -> int:
        return sum(piece.paid_minor for piece in self.pieces) + self.shipping_minor

    @property
    def left(self) -> int:
        """Pieces that the buyer still has."""
        return sum(piece.left for piece in self.pieces)


class Books:
    """Orders by token. One short transaction per call; safe from several processes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "demo" / "shop.sqlite3"

    def add(self, order: PlacedOrder) -> PlacedOrder:
        """Keep a new order with the next number; the one that the same checkout made before, if it did."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            row = connection.execute("SELECT record FROM placed WHERE checkout = ?", (order.checkout,)).fetchone()
            if row is not None:
                return _read(row)
            (count,) = connection.execute("SELECT count(*) FROM placed").fetchone()
            order = msgspec.structs.replace(order, number=f"#{1001 + count}")
            connection.execute(
                "INSERT INTO placed (token, checkout, email, record) VALUES (?, ?, ?, ?)",
                (order.token, order.checkout, order.email.lower(), msgspec.json.encode(order)),
            )
        return order

    def save(self, order: PlacedOrder) -> None:
        with self._open() as connection:
            record = msgspec.json.encode(order)
            connection.execute("UPDATE placed SET record = ? WHERE token = ?", (record, order.token))

    def get(self, token: str) -> PlacedOrder | None:
        with self._open() as connection:
            row = connection.execute("SELECT record FROM placed WHERE token = ?", (token,)).fetchone()
        return _read(row) if row else None

    def newest(self, limit: int) -> list[PlacedOrder]:
        with self._open() as connection:
            rows = connection.execute("SELECT record FROM placed ORDER BY rowid DESC LIMIT ?", (limit,)).fetchall()
        return [_read(row) for row in rows]

    def customer_of(self, email: str) -> int | None:
        """The customer number under which somebody with this address bought before."""
        with self._open() as connection:
            row = connection.execute("SELECT record FROM placed WHERE email = ? LIMIT 1", (email.lower(),)).fetchone()
        return _read(row).customer_id if row else None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(sqlite3.connect(self._path, timeout=5)) as connection, connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS placed"
                " (token TEXT PRIMARY KEY, checkout TEXT UNIQUE NOT NULL, email TEXT NOT NULL, record BLOB NOT NULL)"
            )
            yield connection


def _read(row: tuple[bytes]) -> PlacedOrder:
    return msgspec.json.decode(row[0], type=PlacedOrder)
