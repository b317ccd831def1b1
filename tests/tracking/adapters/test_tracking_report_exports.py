"""Exports hold every row of the period once, whatever is in its texts."""

import csv
import gzip
import io
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from adapters.shared.http.ids import to_wire
from adapters.tracking.reports import rows, wire
from adapters.tracking.reports.engine import Engine
from adapters.tracking.reports.rows import SHEETS
from tests.support.world import ShopWorld, World
from tests.tracking.history import NIGHTS, History

ZONE = "Europe/Berlin"
EVIL = [
    "=1+1",
    "＝1+1",
    "+49 30",
    "-2",
    "@SUM(A1)",
    "\tx",
    "a\r\nb",
    'say "hi", twice',
    "",
    "naïve € 🍇",
    "-",
    " =1",
    "de;q=0; @A1;=1",
]
EVIL += ["\x01adv_" + "0" * 40]


@pytest.fixture(scope="module")
def told(world: World) -> Iterator[ShopWorld]:
    """A shop with a history, and orders whose numbers are what a spreadsheet or a parser would trip over."""
    shop = world.open_shop(time_zone=ZONE)
    with psycopg.connect(world.conninfo, autocommit=True) as owner:
        history = History(shop, random.Random(3), NIGHTS[ZONE], owner)
        history.begin()
        for _ in range(60):
            history.step()
        history.finish()
        for number in EVIL:
            history.order()
            query = b"UPDATE tracking.orders SET number = %s WHERE order_id = %s"
            owner.execute(query, (number, history.orders[-1]))
        now = world.sql("SELECT clock_timestamp()")[0][0]
    shop.eventually(lambda: world.sql("SELECT as_of > %s FROM tracking.report_progress", now)[0][0])
    yield shop


def export(shop: ShopWorld, what: str, **query: str) -> Any:
    asked = {"what": what, "from": "2026-03-01", "to": "2026-04-30"} | query
    answer = shop.client.get("/api/v1/reports/exports", params=asked, headers=shop.headers)
    assert answer.status_code == 200, answer.text
    return answer


def query_file(shop: ShopWorld, path: Path, columns: str) -> list[list[Any]]:
    statement = (f"SELECT {columns} FROM read_parquet(?)", [str(path)])
    found: list[list[Any]] = shop.world.call(Engine().run, [statement])
    return found


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def stored(shop: ShopWorld, what: str) -> set[str]:
    """Keys of the rows of the period, straight from the tables."""
    begins, ends = "2026-03-01 00:00 Europe/Berlin", "2026-05-01 00:00 Europe/Berlin"
    key, table, when = {
        "clicks": ("click_id", "click", "clicked_at"),
        "orders": ("order_id", "orders", "placed_at"),
        "attributions": ("order_id", "orders", "method IS NOT NULL AND placed_at"),
        "referrals": ("claim_id", "known_claim", "claimed_at"),
    }[what]
    query = f"SELECT {key} FROM tracking.{table} WHERE shop_id = %s AND {when} >= %s"
    prefix = {"click_id": "clk", "order_id": "ord", "claim_id": "clm"}[key]
    return {to_wire(prefix, row[0]) for row in shop.world.sql(f"{query} AND {when} < %s", shop.shop_id, begins, ends)}


@pytest.mark.parametrize("what", ["clicks", "orders", "attributions", "referrals"])
def test_every_row_once(told: ShopWorld, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "PAGE", 7)
    found = [next(iter(line.values())) for line in lines(export(told, what).text)]
    assert len(found) == len(set(found))
    assert set(found) == stored(told, what) != set()


def test_a_night_is_cut_at_the_shops_midnight(told: ShopWorld) -> None:
    found = lines(export(told, "orders", **{"from": "2026-03-29", "to": "2026-03-29"}).text)
    assert {line["placed_at_utc"] >= "2026-03-28T23:00:00" for line in found} == {True}
    assert {line["placed_at_utc"] < "2026-03-29T22:00:00" for line in found} == {True}


def test_no_text_is_a_formula(told: ShopWorld, tmp_path: Path) -> None:
    numbers = {line["number"] for line in lines(export(told, "orders").text)}
    assert {
        "'=1+1",
        "'＝1+1",
        "'+49 30",
        "'-2",
        "'@SUM(A1)",
        "'\tx",
        "a  b",
        'say "hi", twice',
        "naïve € 🍇",
    } <= numbers
    assert not [number for number in numbers if number and number[0] in "=+-@\t\r\n"]
    assert "de;q=0;' @A1;'=1" in numbers, "where decimals have a comma, cells end with a semicolon"


