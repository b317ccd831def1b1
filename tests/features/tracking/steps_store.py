"""Steps about files of orders from physical stores."""

import csv
import io
from typing import Any

import pytest
from pytest_bdd import given, parsers, then, when

from tests.features.tracking.shopfront import Shopfront

ROWS = [f"{number};2026-11-20;80,00" for number in range(1, 6)]
HEADER = "order;date;total"


class Till:
    """What the shop uploaded last, and what was answered."""

    def __init__(self, front: Shopfront) -> None:
        self.front = front
        self.upload: dict[str, Any] = {}
        self.answer: Any = None

    def send(self, text: str | bytes, query: str = "", *, wait: bool = True) -> Any:
        body = text.encode() if isinstance(text, str) else text
        headers = self.front.shop.headers | {"content-type": "text/csv"}
        self.answer = self.front.shop.client.post(f"/api/v1/order-uploads?{query}", content=body, headers=headers)
        assert self.answer.status_code in {200, 202}, self.answer.text
        self.upload = self.answer.json()
        if wait:
            self.front.shop.eventually(self._ended)
        return self.upload

    def _ended(self) -> bool:
        self.upload = self.front.get(f"/order-uploads/{self.upload['id']}")
        return self.upload["state"] in {"done", "failed"}

    def faults(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.front.get(f"/order-uploads/{self.upload['id']}/errors")["items"]
        return items

    def orders(self) -> list[dict[str, Any]]:
        return [order for order in self.front.get("/orders")["items"] if order["platform"] == "csv"]

    def order(self, name: str) -> dict[str, Any]:
        return next(order for order in self.orders() if order["order_id"] == name)

    def file(self) -> str:
        path = f"/api/v1/order-uploads/{self.upload['id']}/errors.csv"
        answer = self.front.shop.client.get(path, headers=self.front.shop.headers)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/csv")
        return str(answer.content.decode("utf-8-sig"))


@pytest.fixture
def till(front: Shopfront) -> Till:
    return Till(front)


@when("the shop uploads this file")
def upload(till: Till, docstring: str) -> None:
    till.send(docstring + "\n")


@given("the shop uploaded a file with 3 orders")
def uploaded(till: Till) -> None:
    till.send("\n".join([HEADER, *ROWS[:3]]))
    assert till.upload["rows_taken"] == 3


@when("the shop uploads the same file again")
def same_file(till: Till) -> None:
    before = till.upload["id"]
    till.send("\n".join([HEADER, *ROWS[:3]]), wait=False)
    assert till.upload["id"] == before


@when("the shop uploads a file with these and 2 more orders")
def more_orders(till: Till) -> None:
    till.send("\n".join([HEADER, *ROWS]))


@when("the shop uploads a file in which the first order came to 95.00 euros")
def corrected(till: Till) -> None:
    till.send("\n".join([HEADER, ROWS[0].replace("80,00", "95,00")]))


@when("the shop tries a file with 3 orders, of which one is wrong")
def tried(till: Till) -> None:
    till.send("\n".join([HEADER, *ROWS[:2], "3;never;80,00"]), "dry_run=true")


@then("it is told that the file was uploaded before")
def known_file(till: Till) -> None:
    assert till.answer.status_code == 200
    assert till.upload["repeated"] is True


@then(parsers.re(r"(?P<taken>\d+) entr(?:y|ies) (?:is|are) taken and (?P<refused>none|\d+) (?:is|are) refused"))
def store_counts(till: Till, taken: str, refused: str) -> None:
    assert till.upload["state"] == "done", till.upload
    wanted = (int(taken), 0 if refused == "none" else int(refused))
    assert (till.upload["rows_taken"], till.upload["rows_refused"]) == wanted, till.faults()


@then(parsers.parse('entry {row:d} is refused because of "{column}": "{code}"'))
def row_refused(till: Till, row: int, column: str, code: str) -> None:
    assert (row, column, code) in {(f["row"], f["column"], f["code"]) for f in till.faults()}


@then("the refused entries can be downloaded as a file")
def downloaded(till: Till) -> None:
    rows = list(csv.reader(io.StringIO(till.file())))
    assert rows[0] == ["row", "order", "column", "code", "detail"]
    assert [row[:4] for row in rows[1:]] == [
        [str(fault["row"]), fault["order"], fault["column"], fault["code"]] for fault in till.faults()
    ]


@then("the file of refused entries holds no formula")
def no_formula(till: Till) -> None:
    cells = [cell for row in csv.reader(io.StringIO(till.file())) for cell in row]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@then(parsers.parse('the file is refused as "{code}"'))
def file_refused(till: Till, code: str) -> None:
    assert (till.upload["state"], till.upload["failure"]["code"]) == ("failed", code)


@then(parsers.re(r"the store has (?P<count>no|\d+) orders?"))
def has_orders(till: Till, count: str) -> None:
    assert len(till.orders()) == (0 if count == "no" else int(count))


@then("each of them was told once")
def each_told_once(till: Till) -> None:
    assert [order["revision"] for order in till.orders()] == [1] * 5
    query = "SELECT count(*) FROM tracking.outbox WHERE shop_id = %s AND name = 'tracking.order_changed'"
    assert till.front.shop.world.sql(query, till.front.shop.shop_id) == [(5,)]


@then(parsers.parse('the store\'s order "{name}" of {amount} euros is credited to Ada'))
def store_credited(till: Till, name: str, amount: str) -> None:
    order = till.order(name)
    assert order["total"]["amount_minor"] == int(amount.replace(".", ""))
    assert order["attribution"]["method"] == "coupon_code"


@then(parsers.parse('the store\'s order "{name}" of {amount} euros has {count:d} lines'))
def store_lines(till: Till, name: str, amount: str, count: int) -> None:
    order = till.order(name)
    assert (order["total"]["amount_minor"], len(order["lines"])) == (int(amount.replace(".", "")), count)


@then(parsers.parse('{amount} euros of the store\'s order "{name}" are left'))
def store_left(till: Till, amount: str, name: str) -> None:
    assert till.order(name)["final_base"]["amount_minor"] == int(amount.replace(".", ""))


@then("the store's first order came to 95.00 euros")
def first_is(till: Till) -> None:
    order = till.order("store/1")
    assert (order["total"]["amount_minor"], order["revision"]) == (9500, 2)
