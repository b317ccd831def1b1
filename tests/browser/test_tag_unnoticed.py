"""The tag in shops of every kind, and with a Grapevine in any state: nobody notices."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.tag_shop import KEY, How, eventually
from tests.browser.tag_shopper import GRANTED, GTAG, ORDER, Mall


def test_loaded_twice_it_counts_once(mall: Mall) -> None:
    ada = mall.shopper(tag="", body="")
    twice = ada.street.snippet(ada.visit) * 2
    plain = f'<script async src="{ada.street.base(ada.visit)}/tag/grapevine.js" data-key="{KEY}"></script>'
    ada.visit.html = ada.visit.html.replace("</head>", f"{twice}{plain}</head>")
    ada.come()
    ada.ready()
    ada.do("grapevine('purchase', {order: 1, value: 2})")
    ada.sent("purchase")
    ada.sent("page")
    assert len(ada.visit.events) == 2
    ada.unharmed()


def test_under_a_strict_policy_with_nonce_and_trusted_types(mall: Mall) -> None:
    ada = mall.shopper(tag="nonce", config={"consent": GRANTED})
    ada.visit.html = ada.visit.html.replace("nonce</head>", f"{ada.street.snippet(ada.visit, 'n0nce')}</head>")
    policy = "default-src 'none'; script-src 'nonce-n0nce'; connect-src HOST; require-trusted-types-for 'script'"
    host = ada.street.base(ada.visit).rpartition("/")[0]
    ada.visit.page_headers["content-security-policy"] = policy.replace("HOST", host) + "; trusted-types grapevine"
    ada.come()
    ada.sent("page")
    assert ada.do("window.violations") == []
    ada.unharmed()


def test_without_inline_script_and_pinned_by_its_checksum(mall: Mall) -> None:
    loader = mall.street.manifest.loader
    tag = (
        f'<script async src="BASE/tag/{loader.file}" integrity="{loader.integrity}" crossorigin="anonymous"'
        f' data-key="{KEY}"></script>'
    )
    ada = mall.shopper(tag=tag).come()
    ada.sent("page")
    ada.unharmed()


def test_with_storage_and_cookies_blocked(mall: Mall) -> None:
    ada = mall.shopper(config={"consent": GRANTED})
    ada.visit.page_headers["content-security-policy"] = "sandbox allow-scripts"
    ada.come("?gv_click=c1.x&gv_claim=m1.y")
    blocked = "() => { try { localStorage; return false } catch { return true } }"
    assert ada.do(blocked)
    page = ada.sent("page")[0]
    assert page["click"] == "c1.x"
    attributes = "new Promise(done => grapevine('ready', api => done(api.cart_attributes())))"
    assert ada.do(attributes) == {"grapevine_click": "c1.x", "grapevine_claim": "m1.y"}
    ada.do("grapevine('purchase', {order: 1, value: 2})")
    assert ada.sent("purchase")[0]["visitor"] == page["visitor"]
    ada.unharmed()


BROKEN = [
    {"all": "down"}, {"loader": "hangs"}, {"config": "hangs"}, {"core": "hangs"}, {"events": "hangs"},
    {"loader": "garbage"}, {"config": "garbage"}, {"core": "garbage"}, {"events": "garbage"}, {"all": "error"},
]  # fmt: skip


@pytest.mark.parametrize("how", BROKEN, ids=lambda how: "-".join(*how.items()))
def test_a_broken_host_is_not_noticed(mall: Mall, how: dict[str, How]) -> None:
    # Something else still loads, so that the page would wait for a script of ours as well.
    slow = "<img src=slow.svg width=1 height=1>" if "hangs" in how.values() else ""
    ada = mall.shopper(GTAG, slow, how=how).come()
    assert ada.do("performance.timing.loadEventStart - performance.timing.navigationStart") < 2_000
    ada.do(f"grapevine('purchase', {ORDER}); dataLayer.push({{event: 'purchase', ecommerce: {ORDER}}})")
    (part,) = how
    eventually(lambda: part in ada.visit.asked or (part == "all" and ada.visit.asked))
    ada.do("new Promise(done => setTimeout(done, 30))")
    assert ada.visit.posts == []
    ada.unharmed()


def test_an_unreachable_host_is_not_noticed(mall: Mall) -> None:
    snippet = mall.street.manifest.snippet.text.replace("https://HOST", "http://localhost:9")
    ada = mall.shopper(tag=f"<script>{snippet}</script>").come()
    ada.do("grapevine('page')")
    ada.unharmed()


def test_a_loader_from_before_an_upgrade_finds_the_new_core(mall: Mall) -> None:
    ada = mall.shopper(how={"loader": "old"}).come()
    ada.sent("page")
    assert len(ada.visit.named("page")) == 1
    ada.unharmed()


def test_switched_off_it_does_nothing_at_all(mall: Mall) -> None:
    ada = mall.shopper(config={"on": False}).come("?gv_click=c1.x")
    ada.do("grapevine('purchase', {order: 1, value: 2})")
    eventually(lambda: "config" in ada.visit.asked)
    ada.do("new Promise(done => setTimeout(done, 100))")
    assert ada.visit.asked == ["loader", "config"]
    assert ada.visit.posts == []
    assert ada.cookies() == set()
    ada.unharmed()


def test_an_open_page_is_silent_within_a_minute_of_the_switch(mall: Mall, another_window: Page) -> None:
    ada = mall.shopper(page=another_window, config={"consent": GRANTED})
    clock = ada.page.clock
    clock.install()
    ada.come()

    def time_passes_until(look: Callable[[], Any]) -> None:
        while not look():
            clock.run_for(100)
            time.sleep(0.03)  # the network's time is real

    time_passes_until(lambda: ada.visit.named("page"))
    ada.visit.config["on"] = False
    clock.run_for(60_000)
    stopped = "grapevine('on', 'stopped', () => { window.stopped = true }); grapevine('purchase', {order: 1, value: 2})"
    ada.do(stopped)
    time_passes_until(lambda: ada.do("window.stopped"))
    ada.do("grapevine('purchase', {order: 2, value: 2})")
    clock.run_for(5_000)
    ada.page.goto("about:blank")
    assert ada.visit.named("purchase") == []


OLD_LIBRARY = """
for (const kind of [Array, String, Number]) kind.prototype.toJSON = function () { return 'bent ' + this };
Array.prototype.each = function () {};
Object.prototype.extend = function () {};
Array.from = list => { const made = []; for (let at = 0; at < list.length; at++) made[at] = list[at]; return made };
delete Crypto.prototype.randomUUID;
Promise = function () {};
navigator.sendBeacon = () => false;
"""


def test_beside_a_library_that_changed_what_the_browser_has(mall: Mall) -> None:
    ada = mall.shopper(f"{GTAG}; {OLD_LIBRARY}", config={"consent": GRANTED}).come()
    ada.ready()
    ada.do("() => { grapevine('purchase', {order: 1, value: 2, coupon: ['ADA2']}); grapevine('track', 'x', {a: [1]}) }")
    assert ada.sent("purchase")[0]["data"]["coupon"] == ["ADA2"]
    assert ada.sent("track")[0]["data"] == {"event": "x", "a": [1]}
    ids = [event["id"] for event in ada.visit.events]
    assert len(set(ids)) == 3
    assert {(len(each), each[14], each[19] in "89ab") for each in ids} == {(36, "7", True)}
    ada.do("grapevine('track', 'leaving')")
    ada.page.goto("about:blank")
    assert len(ada.sent("track", 2)) == 2
    assert ada.errors == []


@pytest.mark.parametrize(
    "taken",
    [
        "fetch = undefined",
        "fetch = () => { throw new Error('no') }",
        "fetch = () => 1",
        "Object.defineProperty(window, 'grapevine', {value() {}})",
    ],
)
def test_in_a_page_that_took_away_what_it_needs(mall: Mall, taken: str) -> None:
    ada = mall.shopper(taken).come()
    ada.do("grapevine('page')")
    ada.unharmed()


@pytest.mark.parametrize("element", ["<div id=grapevine></div>", "<iframe name=grapevine></iframe>"])
@pytest.mark.parametrize("tag", [None, f'<script async src="BASE/tag/grapevine.js" data-key="{KEY}"></script>'])
def test_in_a_page_whose_element_has_its_name(mall: Mall, element: str, tag: str | None) -> None:
    ada = mall.shopper(tag=tag)
    ada.visit.html = ada.visit.html.replace("<head>", f"<body>{element}")
    ada.come()
    ada.sent("page")
    ada.do("grapevine('track', 'x')")
    ada.sent("track")
    ada.unharmed()


def test_an_element_in_the_page_cannot_say_where_the_tag_comes_from(mall: Mall) -> None:
    attacker = mall.shopper()
    evil = f"{attacker.street.base(attacker.visit)}/tag/grapevine.js"
    ada = mall.shopper(tag=f'<script async src="BASE/tag/grapevine.js" data-key="{KEY}"></script>')
    ada.visit.html = ada.visit.html.replace("<head>", f"<body><img name=currentScript data-key=evil src='{evil}'>")
    ada.come()
    ada.sent("page")
    assert "config" not in attacker.visit.asked
    ada.unharmed()


def test_an_order_of_many_things_is_told_without_them(mall: Mall) -> None:
    ada = mall.shopper().come()
    ada.ready()
    ada.do("""() => {
        const items = Array.from({length: 50}, () => ({item_id: 'F', item_name: 'ä'.repeat(200), price: 1}));
        grapevine('purchase', {order: 1, value: 2, items}); grapevine('track', 'x', {text: 'ä'.repeat(9000)});
    }""")
    told = ada.sent("purchase")[0]["data"]
    assert (told["order"], told["value"], told["items"]) == ("1", "2.00", [])
    assert ada.sent("track")[0]["data"] == {"event": "x"}


def test_a_mistake_in_the_shops_own_function_stays_there(mall: Mall) -> None:
    head = """window.heard = [];
        grapevine = (...c) => (grapevine.q = grapevine.q || []).push(c);
        grapevine('on', 'purchase', () => { throw new Error('mine') });
        grapevine('on', 'purchase', data => heard.push(data.order));
        grapevine('ready', () => { throw new Error('mine too') });
        grapevine('on'); grapevine(); grapevine('purchase'); grapevine('nonsense', 1); grapevine('page', null)"""
    ada = mall.shopper(head).come()
    ada.ready()
    ada.do("grapevine('purchase', {order: 1, value: 2})")
    ada.sent("purchase")
    assert ada.do("heard") == ["1"]
    ada.unharmed()


def test_a_server_that_is_switched_off_is_obeyed_at_once(mall: Mall) -> None:
    ada = mall.shopper().come()
    ada.sent("page")
    ada.visit.config["on"] = False
    ada.do("grapevine('purchase', {order: 1, value: 2})")
    ada.sent("purchase")
    ada.do("new Promise(done => setTimeout(done, 50))")
    ada.do("grapevine('purchase', {order: 2, value: 2}); grapevine('track', 'more')")
    ada.come("next")
    assert [event["data"].get("order") for event in ada.visit.events] == [None, "1"]


TAG_MANAGER = """
window.granted = {ad_storage: true, analytics_storage: true}; window.listeners = {}; window.loaded = [];
const apis = {
  addConsentListener: (type, listener) => { listeners[type] = listener },
  callInWindow: (name, ...given) => window[name](...given),
  copyFromWindow: name => window[name],
  createArgumentsQueue: (name, list) => {
    window[name] = function () { window[name].q.push(arguments) };
    window[name].q = [];
    window.held = window[name];
  },
  injectScript: (url, onSuccess, onFailure) => {
    const script = document.createElement('script');
    Object.assign(script, {async: true, src: url, onload: onSuccess, onerror: onFailure});
    document.head.append(script);
  },
  isConsentGranted: type => Boolean(granted[type]),
};
const fire = data => ((require, data) => { CODE })(name => apis[name], {
  ...data, gtmOnSuccess: () => loaded.push(true), gtmOnFailure: () => loaded.push(false),
});
"""
"""The APIs that Tag Manager gives to a template, as far as ours asks for them."""


def test_a_yes_that_the_tag_manager_knows_is_newer_than_the_pages_default(mall: Mall) -> None:
    template = (Path(__file__).parents[2] / "frontends" / "gtm" / "web" / "template.tpl").read_text("utf-8")
    code = template.partition("___SANDBOXED_JS_FOR_WEB_TEMPLATE___")[2].partition("___WEB_PERMISSIONS___")[0]
    default = "gtag('consent', 'default', {ad_storage: 'denied', ad_user_data: 'denied', wait_for_update: 500})"
    head = f"{GTAG}; {default};" + TAG_MANAGER.replace("CODE", code)
    ada = mall.shopper(head, tag="").come("?gv_click=c1.x")
    ada.do(f"fire({{action: 'install', host: '{ada.street.base(ada.visit)}/', key: '{KEY}'}})")
    page = ada.sent("page")[0]
    assert page["click"] == "c1.x"
    assert (page["consent"]["ad_storage"], page["consent"]["ad_user_data"]) == ("granted", "denied")
    assert ada.cookies() == {"gv_click", "gv_visitor"}


def test_installed_by_a_tag_manager(mall: Mall) -> None:
    template = (Path(__file__).parents[2] / "frontends" / "gtm" / "web" / "template.tpl").read_text("utf-8")
    code = template.partition("___SANDBOXED_JS_FOR_WEB_TEMPLATE___")[2].partition("___WEB_PERMISSIONS___")[0]
    ada = mall.shopper(GTAG + TAG_MANAGER.replace("CODE", code), tag="").come("?gv_click=c1.x")
    ada.do(f"fire({{action: 'install', host: '{ada.street.base(ada.visit)}/', key: '{KEY}'}})")
    page = ada.sent("page")[0]
    assert (page["click"], page["consent"]["ad_storage"], page["consent"]["ad_user_data"]) == (
        "c1.x",
        "granted",
        "denied",
    )
    ada.do("listeners.ad_storage('ad_storage', false)")
    ada.do(f"gtag('event', 'purchase', {ORDER}); fire({{action: 'event', event: 'share', channel: 'x'}}); held('page')")
    purchase = ada.sent("purchase")[0]
    assert (purchase["click"], purchase["data"]["order"]) == (None, "#1001")
    assert ada.sent("share")[0]["data"] == {"channel": "x"}
    assert len(ada.sent("page", 2)) == 2
    assert ada.do("loaded") == [True, True]
    ada.unharmed()