def test_a_file_names_its_letters_once(told: ShopWorld) -> None:
    assert export(told, "orders").headers["content-type"] == "text/csv; charset=utf-8"


def test_parquet_holds_types_and_texts_as_they_are(told: ShopWorld, tmp_path: Path) -> None:
    file = tmp_path / "orders.parquet"
    answer = export(told, "orders", file="parquet")
    file.write_bytes(answer.content)
    assert answer.headers["grapevine-time-zone"] == ZONE
    found = query_file(told, file, "order_id, number, epoch_ms(placed_at_utc), base_minor, test")
    query = (
        "SELECT order_id, translate(number, E'\\r\\n\\x01', '   '),"
        " floor(extract(epoch FROM placed_at) * 1000)::bigint, base_minor, test FROM tracking.orders WHERE shop_id = %s"
    )
    stored = [[to_wire("ord", order), *rest] for order, *rest in told.world.sql(query, told.shop_id)]
    assert sorted(found, key=str) == sorted(stored, key=str)
    assert {number for _, number, *_ in found} >= {"=1+1", "", 'say "hi", twice'}


@pytest.mark.parametrize(
    ("what", "file"), [*((what, "csv.gz") for what in SHEETS), ("clicks", "parquet"), ("figures", "parquet")]
)
def test_every_sheet_comes_in_every_form(told: ShopWorld, what: str, file: str, tmp_path: Path) -> None:
    plain = lines(export(told, what).text)
    packed = export(told, what, file=file).content
    if file == "csv.gz":
        assert len(lines(gzip.decompress(packed).decode())) == len(plain) > 0
        return
    path = tmp_path / "file.parquet"
    path.write_bytes(packed)
    assert query_file(told, path, "count(*)") == [[len(plain)]]


def test_figures_are_those_of_the_funnel(told: ShopWorld) -> None:
    def equal() -> bool:
        found = lines(export(told, "figures").text)
        total = told.client.get(
            "/api/v1/reports/funnel", params={"from": "2026-03-01", "to": "2026-04-30"}, headers=told.headers
        ).json()["total"]
        summed = {
            name: sum(int(line[name]) for line in found if line["dimension"] == "all") for name in ("orders", "clicks")
        }
        assert summed == {name: total[name] for name in summed}
        return summed["orders"] > 0

    told.eventually(equal)


def test_a_click_before_the_period_by_a_clock_that_ran_ahead(told: ShopWorld) -> None:
    """With the shop's clock moved forward, clicks are recorded earlier than they happened."""
    shop = told.world.open_shop(time_zone=ZONE)
    shop.move_clock(days=40)
    with psycopg.connect(told.world.conninfo, autocommit=True) as owner:
        from datetime import UTC, datetime

        ahead = datetime.now(UTC) + timedelta(days=40)
        history = History(shop, random.Random(1), ahead, owner)
        history.begin()
        history.click()
    first, last = (ahead - timedelta(days=3)).date(), (ahead + timedelta(days=3)).date()
    assert len(lines(export(shop, "clicks", **{"from": str(first), "to": str(last)}).text)) == 1


def test_every_id_is_written_as_the_api_writes_it() -> None:
    chance = random.Random(1)
    ids = [UUID(int=0), UUID(int=2**128 - 1), *(UUID(int=chance.getrandbits(128)) for _ in range(300))]
    page = "".join(f"{wire.MARK}adv_{'0' * 8}{one.hex},x,{wire.MARK}prg_{'0' * 8}{one.hex}\n" for one in ids)
    wanted = "".join(f"{to_wire('adv', one)},x,{to_wire('prg', one)}\n" for one in ids)
    assert wire.shown(page.encode()).decode() == wanted


def test_ids_are_those_of_the_api(told: ShopWorld) -> None:
    advocates = {one["advocate_id"] for one in told.client.get(
        "/api/v1/reports/advocates", params={"from": "2026-03-01", "to": "2026-04-30"}, headers=told.headers
    ).json()["items"]}  # fmt: skip
    found = {line["advocate_id"] for line in lines(export(told, "clicks").text) if line["advocate_id"]}
    assert found <= advocates
    assert found
    assert {line["programme_id"][:4] for line in lines(export(told, "figures").text)} == {"", "prg_"}
