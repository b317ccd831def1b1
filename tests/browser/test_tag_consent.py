"""The tag and what visitors allow: what it keeps with a yes, and what a no takes back."""

import pytest
from playwright.sync_api import Page

from tests.browser.tag_shop import KEY, How, eventually
from tests.browser.tag_shopper import GRANTED, GTAG, KEPT_PURCHASES, Mall, Shopper


def test_without_consent_nobody_is_followed_but_the_friends_code_works(mall: Mall) -> None:
    ben = mall.shopper(GTAG).come("?gv_click=c1.x&gv_claim=m1.y&gv_code=ADA2&gclid=g&utm_source=chat")
    page = ben.sent("page")[0]
    assert (page["visitor"], page["click"], page["consent"]["ad_storage"]) == (None, None, "denied")
    assert page["page"].endswith("?utm_source=chat")
    ben.page.goto(ben.street.page(ben.visit, "cart"))
    api = "new Promise(done => grapevine('ready', api => done([api.code(), api.cart_attributes()])))"
    assert ben.do(api) == ["ADA2", {"grapevine_claim": "m1.y"}]
    assert ben.cookies() == set()
    assert ben.do("Object.keys(localStorage)") == []


def test_consent_lets_the_click_be_kept_and_its_withdrawal_drops_it(mall: Mall) -> None:
    ben = mall.shopper(f"{GTAG}; gtag('consent', 'default', {{ad_storage: 'denied'}})").come("?gv_click=c1.x")
    ben.sent("page")
    ben.do("gtag('consent', 'update', {ad_storage: 'granted', analytics_storage: 'granted'})")
    told = ben.sent("consent")[0]
    assert (told["click"], told["consent"]["ad_storage"]) == ("c1.x", "granted")
    assert told["visitor"]
    ben.come("checkout")
    assert ben.sent("page", 2)[1]["click"] is None, "the page's own default counts until the visitor's choice is read"
    assert ben.cookies() == {"gv_click", "gv_visitor"}
    ben.do("grapevine('consent', {ad_storage: 'granted', analytics_storage: 'granted'})")
    ben.do("grapevine('purchase', {order: 7, value: 1})")
    assert ben.sent("purchase")[0]["click"] == "c1.x"
    ben.do("grapevine('consent', {ad_storage: 'denied', analytics_storage: 'denied'})")
    withdrawn = ben.sent("consent", 3)[2]
    assert withdrawn["visitor"] == ben.visit.named("purchase")[0]["visitor"], "so that the server knows whom to forget"
    ben.do("grapevine('track', 'later')")
    later = ben.sent("track")[0]
    assert (later["visitor"], later["click"], later["claim"]) == (None, None, None)
    assert ben.cookies() == set()
    ben.unharmed()


def test_what_is_kept_with_consent_comes_back_on_the_next_page(mall: Mall) -> None:
    ben = mall.shopper(config={"consent": GRANTED}).come("?gv_click=c1.x")
    first = ben.sent("page")[0]
    ben.come("next")
    second = ben.sent("page", 2)[1]
    assert first["visitor"] == second["visitor"]
    assert second["click"] == "c1.x"
    assert ben.cookies() == {"gv_click", "gv_visitor"}


def test_who_somebody_is_waits_for_their_consent(mall: Mall) -> None:
    token = "h." + "x" * 30 + ".s"
    ada = mall.shopper(f"window.token = '{token}'").come()
    ada.do("grapevine('identify', token)")
    ada.sent("page")
    assert ada.visit.named("identify") == []
    ada.do("grapevine('consent', {analytics_storage: 'granted'})")
    assert ada.sent("identify")[0]["data"] == {"token": token}


