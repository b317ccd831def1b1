"""Taking stores' files in: limits, crashes between two statements, and what stays of a file."""

from typing import Any

import psycopg
import pytest

from adapters.tracking.stores import reading
from tests.features.tracking.shopfront import Shopfront
from tests.features.tracking.steps_store import Till
from tests.support.world import ShopWorld
from tracking.application.note_rows import NoteRows
from tracking.domain.upload import MOST_AT_ONCE, MOST_BYTES


@pytest.fixture
def till(shop: ShopWorld) -> Till:
    front = Shopfront(shop)
    front.programme(30)
    return Till(front)


def rows(count: int) -> str:
    return "order;date;total\n" + "".join(f"{number};2026-11-20;80,00\n" for number in range(1, count + 1))


def post(till: Till, query: str = "", **options: Any) -> Any:
    return till.front.shop.client.post(f"/api/v1/order-uploads?{query}", headers=till.front.shop.headers, **options)


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_goes_on_after_a_crash_counts_each_row_once(till: Till, monkeypatch: Any, when: str) -> None:
    """The database goes away between recording a batch and counting it, or right after: told and counted once."""
    monkeypatch.setattr(reading, "BATCH", 3)
    monkeypatch.setattr(reading, "LEASE_S", 0)
    note, steps = NoteRows.__call__, []

    async def crashing(self: Any, shop_id: Any, upload_id: Any, step: Any) -> Any:
        steps.append(step.row)
        done = await note(self, shop_id, upload_id, step) if len(steps) != 2 or when == "after" else None
        if len(steps) == 2:
            raise psycopg.OperationalError("the server closed the connection")
        return done

    monkeypatch.setattr(NoteRows, "__call__", crashing)
    till.send(rows(10) + "11;never;80,00\n")
    assert (till.upload["rows_taken"], till.upload["rows_refused"], till.upload["rows_read"]) == (10, 1, 12)
    assert len(steps) == (5 if when == "before" else 4)
    query = "SELECT count(*), count(DISTINCT payload->>'order_id') FROM tracking.outbox WHERE shop_id = %s"
    assert till.front.shop.world.sql(query, till.front.shop.shop_id) == [(10, 10)]


def test_a_crash_between_two_batches_loses_no_sale_that_was_told_with_its_returns(till: Till, monkeypatch: Any) -> None:
    monkeypatch.setattr(reading, "BATCH", 2)
    monkeypatch.setattr(reading, "LEASE_S", 0)
    note, steps = NoteRows.__call__, []

    async def crashing(self: Any, shop_id: Any, upload_id: Any, step: Any) -> Any:
        steps.append(step.row)
        done = await note(self, shop_id, upload_id, step)
        if len(steps) == 1:
            raise psycopg.OperationalError("the server closed the connection")
        return done

    monkeypatch.setattr(NoteRows, "__call__", crashing)
    sale = "{0};2026-11-20;A;80;\n{0};2026-11-20;A;-30;R{0}\n{0};2026-11-20;B;20;\n{0};2026-11-20;B;-20;S{0}\n"
    till.send("order;date;item;amount;refund\n" + "".join(sale.format(number) for number in range(1, 6)))
    assert (till.upload["rows_taken"], till.upload["rows_refused"], till.upload["rows_read"]) == (20, 0, 21)
    assert [order["total"]["amount_minor"] for order in till.orders()] == [10_000] * 5
    assert [order["final_base"]["amount_minor"] for order in till.orders()] == [0] * 5
    assert steps[0] == 5


def test_nothing_of_the_text_stays(till: Till) -> None:
    till.send("order;date;total;email\n1;2026-11-20;80,00;ben@example.com\n2;never;1;cleo@example.com\n")
    world, shop_id = till.front.shop.world, till.front.shop.shop_id
    assert world.sql("SELECT count(*) FROM tracking.upload_part WHERE shop_id = %s", shop_id) == [(0,)]
    for table in ("upload_fault", "orders"):
        text = world.sql(f"SELECT t::text FROM tracking.{table} t WHERE shop_id = %s", shop_id)
        assert text
        assert "@example.com" not in str(text)


def test_a_file_is_kept_in_parts_and_read_across_them(till: Till, monkeypatch: Any) -> None:
    monkeypatch.setattr("adapters.tracking.http.uploads.PART_BYTES", 50)

    def chunks() -> Any:
        data = rows(20).encode()
        yield from (data[at : at + 30] for at in range(0, len(data), 30))

    till.upload = post(till, content=chunks()).json()
    till.front.shop.eventually(till._ended)
    assert (till.upload["rows_taken"], till.upload["bytes_read"]) == (20, len(rows(20)))


def test_a_file_that_is_too_large_is_refused_and_forgotten(till: Till) -> None:
    headers = till.front.shop.headers | {"content-length": str(MOST_BYTES + 1)}
    answer = till.front.shop.client.post("/api/v1/order-uploads", content=b"order", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    query = "SELECT count(*) FROM tracking.upload WHERE shop_id = %s"
    assert till.front.shop.world.sql(query, till.front.shop.shop_id) == [(0,)]


@pytest.mark.parametrize(("query", "code"), [("store=a%2Fb", "store_unfit"), ("store=%20", "store_unfit")])
def test_a_store_that_has_no_fit_name(till: Till, query: str, code: str) -> None:
    answer = post(till, query, content=b"order;date;total\n")
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["pointer"] == "/store"


def test_an_empty_file(till: Till) -> None:
    answer = post(till, content=b"")
    assert (answer.status_code, answer.json()["code"]) == (422, "upload_empty")


def test_so_many_at_once_and_no_more(till: Till) -> None:
    open_one = "INSERT INTO tracking.upload (shop_id, upload_id, file_name, store, dry_run, state, created_at)"
    values = " SELECT %s, gen_random_uuid(), '', 's', false, 'receiving', now() FROM generate_series(1, %s)"
    till.front.shop.world.sql(open_one + values, till.front.shop.shop_id, MOST_AT_ONCE)
    answer = post(till, content=b"order;date;total\n")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_uploads")


def test_another_way_to_read_the_same_file_is_another_upload(till: Till) -> None:
    first = till.send(rows(2), "dry_run=true")["id"]
    second = till.send(rows(2))["id"]
    assert first != second
    assert till.send(rows(2), wait=False)["id"] == second


def test_a_form_is_no_file(till: Till) -> None:
    answer = post(till, files={"file": ("sales.csv", rows(1).encode(), "text/csv")})
    assert (answer.status_code, answer.json()["code"]) == (422, "upload_is_form")
    query = "SELECT count(*) FROM tracking.upload WHERE shop_id = %s"
    assert till.front.shop.world.sql(query, till.front.shop.shop_id) == [(0,)]
