"""The tag in real pages: what it hears, and what it tells."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from kernel.money import EXPONENTS
from tests.browser.tag_shop import KEY, Street, eventually
from tests.browser.tag_shopper import GRANTED, GTAG, KEPT_PURCHASES, ORDER, Mall


def test_a_purchase_that_the_shop_tells_its_analytics_is_told_once(mall: Mall) -> None:
    head = f"{GTAG}; dataLayer.push({{event: 'purchase', ecommerce: {ORDER}}})"
    ada = mall.shopper(head).come()
    ada.ready()
    older = "{currencyCode: 'EUR', purchase: {actionField: {id: 'OLD-7', revenue: '35,43'}}}"
    ada.do(f"""() => {{
        grapevine('purchase', {{order: '#1001', value: '178.50', currency: 'EUR'}});
        gtag('event', 'purchase', {ORDER});
        gtag('event', 'refund', {ORDER});
        dataLayer.push({{event: 'sign_up', method: 'mail'}});
        dataLayer.push({{ecommerce: {older}}});
        const again = {{event: 'other'}};
        dataLayer.push(again);
        dataLayer.push(Object.assign(again, {{ecommerce: {older.replace("OLD-7", "OLD-8")}}}));
        grapevine('track', 'wishlist', {{lamp: 'Fjell', event: 'another'}});
        grapevine('share', {{channel: 'whatsapp'}});
    }}""")
    first, second, third = ada.sent("purchase", 3)
    assert third["data"]["order"] == "OLD-8", "some pages push one object again and again"
    assert first["data"]["order"] == "#1001"
    assert (first["data"]["value"], first["data"]["currency"], first["data"]["coupon"]) == ("178.50", "EUR", ["ADA2"])
    assert (second["data"]["order"], second["data"]["value"]) == ("OLD-7", "35.43")
    assert ada.sent("refund")[0]["data"]["order"] == "#1001"
    assert ada.sent("sign_up")[0]["data"] == {"method": "mail"}
    assert ada.sent("track")[0]["data"] == {"event": "wishlist", "lamp": "Fjell"}
    assert ada.sent("share")[0]["data"] == {"channel": "whatsapp"}
    assert len(ada.visit.named("page")) == 1
    assert {post["key"] for post in ada.visit.posts} == {KEY}
    ids = [event["id"] for event in ada.visit.events]
    assert len(ids) == len(set(ids)) == 8
    ada.do("window.dataLayer = [{event: 'sign_up', method: 'late'}]; dispatchEvent(new Event('load'))")
    assert ada.sent("sign_up", 2)[1]["data"] == {"method": "late"}, "some pages replace their data layer"
    ada.page.reload()
    ada.sent("page", 2)
    assert len(ada.visit.named("purchase")) == 3, "a reloaded thank-you page is no second order"
    ada.unharmed()


def test_pages_of_an_application_count_once_each(mall: Mall) -> None:
    ada = mall.shopper().come("?gv_claim=m1.y")
    ada.ready()
    ada.do("""async () => {
        const pause = () => new Promise(done => setTimeout(done, 80));
        history.pushState({}, '', 'lamps'); document.title = 'All lamps'; await pause();
        history.replaceState({}, '', 'lamps'); await pause();
        history.pushState({}, '', '#reviews'); await pause();
        history.pushState({}, '', 'fjell?gv_code=NEW2'); history.replaceState({}, '', 'fjell'); await pause();
        history.back(); await pause();
        navigation.addEventListener('navigate', event => event.intercept(), {once: true});
        await navigation.navigate('cart').finished; await pause();
    }""")
    pages = ada.sent("page", 5)
    ends = [page["page"].rpartition("/")[2] for page in pages]
    assert ends == ["", "lamps", "fjell", "lamps", "cart"]
    assert pages[1]["title"] == "All lamps"
    assert pages[1]["referrer"] == ada.street.page(ada.visit)
    assert pages[2]["referrer"].endswith("/lamps")
    ada.unharmed()


def test_what_could_not_be_sent_is_sent_when_the_network_is_back(mall: Mall, another_window: Page) -> None:
    ada = mall.shopper(page=another_window, config={"consent": GRANTED}).come()
    ada.sent("page")
    ada.context.set_offline(True)
    ada.do("grapevine('purchase', {order: 1, value: 2})")
    eventually(lambda: ada.do("Object.keys(localStorage).length") == 1)
    ada.context.set_offline(False)
    assert len(ada.sent("purchase")) == 1
    eventually(lambda: ada.do("Object.keys(localStorage).length") == 0)
    ada.unharmed()


def test_what_a_page_could_not_send_the_next_one_does(mall: Mall) -> None:
    ada = mall.shopper(config={"consent": GRANTED}, how={"events": "error"}).come()
    ada.ready()
    ada.do("grapevine('purchase', {order: 1, value: 2})")
    kept = eventually(lambda: ada.do(KEPT_PURCHASES))
    ada.visit.how.clear()
    ada.come("next")
    assert f"gv_e_{ada.sent('purchase')[0]['id']}" in kept


def test_what_a_page_could_not_send_the_next_one_does_where_consent_is_said_later(mall: Mall) -> None:
    yes = "gtag('consent', 'update', {ad_storage: 'granted', analytics_storage: 'granted'})"
    ada = mall.shopper(f"{GTAG}; gtag('consent', 'default', {{ad_storage: 'denied'}})").come()
    ada.sent("page")
    ada.visit.how["events"] = "error"
    ada.do(f"() => {{ {yes}; grapevine('purchase', {{order: 1, value: 2}}) }}")
    kept = eventually(lambda: ada.do(KEPT_PURCHASES))
    ada.visit.how.clear()
    ada.come("next")
    ada.sent("page", 2)
    ada.do(yes)
    assert f"gv_e_{ada.sent('purchase')[0]['id']}" in kept
    eventually(lambda: ada.do("Object.keys(localStorage).length") == 0)


def test_an_application_that_tidies_its_address_shows_one_page(mall: Mall) -> None:
    ada = mall.shopper().come("?utm_source=chat&gv_claim=m1.y&gclid=g&color=red")
    ada.sent("page")
    ada.do("""async () => {
        const pause = () => new Promise(done => setTimeout(done, 80));
        history.replaceState({}, '', '/?color=red'); await pause();
        history.replaceState({}, '', '/?color=red&gv_claim=m2.z'); await pause();
        history.pushState({}, '', '/?color=blue'); await pause();
    }""")
    pages = [event["page"].partition("?")[2] for event in ada.sent("page", 2)]
    assert pages == ["utm_source=chat&color=red", "color=blue"]
    claim = "new Promise(done => grapevine('ready', api => done(api.cart_attributes().grapevine_claim)))"
    assert ada.do(claim) == "m2.z", "what an address brings is taken though the page is the same"


def test_in_a_frame_that_was_written_into_the_page(mall: Mall) -> None:
    ada = mall.shopper(tag="")
    snippet = ada.street.snippet(ada.visit).replace("&", "&amp;").replace('"', "&quot;")
    ada.visit.html = ada.visit.html.replace("</body>", f'<iframe srcdoc="{snippet}"></iframe></body>')
    ada.come("thanks")
    assert ada.sent("page")[0]["page"] == ada.street.page(ada.visit, "thanks")
    ada.unharmed()


def test_a_page_that_is_left_at_once_still_counts(mall: Mall) -> None:
    ada = mall.shopper().come()
    ada.ready()
    ada.page.goto("about:blank")
    assert len(ada.sent("page")) == 1


def test_forms_that_ask_for_it_get_what_the_friends_link_brought(mall: Mall) -> None:
    body = "<form data-grapevine action=cart></form><form id=other></form>"
    ada = mall.shopper(GTAG, body, config={"consent": GRANTED}).come("?gv_click=c1.x&gv_claim=m1.y")
    ada.ready()
    fields = "[...document.querySelectorAll('input')].map(i => [i.name, i.value, i.form.id, i.type])"
    wanted = [["grapevine_click", "c1.x", "", "hidden"], ["grapevine_claim", "m1.y", "", "hidden"]]
    assert ada.do(fields) == wanted
    ada.do("grapevine('consent', {ad_storage: 'denied'})")
    assert ada.do(fields) == wanted[1:]
    ada.unharmed()


def test_an_address_that_is_tidied_at_once_is_read_before(mall: Mall) -> None:
    ben = mall.shopper(body="<script>history.replaceState({}, '', '/')</script>").come("?gv_claim=m1.y&utm_source=chat")
    ben.ready()
    assert (
        ben.do("new Promise(done => grapevine('ready', api => done(api.cart_attributes().grapevine_claim)))") == "m1.y"
    )


def test_a_page_that_is_prepared_in_the_background_counts_when_it_is_shown(mall: Mall) -> None:
    head = "Object.defineProperty(document, 'prerendering', {value: true, configurable: true})"
    ada = mall.shopper(f"{GTAG}; {head}", config={"consent": GRANTED}).come("?gv_click=c1.x")
    ada.ready()
    ada.do("gtag('consent', 'update', {ad_user_data: 'granted'})")
    ada.do("history.replaceState({}, '', '/')")
    ada.do("new Promise(done => setTimeout(done, 200))")
    assert (ada.visit.posts, ada.cookies()) == ([], set())
    ada.do("document.dispatchEvent(new Event('prerenderingchange'))")
    page = ada.sent("page")[0]
    assert (page["click"], page["consent"]["ad_user_data"]) == ("c1.x", "granted")
    assert ada.cookies() == {"gv_click", "gv_visitor"}
    assert ada.visit.named("consent") == []


def test_a_page_out_of_the_browsers_cache_is_seen_again(mall: Mall) -> None:
    ada = mall.shopper().come()
    ada.sent("page")
    ada.do("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert len(ada.sent("page", 2)) == 2


@pytest.mark.parametrize("source", ["tag/src/ecommerce.ts", "gtm/server/template.tpl"])
def test_amounts_are_told_in_the_currencies_that_are_known(source: str) -> None:
    text = (Path(__file__).parents[2] / "frontends" / source).read_text("utf-8")
    listed = re.search(r"^const CURRENCIES = \[(.*)\];$", text, re.MULTILINE)
    assert listed is not None
    assert re.findall(r"[A-Z]{3}", listed[1]) == list(EXPONENTS)
    assert [code for code, digits in EXPONENTS.items() if digits != 2] == ["ISK"], "both know no other"


@pytest.mark.parametrize(
    ("page", "host", "key"),
    [
        ("adapters/host/demo/templates/_tag.html", "{{ tag.origin }}", "{{ tag.key }}"),
        ("docs/guides/install_tag.md", "https://refer.example.com", "gv_pub_…"),
    ],
    ids=["demo", "guide"],
)
def test_the_snippet_is_pasted_as_it_is_built(street: Street, page: str, host: str, key: str) -> None:
    pasted = (Path(__file__).parents[2] / page).read_text("utf-8")
    built = street.manifest.snippet.text.replace("https://HOST", host).replace("PUBLISHABLE_KEY", key)
    assert f">{built}</script>" in pasted