def test_where_the_page_tells_its_views_itself_consent_counts_all_the_same(mall: Mall) -> None:
    head = f"""window.heard = []; window.grapevine = (...c) => {{ (grapevine.q = grapevine.q || []).push(c) }};
        grapevine('init', {{page: false, key: '{KEY}'}}); grapevine('on', 'consent', s => heard.push(s.ad_storage))"""
    ada = mall.shopper(f"{GTAG}; {head}").come("?gv_click=c1.x")
    ada.ready()
    ada.do("gtag('consent', 'update', {ad_storage: 'granted', analytics_storage: 'granted'})")
    assert ada.sent("consent")[0]["click"] == "c1.x"
    assert ada.cookies() == {"gv_click", "gv_visitor"}
    ada.do("gtag('consent', 'update', {ad_storage: 'denied', analytics_storage: 'denied'})")
    assert ada.sent("consent", 2)[1]["visitor"] == ada.visit.named("consent")[0]["visitor"]
    assert ada.cookies() == set()
    assert ada.do("heard") == ["granted", "denied"]
    assert ada.visit.named("page") == []


def test_a_no_that_was_said_before_the_tag_was_there_forgets_the_visitor(mall: Mall) -> None:
    ada = mall.shopper(GTAG, config={"consent": GRANTED}).come()
    known = ada.sent("page")[0]["visitor"]
    ada.visit.html = ada.visit.html.replace(GTAG, f"{GTAG}; gtag('consent', 'update', {{analytics_storage: 'denied'}})")
    ada.come("next")
    assert ada.sent("page", 2)[1]["visitor"] is None
    assert [event["visitor"] for event in ada.sent("consent")] == [known]
    ada.come("another")
    ada.sent("page", 3)
    assert len(ada.visit.named("consent")) == 1


def test_a_no_is_told_though_the_page_is_loaded_anew_at_once(mall: Mall, another_window: Page) -> None:
    ada = mall.shopper(GTAG, page=another_window, config={"consent": GRANTED}).come()
    known = ada.sent("page")[0]["visitor"]
    # Longer on the page than its word on the switch holds, which cannot be asked for again in time.
    ada.visit.how["config"] = "error"
    ada.do("() => { const now = Date.now; Date.now = () => now() + 40_000 }")
    ada.do("""() => {
        gtag('consent', 'update', {ad_storage: 'denied', analytics_storage: 'denied'});
        grapevine('track', 'going');
    }""")
    ada.page.reload()
    assert [event["visitor"] for event in ada.sent("consent")] == [known]
    assert ada.visit.named("track") == [], "nothing else leaves while it is not known whether the tag is on"


def takes_back_after_a_purchase_that_waits(ada: Shopper, how: How) -> None:
    ada.visit.how["events"] = how
    asked = len(ada.visit.asked)
    ada.do("grapevine('purchase', {order: 1, value: 2})")
    eventually(lambda: len(ada.visit.asked) > asked)
    ada.do("gtag('consent', 'update', {ad_storage: 'denied', analytics_storage: 'denied'})")
    ada.do("history.pushState({}, '', 'elsewhere')")


def test_what_waits_when_consent_is_taken_back_names_nobody_any_more(mall: Mall) -> None:
    ada = mall.shopper(GTAG, config={"consent": GRANTED}).come("?gv_click=c1.x")
    known = ada.sent("page")[0]["visitor"]
    takes_back_after_a_purchase_that_waits(ada, "error")
    ada.visit.how.clear()
    purchase = ada.sent("purchase")[0]
    assert (purchase["visitor"], purchase["click"]) == (None, None)
    assert [event["visitor"] for event in ada.sent("consent")] == [known]


def test_whom_to_forget_is_told_though_the_network_hangs_and_the_application_moves_on(mall: Mall) -> None:
    ada = mall.shopper(GTAG, config={"consent": GRANTED}).come()
    known = ada.sent("page")[0]["visitor"]
    takes_back_after_a_purchase_that_waits(ada, "hangs")
    ada.do("new Promise(done => setTimeout(done, 80))")
    ada.visit.how.clear()
    ada.page.goto("about:blank")
    assert [event["visitor"] for event in ada.sent("consent")] == [known]


