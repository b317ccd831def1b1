"""Rows of one shop as CSV, straight from PostgreSQL, a page at a time.

A page is one short transaction, so that a reader who takes an hour holds neither a connection nor a snapshot. Pages
follow each other by key; what is added meanwhile may be in or not, and nothing comes twice.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import psycopg
from msgspec import Struct
from psycopg import sql

from adapters.shared.postgres.unit import Unit, Units
from adapters.tracking.harmless import SIGNS
from adapters.tracking.reports.reads import first_id
from adapters.tracking.reports.rollups import MEASURES, NOBODY
from adapters.tracking.reports.wire import MARK, key_of, marked, shown
from kernel.ids import ShopId

Kind = Literal["id", "text", "moment", "number", "flag", "day"]
PAGE: Final = 10_000
_QUOTE: Final = "''"
_RUN: Final = rf"E'^(?=[{SIGNS}\t ])|;(?=[ \t]*[{SIGNS}])'"
"""See `harmless`."""
DUCKDB_TYPES: Final[Mapping[Kind, str]] = {
    "id": "VARCHAR", "text": "VARCHAR", "moment": "TIMESTAMPTZ", "number": "BIGINT", "flag": "BOOLEAN", "day": "DATE",
}  # fmt: skip


class Sheet(Struct, frozen=True, kw_only=True):
    """One kind of rows. `columns` are (name, kind, expression); the first is unique within the shop and orders them."""

    columns: tuple[tuple[str, Kind, str], ...]
    source: str


_W = "nullif(o.decided->'winner'->>'{}', '')"
_LINE = "md5(d.dimension || '/' || d.day || '/' || d.programme_id || '/' || d.value)"
_ZONE = "(SELECT time_zone FROM report_shop WHERE shop_id = {shop})"
_SPAN = "{} >= {{begins}} AND {} < {{ends}}"


def _span(column: str) -> str:
    return _SPAN.format(column, column)


SHEETS: Final[Mapping[str, Sheet]] = {
    "clicks": Sheet(
        columns=(
            ("click_id", "id", "c.click_id"), ("clicked_at_utc", "moment", "c.clicked_at"),
            ("link_id", "id", "c.link_id"), ("programme_id", "id", "l.programme_id"),
            ("advocate_id", "id", "l.advocate_id"), ("visitor", "text", "c.visitor"), ("visit", "flag", "c.visit"),
            ("device", "text", "c.device"), ("country", "text", "c.country"), ("language", "text", "c.language"),
            ("referrer_host", "text", "c.referrer_host"), ("utm_source", "text", "c.utm_source"),
            ("utm_medium", "text", "c.utm_medium"), ("utm_campaign", "text", "c.utm_campaign"),
            ("utm_term", "text", "c.utm_term"), ("utm_content", "text", "c.utm_content"),
        ),
        source="click c LEFT JOIN link l ON l.shop_id = c.shop_id AND l.link_id = c.link_id"
        " WHERE c.shop_id = {shop} AND c.click_id > {after} AND c.recorded_at >= {recorded} AND "
        + _span("c.clicked_at"),
    ),
    "orders": Sheet(
        columns=(
            ("order_id", "id", "o.order_id"), ("platform", "text", "o.platform"),
            ("platform_order_id", "text", "o.external_id"), ("number", "text", "o.number"),
            ("placed_at_utc", "moment", "o.placed_at"), ("payment", "text", "o.payment"),
            ("cancelled_at_utc", "moment", "o.cancelled_at"), ("test", "flag", "o.test"),
            ("currency", "text", "o.currency"), ("total_minor", "number", "o.total_minor"),
            ("base_minor", "number", "o.base_minor"), ("final_base_minor", "number", "o.final_base_minor"),
            ("customer_id", "id", "o.customer_id"), ("first_order", "flag", "o.first_order"),
        ),
        source="orders o WHERE o.shop_id = {shop} AND o.order_id > {after} AND o.revision > 0 AND "
        + _span("o.placed_at"),
    ),
    "attributions": Sheet(
        columns=(
            ("order_id", "id", "o.order_id"), ("placed_at_utc", "moment", "o.placed_at"),
            ("method", "text", "o.method"),
            ("programme_id", "id", _W.format("programme_id")), ("advocate_id", "id", "o.advocate_id"),
            ("claim_id", "id", _W.format("claim_id")), ("click_id", "id", _W.format("click_id")),
            ("touched_at_utc", "moment", f"({_W.format('touched_at')})::timestamptz"),
            ("reason", "text", _W.format("reason")), ("chain_version", "number", "o.decided->>'chain'"),
        ),
        source="orders o WHERE o.shop_id = {shop} AND o.order_id > {after} AND o.method IS NOT NULL AND "
        + _span("o.placed_at"),
    ),
    "referrals": Sheet(
        columns=(
            ("claim_id", "id", "k.claim_id"), ("claimed_at_utc", "moment", "k.claimed_at"),
            ("expires_at_utc", "moment", "k.expires_at"), ("programme_id", "id", "k.programme_id"),
            ("advocate_id", "id", "k.advocate_id"), ("click_id", "id", "k.click_id"), ("code", "text", "k.code"),
        ),
        source="known_claim k WHERE k.shop_id = {shop} AND k.claim_id > {after} AND " + _span("k.claimed_at"),
    ),
    "figures": Sheet(
        columns=(
            ("line", "text", _LINE),
            ("day", "day", "d.day"), ("time_zone", "text", _ZONE),
            ("dimension", "text", "d.dimension"), ("value", "text", "d.value"),
            ("programme_id", "id", f"nullif(d.programme_id, '{NOBODY}')"),
            *((measure, "number", f"d.{measure}") for measure in MEASURES),
        ),
        source="report_day d WHERE d.shop_id = {shop} AND d.day BETWEEN {first} AND {last}"
        f" AND {_LINE} > {{line}}",
    ),
}  # fmt: skip


class Wanted(Struct, frozen=True, kw_only=True):
    """Which rows: of the period, from the first to the last day of it."""

    begins: datetime
    ends: datetime
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class ShopRows:
    """Pages of a sheet's rows as CSV without header."""

    units: Units

    async def pages(self, shop_id: ShopId, sheet: Sheet, wanted: Wanted, *, safe: bool) -> AsyncIterator[bytes]:
        """`safe` marks texts that a spreadsheet would take for a formula with an apostrophe in front."""
        last = ""
        while True:
            async with self.units(shop_id) as unit:
                page = await copied(unit.raw, _statement(unit, sheet, wanted, last, safe=safe))
            if not page:
                return
            yield await asyncio.to_thread(shown, page)
            if page.count(b"\n") < PAGE:
                return
            [last] = last_keys(page, 1)


