"""Links from before their rules were looked at: what is stored leads on, and can be changed."""

from typing import Any

from tests.features.tracking.shopfront import Shopfront
from tests.support.world import ShopWorld

STORE = "UPDATE tracking.{} SET plan = %s::json WHERE shop_id = %s AND code = %s"


def _stored(front: Shopfront, code: str, rules: str) -> None:
    for table in ("link", "link_code"):
        front.shop.world.sql(STORE.format(table), f'{{"rules": [{rules}]}}', front.shop.shop_id, code)


def _leads(front: Shopfront, code: str, **headers: str) -> str:
    front.visit(code, **headers)
    return front.arrived.partition("?")[0]


def test_a_rule_that_would_be_refused_today_leads_on_and_does_not_stand_in_the_way_of_changes(shop: ShopWorld) -> None:
    front = Shopfront(shop)
    page = f"{front.shop.details['storefront_url']}/"
    link = front.api("POST", "/links", json={"destination": page}).json()
    since = '"since": "2026-01-01T00:00:00Z"'
    uk = f'{{"destination": "{page}uk", "countries": ["UK"], {since}}}'
    _stored(front, link["code"], f'{uk}, {{"destination": "{page}dk", "languages": ["dk"], {since}}}')
    assert _leads(front, link["code"], **{"accept-language": "dk"}) == f"{page}dk"
    rules = front.get(f"/links/{link['id']}")["rules"]
    assert (rules[0]["countries"], rules[1]["languages"]) == (["UK"], ["dk"])
    new = {"destination": f"{page}gb", "countries": ["GB"]}
    for changes in ({"title": "Summer"}, {"rules": rules}, {"rules": [new, *rules[::-1]]}, {"rules": [new]}):
        answer = front.api("PATCH", f"/links/{link['id']}", json=changes)
        assert answer.status_code == 200, answer.text
    assert front.api("PATCH", f"/links/{link['id']}", json={"rules": rules}).json()["code"] == "bad_rule"


def test_a_rule_of_an_advocates_link_leads_on_until_it_is_taken_away(shop: ShopWorld) -> None:
    front = Shopfront(shop)
    front.programme(30)
    front.advocate("Ada", "ADA2-2026")
    page = f"{front.shop.details['storefront_url']}/lamps"
    code = front.advocates["Ada"]["link_code"]
    _stored(front, code, f'{{"destination": "{page}", "devices": ["phone"]}}')
    assert _leads(front, code) == page
    link: dict[str, Any] = front.get("/links")["items"][0]
    kept: dict[str, Any] = {"rules": link["rules"], "utm": {"utm_source": "ada"}}
    none: dict[str, Any] = {"rules": []}
    for changes in (kept, {"title": "Ada's"}, none):
        answer = front.api("PATCH", f"/links/{link['id']}", json=changes)
        assert answer.status_code == 200, answer.text
    front.shop.eventually(lambda: _leads(front, code).endswith("/ADA22026"))
