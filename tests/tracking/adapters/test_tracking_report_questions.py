"""Reports are asked for in one round trip: every value means itself, and a lost connection is nobody's trouble."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from adapters.shared.postgres.question import MOST
from adapters.tracking.reports import column_rows
from tests.support.world import ShopWorld, World

CLICK = """
INSERT INTO tracking.click (shop_id, click_id, recorded_at, clicked_at, link_id, visitor, query, utm_source,
    referrer_host, language, address_hash, visit, country)
VALUES (%s, gen_random_uuid(), now(), '2026-03-02', gen_random_uuid(), 'person', '', %s, '', '', '', true, 'DE')
"""
ODD = ["O'Hara", "a\\'b", "'; SELECT 1 --", "%s %(x)s", "naïve 🍇", "$1", "=1+1", 'a,"b"', "\\N", "NULL"]


@pytest.fixture(scope="module")
def shop(world: World) -> ShopWorld:
    shop = world.open_shop()
    for source in ODD:
        world.sql(CLICK, shop.shop_id, source)
    shop.eventually(lambda: sum(line["figures"]["clicks"] for line in funnel(shop, by="source")["lines"]) == len(ODD))
    return shop


def funnel(shop: ShopWorld, **query: str) -> Any:
    asked = {"from": "2026-03-01", "to": "2026-03-31", **query}
    answer = shop.client.get("/api/v1/reports/funnel", params=asked, headers=shop.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("source", ODD)
def test_a_value_is_taken_letter_by_letter(shop: ShopWorld, source: str) -> None:
    assert funnel(shop, dimension="source", value=source)["total"]["clicks"] == 1


@pytest.mark.parametrize("source", ODD)
def test_a_value_of_several_is_taken_letter_by_letter(shop: ShopWorld, source: str) -> None:
    assert funnel(shop, source=source, country="DE")["total"]["clicks"] == 1


def test_line_breaks_in_a_link_that_somebody_made_up_stop_nobodys_figures(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever click is the last of a page: pages follow each other by their last row."""
    monkeypatch.setattr(column_rows, "CLICK_PAGE", column_rows.CLICK_PAGE.replace("50000", "2"))
    shop = world.open_shop()
    broken = ["a\nb", "a\r\nb", "end\n", '"\n"', ',"\n,\n",\n', "\n", "\r"]
    for source in broken:
        world.sql(CLICK, shop.shop_id, source)
    shop.eventually(lambda: funnel(shop)["total"]["clicks"] == len(broken))
    lines = funnel(shop, by="source", country="DE")["lines"]
    assert {line["value"]: line["figures"]["clicks"] for line in lines} == dict.fromkeys(broken, 1)


@pytest.mark.parametrize("source", ["O''Hara", "O'Hara\0", "%"])
def test_another_value_is_another_value(shop: ShopWorld, source: str) -> None:
    assert funnel(shop, dimension="source", value=source)["total"]["clicks"] == 0


def test_connections_that_the_server_ended_are_made_anew(shop: ShopWorld) -> None:
    funnel(shop)
    ended = shop.world.sql(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
        " AND query LIKE %s AND state = 'idle'",
        "EXECUTE report_%",
    )
    assert ended[0][0] > 0
    assert funnel(shop)["total"]["clicks"] == len(ODD)


def test_more_at_once_than_there_are_connections(shop: ShopWorld) -> None:
    with ThreadPoolExecutor(4 * MOST) as threads:
        found = list(threads.map(lambda source: funnel(shop, dimension="source", value=source), ODD * 4))
    assert [one["total"]["clicks"] for one in found] == [1] * len(found)


def test_of_nothing_the_sum_is_zero(world: World) -> None:
    new = world.open_shop()

    def report(name: str) -> Any:
        answer = new.client.get(f"/api/v1/reports/{name}", headers=new.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    bought = report("customers")
    assert [bought[group]["orders"] for group in ("referred", "campaigns", "others")] == [0, 0, 0]
    assert report("virality")["advocates"] == 0


def test_first_names_take_a_key_that_may_read_customers(shop: ShopWorld) -> None:
    key = shop.new_key("tracking:read")
    answer = shop.client.get(
        "/api/v1/reports/advocates", params={"names": "true"}, headers={"authorization": f"Bearer {key}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")


@pytest.mark.parametrize(
    ("report", "query", "code"),
    [
        ("funnel", {"country": "NL", "dimension": "country", "value": "DE"}, "two_values_of_one_dimension"),
        ("funnel", {"value": "DE"}, "value_without_dimension"),
        ("series", {"grain": "hour", "from": "2026-01-01", "to": "2026-03-01"}, "period_too_long"),
        ("funnel", {"from": "9999-12-31", "to": "9999-12-31"}, "period_out_of_range"),
        ("funnel", {"from": "yesterday"}, "invalid_request"),
        ("live", {"minutes": "31"}, "invalid_request"),
    ],
)
def test_nonsense_is_refused(shop: ShopWorld, report: str, query: dict[str, str], code: str) -> None:
    answer = shop.client.get(f"/api/v1/reports/{report}", params=query, headers=shop.headers)
    assert (answer.status_code, answer.json()["code"]) in {(422, code), (400, code)}
