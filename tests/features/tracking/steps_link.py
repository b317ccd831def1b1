"""Steps about programmes, advocates, links and visits."""

from pytest_bdd import given, parsers, then, when

from adapters.shared.ids import new_id
from tests.features.tracking.shopfront import PHONE, Shopfront

AGENTS = {
    "WhatsApp": "WhatsApp/2.23.20.0 A",
    "Facebook": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "X": "Twitterbot/1.0",
    "Google": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "a script": "python-requests/2.34",
}

WITHIN = {
    "WhatsApp": "WhatsApp/2.24.20.78",
    "Instagram": "Instagram 331.0.3.29.93 (iPhone15,2; iOS 17_5_1; de_DE; de; scale=3.00; 1179x2556; 602346634)",
    "Slack": "Slack/24.06.10",
    "Outlook": "Outlook-iOS/2.0",
}


@given(parsers.parse("Nordlicht runs a programme that credits orders up to {days:d} days after a click"))
def programme(front: Shopfront, days: int) -> None:
    front.programme(days)


@given(parsers.parse('{name} is an advocate with the code "{code}"'))
@when(parsers.parse('the news arrives that {name} is an advocate with the code "{code}"'))
def advocate(front: Shopfront, name: str, code: str) -> None:
    front.advocate(name, code)


@given("a neighbouring shop", target_fixture="neighbour")
def neighbour(front: Shopfront) -> Shopfront:
    return Shopfront(front.shop.world.open_shop(title="Suedlicht"))


@given(parsers.parse("{days:d} days pass"))
def pass_days(front: Shopfront, days: int) -> None:
    front.shop.move_clock(days=days)


@given(parsers.parse('{name} is an advocate with the code "{code}" in a programme that is not known yet'))
def advocate_elsewhere(front: Shopfront, name: str, code: str) -> None:
    front.programme_id = new_id()
    front.advocate(name, code)


@when(parsers.parse("the news arrives that the programme credits orders up to {days:d} days after a click"))
def programme_late(front: Shopfront, days: int) -> None:
    assert front.found()["attribution"]["method"] is None
    front.programme(days)


@given("Ben tapped Zoe's link")
def tap_zoe(front: Shopfront) -> None:
    assert front.visit(front.advocates["Zoe"]["link_code"]).status_code == 302


@given("Ben tapped Ada's link")
@when("Ben taps Ada's link")
def tap(front: Shopfront) -> None:
    answer = front.visit(front.advocates["Ada"]["link_code"])
    assert answer.status_code == 302, answer.text


@when(parsers.parse('Ben taps Ada\'s link with "{query}"'))
def tap_with(front: Shopfront, query: str) -> None:
    front.visit(front.advocates["Ada"]["link_code"], query)


@when(parsers.parse("Ben taps Ada's link within {app}"))
def tap_within(front: Shopfront, app: str) -> None:
    front.visit(front.advocates["Ada"]["link_code"], agent=f"{PHONE} {WITHIN[app]}")


@given("WhatsApp opened Ada's link")
def whatsapp(front: Shopfront) -> None:
    front.visit(front.advocates["Ada"]["link_code"], agent=AGENTS["WhatsApp"])


@when(parsers.re(r"(?P<visitor>WhatsApp|Facebook|Slack|X|Google|a .*) opens Ada's link"))
def open_link(front: Shopfront, visitor: str) -> None:
    code = front.advocates["Ada"]["link_code"]
    if visitor == "a prefetching phone":
        front.visit(code, **{"sec-purpose": "prefetch;prerender"})
    elif visitor == "a link checker":
        front.visit(code, method="HEAD")
    else:
        front.visit(code, agent=AGENTS[visitor])


@when("Ben taps a link that nobody made")
def tap_nothing(front: Shopfront) -> None:
    front.visit("N0B0DYMADETH1S", agent=PHONE)


@given(parsers.parse('a link with the path "{path}" leads to the shop\'s page "{page}"'))
def make_link_with_path(front: Shopfront, path: str, page: str) -> None:
    body = {"destination": front.shop.details["storefront_url"] + page, "vanity": path}
    answer = front.api("POST", "/links", json=body)
    assert answer.status_code == 201, answer.text
    front.link = answer.json()


@given(parsers.parse('the marketer made a link to "{address}"'))
@then(parsers.parse('a link to "{address}" can be made'))
def make_link_to(front: Shopfront, address: str) -> None:
    answer = front.api("POST", "/links", json={"destination": address})
    assert answer.status_code == 201, answer.text
    front.link = answer.json()


@given("a visitor was led there")
def was_led(front: Shopfront) -> None:
    front.visit(front.link["code"])
    assert front.arrived.startswith(front.link["destination"])


@then("within a second the link leads nowhere")
def leads_nowhere_soon(front: Shopfront) -> None:
    front.shop.eventually(lambda: front.visit(front.link["code"]).status_code == 404, within=1)


@then(parsers.parse('the visitor arrives on the shop\'s page "{page}"'))
def arrives_on(front: Shopfront, page: str) -> None:
    assert front.answer.status_code == 302, front.answer.text
    assert front.arrived.startswith(front.shop.details["storefront_url"] + page + "&gv_click="), front.arrived


