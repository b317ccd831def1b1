"""One row of a store's file: its cells read, or the one thing that is wrong with it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct

from adapters.tracking.platforms.reading import Amounts
from adapters.tracking.stores.cells import CellUnfit, Mark, amount, moment, name, quantity, text
from adapters.tracking.stores.columns import Header, kind_of
from kernel.errors import DomainError
from tracking.domain.order import OrderKey
from tracking.domain.report import MOST_CODES, Buyer
from tracking.domain.upload import Fault, fit_store

PLATFORM: Final = "csv"
T = TypeVar("T")


class Way(Struct, frozen=True, kw_only=True):
    """How a file is to be read."""

    store: str
    currency: str
    zone: ZoneInfo
    mark: Mark
    at: datetime
    """When the file came: what it says replaces what earlier files said."""


class Row(Struct, frozen=True, kw_only=True):
    """One row, read. Amounts are minor units with tax; `paid_minor` is after discounts, `total_minor` the order's."""

    number: int
    key: OrderKey
    kind: str
    at: datetime
    currency: str
    paid_minor: int | None
    total_minor: int | None
    tax_minor: int
    discount_minor: int
    line: str
    pieces: int
    codes: tuple[str, ...]
    buyer: Buyer
    refund: str


class _Wrong(Exception):
    """A cell is wrong."""

    def __init__(self, column: str, code: str, detail: str) -> None:
        self.column, self.code, self.detail = column, code, detail
        super().__init__(code)


class Cells:
    """The cells of one row, by their columns' names."""

    def __init__(self, header: Header, way: Way, number: int, cells: Sequence[str]) -> None:
        self._header = header
        self._way = way
        self.number = number
        self._cells = cells

    def __getitem__(self, column: str) -> str:
        return self._header.cell(self._cells, column)

    @property
    def of_line(self) -> bool:
        return bool(text(self["line"]))

    def order(self) -> str:
        return text(self["order"], 60)

    def key(self) -> OrderKey | None:
        """Which order it is of, if that can be read."""
        try:
            return self._key()
        except _Wrong:
            return None

    def row(self) -> Row | Fault:
        try:
            return self._row()
        except _Wrong as wrong:
            return self.fault(wrong.column, wrong.code, wrong.detail)

    def fault(self, column: str, code: str, detail: str) -> Fault:
        heading = self._header.names.get(column, column)
        return Fault(row=self.number, column=heading[:60], code=code, detail=detail, order=self.order())

    def _row(self) -> Row:
        key = self._key()
        kind = self._read("type", _kind)
        currency = self._read("currency", lambda cell: text(cell, 8)).upper() or self._way.currency
        amounts = self._read("currency", lambda _: Amounts(currency))
        total = self._money("total", amounts)
        gross = self._money("amount", amounts)
        discount = abs(self._money("discount", amounts) or 0)
        paid = total if gross is None else gross - discount
        tax = abs(self._money("tax", amounts) or 0)
        if kind == "sale" and paid is not None and paid < 0:
            kind = "refund"  # tills write a return as a sale of less than nothing
        if kind == "sale" and (paid is None or (total or 0) < 0):
            raise _Wrong("total", "amount_missing", "What was paid is not written.")
        if paid is not None and tax > abs(paid):
            raise _Wrong("tax", "tax_too_high", "The tax is more than what was paid.")
        return Row(
            number=self.number,
            key=key,
            kind=kind,
            at=self._read("date", lambda cell: moment(cell, self["time"], self._way.zone, self._way.at)),
            currency=currency,
            paid_minor=paid,
            total_minor=total,
            tax_minor=tax,
            discount_minor=discount,
            line=self._read("line", lambda cell: name(cell, 50)),
            pieces=self._read("quantity", lambda cell: quantity(cell.strip().removeprefix("-"))),
            codes=self._read("code", _codes),
            buyer=self._buyer(key),
            refund=self._read("refund", lambda cell: name(cell, 60)),
        )

    def _key(self) -> OrderKey:
        order = self._read("order", lambda cell: name(cell, 60))
        if not order:
            raise _Wrong("order", "order_missing", "The order has no number.")
        store = self._read("store", _store) or self._way.store
        return OrderKey(PLATFORM, f"{store}/{order}")

    def _money(self, column: str, amounts: Amounts) -> int | None:
        if not text(self[column]):
            return None
        return self._read(column, lambda cell: amounts.minor(amount(cell, self._way.mark)))

    def _buyer(self, key: OrderKey) -> Buyer:
        return Buyer(
            reference=self._read("customer", lambda cell: name(cell, 200)) or None,
            email=self._read("email", _email) or None,
            phone=text(self["phone"], 40) or None,
            otherwise=f"guest-of-order-{key.external_id}",
        )

    def _read(self, column: str, read: Callable[[str], T]) -> T:
        try:
            return read(self[column])
        except CellUnfit as unfit:
            raise _Wrong(column, unfit.name, unfit.detail) from None
        except DomainError as refusal:
            raise _Wrong(column, refusal.code, refusal.detail) from None


def _kind(cell: str) -> str:
    kind = kind_of(cell)
    if kind is None:
        raise CellUnfit("unknown_type", "Write sale, refund or cancel; nothing is a sale.")
    return kind


def _store(cell: str) -> str:
    written = name(cell, 60)
    return fit_store(written) if written else ""


def _email(cell: str) -> str:
    written = text(cell, 255)
    if written and (len(written) > 254 or not 0 < written.find("@") < len(written) - 1 or " " in written):
        raise CellUnfit("bad_email", "This is no e-mail address.")
    return written


def _codes(cell: str) -> tuple[str, ...]:
    written = text(cell, 1000).replace(";", " ").replace(",", " ").replace("|", " ").split()
    if len(written) > MOST_CODES:
        raise CellUnfit("too_many_codes", f"At most {MOST_CODES} codes.")
    return tuple(dict.fromkeys(code[:64] for code in written))
