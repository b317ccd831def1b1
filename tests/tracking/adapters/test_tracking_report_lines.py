"""A report has a line for each value that there is something of, and no other."""

import json
from typing import Any
from uuid import UUID

import pytest

from adapters.shared.http.ids import to_wire
from adapters.shared.ids import new_id
from tests.support.world import ShopWorld, World
from tests.tracking.history import NIGHTS, ORDER

AT = NIGHTS["Europe/Berlin"]


def funnel(shop: ShopWorld, **query: str) -> Any:
    asked = {"from": "2026-03-01", "to": "2026-03-31", **query}
    answer = shop.client.get("/api/v1/reports/funnel", params=asked, headers=shop.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def orders_by(shop: ShopWorld, by: str) -> dict[str | None, int]:
    return {line["value"]: line["figures"]["orders"] for line in funnel(shop, by=by)["lines"]}


def order(shop: ShopWorld, order_id: UUID, winner: dict[str, str] | None) -> None:
    decided, method = json.dumps({"chain": 1, "winner": winner}), "campaign_utm" if winner else None
    amounts = ("paid", None, False, 500, 500, True)
    shop.world.sql(ORDER, shop.shop_id, order_id, str(order_id), decided, AT, *amounts, None, method, None)


def test_an_order_of_nobodys_is_of_no_programme(world: World) -> None:
    shop, programme = world.open_shop(), new_id()
    order(shop, new_id(), None)
    order(shop, new_id(), {"programme_id": str(programme), "campaign": "autumn"})
    shop.eventually(lambda: funnel(shop)["total"]["orders"] == 1)
    assert orders_by(shop, "programme") == {to_wire("prg", programme): 1}


def test_an_order_that_moves_on_leaves_no_line_behind(world: World) -> None:
    shop, order_id, programme = world.open_shop(), new_id(), str(new_id())

    def credited(campaign: str) -> None:
        order(shop, order_id, {"programme_id": programme, "campaign": campaign})
        shop.eventually(lambda: orders_by(shop, "campaign").get(campaign) == 1)

    credited("autumn")
    credited("winter")
    assert orders_by(shop, "campaign") == {"winter": 1}


@pytest.mark.parametrize("ways", [{}, {"country": "DE"}, {"country": "DE", "device": "phone"}])
def test_what_is_not_broken_down_is_one_line(world: World, ways: dict[str, str]) -> None:
    """Also of a shop in which nothing happened, and of one country of it."""
    shop = world.open_shop()
    assert funnel(shop, **ways)["lines"] == [{"value": None, "figures": funnel(shop, **ways)["total"]}]
    click = (
        "INSERT INTO tracking.click (shop_id, click_id, recorded_at, clicked_at, link_id, visitor, query, utm_source,"
        " referrer_host, language, address_hash, visit, country, device) VALUES (%s, gen_random_uuid(), now(), %s,"
        " gen_random_uuid(), 'person', '', '', '', '', '', true, 'DE', 'phone')"
    )
    other = world.open_shop()
    world.sql(click, other.shop_id, AT)
    other.eventually(lambda: funnel(other)["total"]["clicks"] == 1)
    answer = funnel(other, **ways)
    assert answer["lines"] == [{"value": None, "figures": answer["total"]}]
    assert answer["total"]["clicks"] == 1