@then("one visit to that link is kept")
def one_visit(front: Shopfront) -> None:
    assert len(front.get(f"/links/{front.link['id']}/clicks")["items"]) == 1


@when(parsers.parse('the marketer makes a link to the shop\'s page "{page}"'))
def make_link(front: Shopfront, page: str) -> None:
    answer = front.api("POST", "/links", json={"destination": front.shop.details["storefront_url"] + page})
    assert answer.status_code == 201, answer.text
    front.link = answer.json()


@when(parsers.parse('the marketer makes a link to "{address}"'))
def make_bad_link(front: Shopfront, address: str) -> None:
    front.api("POST", "/links", json={"destination": address})


@then(parsers.parse('it is refused as "{code}"'))
def refused_as(front: Shopfront, code: str) -> None:
    assert front.answer.status_code in {409, 412, 422}, front.answer.text
    assert front.answer.json()["code"] == code
    assert front.answer.status_code != 409 or front.answer.json()["errors"][0]["pointer"], front.answer.text


@when("the marketer makes a link that leads to that link, or leads the link to itself")
def link_to_link(front: Shopfront) -> None:
    own = {"destination": front.link["urls"][0]}
    front.answers = [
        front.api("POST", "/links", json=own),
        front.api("POST", "/links", json={"destination": front.link["destination"], "fallback": own["destination"]}),
        front.api("PATCH", f"/links/{front.link['id']}", json=own),
    ]
    assert [link["id"] for link in front.get("/links")["items"] if link["advocate_id"] is None] == [front.link["id"]]


@then(parsers.parse('each time it is refused as "{code}"'))
def each_time_refused(front: Shopfront, code: str) -> None:
    assert {(answer.status_code, answer.json()["code"]) for answer in front.answers} == {(422, code)}
    named = [answer.json()["errors"][0]["pointer"] for answer in front.answers]
    assert named == ["/destination", "/fallback", "/destination"]


@then("a link may lead to the landing page of Ada's deal")
def link_to_deal(front: Shopfront) -> None:
    address = f"http://testserver.local/d/{front.shop.slug}/{front.advocates['Ada']['code']}"
    assert front.api("POST", "/links", json={"destination": address}).status_code == 201, front.answer.text


@then(parsers.parse('tapping it leads to the shop\'s page "{page}"'))
def leads_to(front: Shopfront, page: str) -> None:
    front.visit(front.link["code"])
    assert front.arrived.startswith(front.shop.details["storefront_url"] + page + "&gv_click=")


@then("Ben arrives on the landing page of Ada's deal")
def arrives(front: Shopfront) -> None:
    code = front.advocates["Ada"]["code"]
    assert front.arrived.startswith(f"http://testserver.local/d/{front.shop.slug}/{code}?gv_click=")
    assert front.answer.headers["cache-control"] == "no-store"


@then(parsers.parse("one visit by a {kind} is kept"))
def kept(front: Shopfront, kind: str) -> None:
    assert [click["visitor"] for click in front.clicks("Ada")] == [kind]


@then("the address that it is sent to carries no click")
def no_click(front: Shopfront) -> None:
    assert front.answer.status_code == 302
    assert "gv_click" not in front.arrived


@then("the landing page's address ends with the same text before the click's own mark")
def same_text(front: Shopfront) -> None:
    query = front.arrived.partition("?")[2]
    assert query.startswith("utm_source=news%20letter&utm_medium=E-Mail&utm_source=twice&empty=&x=%C3%A9&gv_click=")


@then(parsers.parse('the visit\'s campaign source is "{value}"'))
def campaign_source(front: Shopfront, value: str) -> None:
    assert front.clicks("Ada")[0]["utm"]["utm_source"] == value


@then("the visit keeps the whole text as it was sent")
def whole_text(front: Shopfront) -> None:
    expected = "utm_source=news%20letter&utm_medium=E-Mail&utm_source=twice&empty=&x=%C3%A9"
    assert front.clicks("Ada")[0]["query"] == expected


@then("he reads in German that the link leads nowhere")
def leads_nowhere(front: Shopfront) -> None:
    assert front.answer.status_code == 404
    assert "führt ins Leere" in front.answer.text


@when("Ben taps a link of Nordlicht that nobody made")
def taps_shops(front: Shopfront) -> None:
    front.visit(f"{front.shop.slug}/nobody-made-it")


@then("he sees that it was Nordlicht's, and gets on to the shop")
def sees_shop(front: Shopfront) -> None:
    storefront, title = (front.shop.details[name] for name in ("storefront_url", "title"))
    assert front.answer.status_code == 404
    assert f"</span>{title}</p>" in front.answer.text
    assert f'<a href="{storefront}">Weiter zu {title}</a>' in front.answer.text


@then("nobody's name stands there")
def nobodys(front: Shopfront) -> None:
    assert 'class="shop"' not in front.answer.text
    assert "<a " not in front.answer.text


@then("the neighbouring shop sees neither the link nor the visit")
def unseen(front: Shopfront, neighbour: Shopfront) -> None:
    assert len(front.clicks("Ada")) == 1
    assert neighbour.get("/links")["items"] == []
    link_id = front.get("/links")["items"][0]["id"]
    assert neighbour.api("GET", f"/links/{link_id}/clicks").status_code == 404