@pytest.mark.parametrize(
    ("word", "told"),
    [("{ad_storage: 'denied'}", 0), ("{ad_storage: 'denied', analytics_storage: 'granted'}", 1)],
)
def test_a_no_counts_for_what_earlier_pages_could_not_send(mall: Mall, word: str, told: int) -> None:
    ada = mall.shopper(GTAG).come("?gv_click=c1.x")
    ada.sent("page")
    ada.do("gtag('consent', 'update', {ad_storage: 'granted', analytics_storage: 'granted'})")
    ada.sent("consent")
    ada.visit.how["events"] = "error"
    asked = len(ada.visit.asked)
    ada.do("() => { navigator.sendBeacon = () => true; grapevine('purchase', {order: 1, value: 2}) }")
    eventually(lambda: len(ada.visit.asked) > asked)
    assert ada.do(KEPT_PURCHASES)
    ada.come("next")
    ada.ready()
    ada.visit.how.clear()
    ada.do(f"gtag('consent', 'update', {word})")
    eventually(lambda: ada.do("Object.keys(localStorage).length") == 0)
    ada.do("grapevine('track', 'later')")
    ada.sent("track")
    assert [event["click"] for event in ada.visit.named("purchase")] == [None] * told
    assert "gv_click" not in ada.cookies()


def test_a_no_where_the_page_had_not_asked_yet_forgets_the_visitor(mall: Mall) -> None:
    ada = mall.shopper(GTAG).come("?gv_click=c1.x")
    ada.ready()
    ada.do("gtag('consent', 'update', {ad_storage: 'granted', analytics_storage: 'granted'})")
    known = ada.sent("consent")[0]["visitor"]
    ada.come("next")
    ada.ready()
    no = "gtag('consent', 'update', {ad_storage: 'denied', analytics_storage: 'denied'})"
    ada.do(f"() => {{ {no}; {no} }}")
    assert [event["visitor"] for event in ada.sent("consent", 2)] == [known, known]
    assert ada.cookies() == set()
    ada.come("another")
    ada.sent("page", 3)
    ada.do(f"() => {{ {no}; grapevine('track', 'later') }}")
    ada.sent("track")
    assert len(ada.visit.named("consent")) == 2


def test_a_no_in_one_tab_counts_in_the_others(mall: Mall) -> None:
    ada = mall.shopper(GTAG, config={"consent": GRANTED}).come("?gv_click=c1.x")
    known = ada.sent("page")[0]["visitor"]
    with ada.context.new_page() as other:
        other.goto(ada.street.page(ada.visit, "other"))
        assert ada.sent("page", 2)[1]["visitor"] == known
        other.evaluate("gtag('consent', 'update', {ad_storage: 'denied', analytics_storage: 'denied'})")
        eventually(
            lambda: ada.do("new Promise(done => grapevine('ready', api => done(api.consent().ad_storage)))") == "denied"
        )
        assert ada.do("new Promise(done => grapevine('ready', api => done(api.cart_attributes())))") == {}
        ada.do("() => { history.pushState({}, '', 'elsewhere'); grapevine('track', 'later') }")
        later = ada.sent("track")[0]
        assert (later["visitor"], later["click"]) == (None, None)
        assert {event["visitor"] for event in ada.sent("consent", 2)} == {known}
        assert ada.cookies() == set()
        assert ada.do("Object.keys(localStorage)") == []


def test_a_no_on_a_later_page_counts_on_the_one_that_the_browser_brings_back(mall: Mall) -> None:
    ada = mall.shopper(GTAG, config={"consent": GRANTED}).come("?gv_click=c1.x")
    ada.sent("page")
    ada.context.clear_cookies()  # as a no on the page after it does
    ada.do("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    again = ada.sent("page", 2)[1]
    assert (again["visitor"], again["click"], again["consent"]["analytics_storage"]) == (None, None, "denied")
    assert ada.cookies() == set()
