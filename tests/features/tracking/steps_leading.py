"""Steps about where links lead, when and for whom, and what a visit keeps."""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec
from pytest_bdd import given, parsers, then, when

from tests.features.tracking.shopfront import PHONE, Shopfront
from tests.features.tracking.steps_attribution import order_with

AGENTS = {
    "phone": PHONE,
    "tablet": "Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) AppleWebKit/605.1.15",
    "desktop": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36",
}


def page_of(front: Shopfront, page: str) -> str:
    return str(front.shop.details["storefront_url"]) + page


def make(front: Shopfront, page: str, **more: Any) -> None:
    answer = front.api("POST", "/links", json={"destination": page_of(front, page)} | more)
    assert answer.status_code == 201, answer.text
    front.link = answer.json()


def change(front: Shopfront, **changes: Any) -> None:
    answer = front.api("PATCH", f"/links/{front.link['id']}", json=changes)
    assert answer.status_code == 200, answer.text


@given(parsers.parse('a link to the shop\'s page "{page}"'))
def link_to(front: Shopfront, page: str) -> None:
    make(front, page)


@given(parsers.parse('a link to the shop\'s page "{page}" with rules'))
def link_with_rules(front: Shopfront, page: str, datatable: list[list[str]]) -> None:
    head, *rows = datatable
    rules = []
    for row in rows:
        named = dict(zip(head, row, strict=True))
        rule: dict[str, Any] = {"destination": page_of(front, named["page"])}
        rule |= {"devices": [named["device"]]} if named["device"] else {}
        rule |= {"languages": [named["language"]]} if named["language"] else {}
        rules.append(rule)
    make(front, page, rules=rules)


@when(parsers.re(r'the marketer makes a link with a rule for the (?P<kind>country|language) "(?P<code>\w+)"'))
def link_with_rule_for(front: Shopfront, kind: str, code: str) -> None:
    named = {"country": "countries", "language": "languages"}[kind]
    second: dict[str, Any] = {"destination": page_of(front, "/b"), named: [code]}
    rules = [{"destination": page_of(front, "/a"), "devices": ["phone"]}, second]
    front.api("POST", "/links", json={"destination": page_of(front, "/"), "rules": rules})
    assert front.answer.json()["errors"][0]["pointer"] == f"/rules/1/{named}/0"


@when(parsers.parse("the marketer gives Ada's link a rule that leads phones to the shop's page \"{page}\""))
def rule_for_advocate(front: Shopfront, page: str) -> None:
    link = next(one for one in front.get("/links")["items"] if one["advocate_id"])
    rules = [{"destination": page_of(front, page), "devices": ["phone"]}]
    front.api("PATCH", f"/links/{link['id']}", json={"rules": rules})
    assert front.answer.json()["errors"][0]["pointer"] == "/rules/0"


@then(parsers.parse('a "{device}" in "{language}" is led to the shop\'s page "{page}"'))
def led_to(front: Shopfront, device: str, language: str, page: str) -> None:
    front.visit(front.link["code"], agent=AGENTS[device], **{"accept-language": f"{language},en;q=0.5"})
    assert front.arrived.startswith(page_of(front, page) + "&gv_click="), front.answer.text


@given(
    parsers.parse(
        'a link to the shop\'s page "{page}" that starts in {start:d} days and ends {days:d} days later,'
        ' with the page "{other}" for all other times'
    )
)
def link_for_a_time(front: Shopfront, page: str, start: int, days: int, other: str) -> None:
    starts = front.now() + timedelta(days=start)
    times = {"starts_at": starts.isoformat(), "expires_at": (starts + timedelta(days=days)).isoformat()}
    make(front, page, fallback=page_of(front, other), **times)


@then(parsers.re(r'tapping it leads to the shop\'s page "(?P<page>[^"]+)" and carries (?P<what>a|no) click'))
def leads_then(front: Shopfront, page: str, what: str) -> None:
    def leads() -> bool:
        front.visit(front.link["code"])
        return front.arrived.startswith(page_of(front, page)) and ("gv_click=" in front.arrived) is (what == "a")

    front.shop.eventually(leads, within=2)


@when(parsers.parse("{days:d} days pass"))
def days_pass(front: Shopfront, days: int) -> None:
    front.shop.move_clock(days=days)


@when(parsers.re(r"the marketer switches the link (?P<how>on|off)"))
def switch(front: Shopfront, how: str) -> None:
    front.visit(front.link["code"])
    change(front, enabled=how == "on")


@then("within a second it leads nowhere")
def nowhere_soon(front: Shopfront) -> None:
    front.shop.eventually(lambda: front.visit(front.link["code"]).status_code == 404, within=1)


@then("whoever taps it reads in German that it is closed")
def closed(front: Shopfront) -> None:
    assert "Dieser Link ist geschlossen" in front.visit(front.link["code"]).text


@then(parsers.parse('within a second it leads to the shop\'s page "{page}"'))
def leads_soon(front: Shopfront, page: str) -> None:
    front.shop.eventually(
        lambda: front.visit(front.link["code"]).headers.get("location", "").startswith(page_of(front, page)), within=1
    )


@given(parsers.parse('a link to the shop\'s page "{page}" with the campaign values "{one}" and "{two}"'))
def link_with_campaign(front: Shopfront, page: str, one: str, two: str) -> None:
    make(front, page, utm=dict(pair.split("=") for pair in (one, two)))