def last_keys(page: bytes, count: int) -> list[str]:
    """The first columns of a page's last row, which hold neither commas nor quotes.

    Other columns may hold line breaks, between quotes: after a break that ends a row, quotes come in pairs.
    """
    begins = page.rfind(b"\n", 0, -1)
    while begins >= 0 and page.count(b'"', begins) % 2:
        begins = page.rfind(b"\n", 0, begins)
    return [key.decode() for key in page[begins + 1 :].split(b",", count)[:count]]


def header(sheet: Sheet) -> bytes:
    return (",".join(name for name, _, _ in sheet.columns) + "\n").encode()


def _statement(unit: Unit, sheet: Sheet, wanted: Wanted, last: str, *, safe: bool) -> sql.Composed:
    columns = [_expression(*column, safe=safe) for column in sheet.columns]
    text = f"COPY (SELECT {', '.join(columns)} FROM {sheet.source} ORDER BY {sheet.columns[0][2]} LIMIT {PAGE})"
    # The shop's clock may run ahead of the real one, so a click may have been recorded that much earlier.
    ahead = timedelta(seconds=max(0, unit.shop.clock_offset_s), minutes=5)
    recorded = wanted.begins - ahead
    is_line = sheet.columns[0][0] == "line"
    after = key_of(last) if last and not is_line else first_id(recorded) if sheet is SHEETS["clicks"] else UUID(int=0)
    values: dict[str, Any] = {
        "shop": str(unit.shop_id), "after": str(after), "recorded": recorded, "begins": wanted.begins,
        "ends": wanted.ends, "first": wanted.first, "last": wanted.last, "line": last if is_line else "",
    }  # fmt: skip
    literals = {name: sql.Literal(value) for name, value in values.items()}
    return sql.SQL(text + " TO STDOUT (FORMAT csv)").format(**literals)


def _expression(name: str, kind: Kind, expression: str, *, safe: bool) -> str:
    if kind == "id":
        return marked(name, expression)
    if kind == "moment":
        return f"to_char(({expression}) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
    if kind == "text":
        line = f"translate({expression}, E'\\r\\n{MARK}', '   ')"
        if not safe:
            return line
        return f"CASE WHEN {line} ~ {_RUN} THEN regexp_replace({line}, {_RUN}, E'\\\\&{_QUOTE}', 'g') ELSE {line} END"
    return expression


async def copied(connection: psycopg.AsyncConnection, statement: sql.Composed) -> bytes:
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        return b"".join([bytes(block) async for block in copy])