@when(parsers.parse('Ben taps that link with "{query}"'))
def taps_that(front: Shopfront, query: str) -> None:
    front.visit(front.link["code"], query)


@then(parsers.parse('he arrives with the campaign values "{query}"'))
def arrives_with(front: Shopfront, query: str) -> None:
    arrived = urlsplit(front.arrived).query.partition("&gv_click=")[0].removeprefix("x=1&")
    assert arrived == query.format(link_code=front.link["code"])


@when("the marketer changes its title, and a colleague who read it before changes it too")
def two_changes(front: Shopfront) -> None:
    path = f"/api/v1/links/{front.link['id']}"
    read = front.shop.client.get(path, headers=front.shop.headers).headers["etag"]
    headers = front.shop.headers | {"if-match": read}
    first = front.shop.client.patch(path, json={"title": "One"}, headers=headers)
    assert (first.status_code, first.json()["title"]) == (200, "One")
    front.answer = front.shop.client.patch(path, json={"title": "Two"}, headers=headers)


def part_named(part: str, address: str) -> dict[str, Any]:
    rules = [{"destination": address, "devices": ["phone"]}]
    return {"rules": rules} if part.startswith("rule") else {"fallback": address}


@when(parsers.parse('the marketer makes a link whose {part} is "{address}"'))
def bad_part(front: Shopfront, part: str, address: str) -> None:
    front.api("POST", "/links", json={"destination": page_of(front, "/")} | part_named(part, address))


@given(parsers.parse('a link to the shop\'s page "{page}" whose {part} is "{address}"'))
def link_with_part(front: Shopfront, page: str, part: str, address: str) -> None:
    make(front, page, **part_named(part, address))


@when(parsers.parse('the marketer makes the link\'s {part} "{address}"'))
def change_part(front: Shopfront, part: str, address: str) -> None:
    front.api("PATCH", f"/links/{front.link['id']}", json=part_named(part, address))


@then(parsers.parse('the link is off, and its {part} is still "{address}"'))
def off_with_part(front: Shopfront, part: str, address: str) -> None:
    found = front.get(f"/links/{front.link['id']}")
    assert found["enabled"] is False
    assert (found["rules"][0]["destination"] if part.startswith("rule") else found["fallback"]) == address


@when(parsers.parse('a visitor opens the shop\'s path "{path}"'))
def open_path_here(front: Shopfront, path: str) -> None:
    front.visit(f"{front.shop.slug}/{path}")


@when(parsers.parse('a visitor types the address of the path "{path}" in capital letters'))
def open_path_in_capitals(front: Shopfront, path: str) -> None:
    front.visit(f"{front.shop.slug}/{path}".upper())


@when(parsers.parse('the marketer makes another link with the path "{path}"'))
def same_path(front: Shopfront, path: str) -> None:
    front.api("POST", "/links", json={"destination": page_of(front, "/"), "vanity": path})


@then("it can be printed 40 millimetres wide, as a drawing, as a picture and as a page")
def print_it(front: Shopfront) -> None:
    starts = {"svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="40.0mm"', "png": b"\x89PNG", "pdf": b"%PDF-1."}
    for kind, start in starts.items():
        answer = front.api("GET", f"/links/{front.link['id']}/qr.{kind}?size_mm=40")
        assert answer.status_code == 200, answer.text
        assert answer.content.startswith(start)
        assert f".{kind}" in answer.headers["content-disposition"]


# what a visit keeps


@then(parsers.parse('the visit carries the network marks "{marks}"'))
def network_marks(front: Shopfront, marks: str) -> None:
    assert front.clicks("Ada")[0]["click_ids"] == dict(mark.split("=") for mark in marks.split(", "))


@then(parsers.parse('the landing page\'s address holds "{query}"'))
def address_holds(front: Shopfront, query: str) -> None:
    assert f"?{query}&gv_click=" in front.arrived


@then(parsers.parse('the visit was made with a "{device}"'))
def made_with(front: Shopfront, device: str) -> None:
    assert front.clicks("Ada")[0]["device"] == device


@when("Eva taps Ada's link on her computer")
def eva_taps(front: Shopfront) -> None:
    front.visit(front.advocates["Ada"]["link_code"], agent=AGENTS["desktop"])


@then(parsers.parse("{clicks:d} clicks are kept, of which {visits:d} begin a visit"))
def clicks_and_visits(front: Shopfront, clicks: int, visits: int) -> None:
    def counted() -> bool:
        kept = [click["visit"] for click in front.clicks("Ada")]
        return None not in kept and (len(kept), sum(kept)) == (clicks, visits)

    front.shop.eventually(counted)


# without cookies


@given("Ben's browser keeps no cookies")
def no_cookies(front: Shopfront) -> None:
    front.shop.client.cookies.clear()


@then("no cookie was ever set")
def no_cookie_set(front: Shopfront) -> None:
    assert len(front.shop.client.cookies) == 0
    assert "set-cookie" not in front.answer.headers


@when("Ben orders with the mark from the address that he arrived at")
def orders_with_mark(front: Shopfront) -> None:
    order_with(front, "Ben", click=front.click_token())


@then("the mark names the click and nothing else")
def mark_names(front: Shopfront) -> None:
    token = front.click_token()
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    (name,) = msgspec.json.decode(raw[8:-16])
    assert name == "click_id"
    assert front.clicks("Ada")[0]["id"].startswith("clk_")
