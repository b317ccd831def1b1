"""A newcomer's first minutes: `grapevine demo` and a browser, step by step as the shop's guide says."""

import os
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from adapters.host.demo.orders import Books
from tests.browser.demo_figures import eventually, figures, purchases, rewards, vouched
from tests.browser.demo_person import Person
from tests.browser.demo_process import DemoProcess

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    process = DemoProcess(tmp_path_factory.mktemp("a demo") / "data folder")
    try:
        process.start()
        yield process
    finally:
        process.remove()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail("There is no Chromium. Install it, for example: apt-get install --yes chromium", pytrace=False)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield opened
        opened.close()


def test_a_recommendation_from_the_first_order_to_a_full_return(demo: DemoProcess, browser: Browser) -> None:
    ada = Person(browser, "Ada")
    link, statement = ada_shares(demo, ada)
    ben = Person(browser, "Ben", "de-DE", viewport=PHONE)
    ben_claims(ben, link)
    ben_buys(ben)
    the_tag_told_both_orders(demo)
    the_shop_vouched_for_both(demo, ben)
    both_rewards_are_pending(demo, ada, statement)
    the_reports_count_it(demo)
    time_passes(demo, ada)
    ben_returns(ada, statement)
    assert ada.complaints == []
    assert ben.complaints == []


def ada_shares(demo: DemoProcess, ada: Person) -> tuple[str, str]:
    """Ada buys; the thank-you page offers her to share. Her link, and the address of her statement."""
    ada.page.goto(f"{demo.base_url}/demo")
    ada.page.get_by_role("button", name="Yes").click()
    ada.fill_basket("Fjell", "Måne")
    ada.buy()
    expect(ada.page.get_by_role("button", name="Yes")).to_be_hidden()
    ada.page.get_by_role("button", name="Get my link").click()
    expect(ada.page.get_by_role("link", name="WhatsApp")).to_have_attribute("href", re.compile(r"^https://wa\.me/"))
    for channel in ("E-mail", "Text message", "Facebook", "Messenger", "X"):
        expect(ada.page.get_by_role("link", name=channel, exact=True)).to_be_visible()
    ada.page.context.grant_permissions(["clipboard-write"])
    with ada.page.expect_response("**/shared") as told:
        ada.page.get_by_role("button", name="Copy").click()
    assert told.value.status == 204
    picture = ada.page.get_by_role("img", name="QR code of your link")
    expect(picture).to_be_visible()
    assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 100
    statement = ada.page.get_by_role("link", name="See what you have earned").get_attribute("href")
    return ada.page.get_by_label("Your link").input_value(), statement or ""


def ben_claims(ben: Person, link: str) -> None:
    """The link greets Ben in his language, with Ada's name; he takes the deal and goes on to the shop."""
    ben.page.goto(link)
    assert ben.page.locator("html").get_attribute("lang") == "de"
    expect(ben.page.get_by_role("heading", level=1)).to_contain_text("Ada")
    ben.page.locator("#email").fill(ben.email)
    ben.page.locator("#first_name").fill("Ben")
    ben.page.locator("button.go").click()
    expect(ben.page.locator(".code")).to_be_visible()
    ben.page.locator("a.go").click()
    expect(ben.page.get_by_text("€10 off, from a friend.")).to_be_visible()


def ben_buys(ben: Person) -> None:
    """His code is filled in, and comes off the price. The tag has put the click into the form, which he allowed."""
    ben.page.get_by_role("button", name="Yes").click()
    ben.fill_basket("Havn", "Skog")
    expect(ben.page.locator("input[name=grapevine_click]")).to_have_value(re.compile(r"^[\w.~-]{40,}$"))
    expect(ben.page.locator("input[name=grapevine_claim]")).to_have_value(re.compile(r"^[\w.~-]{40,}$"))
    expect(ben.page.locator(".totals .off")).to_contain_text("−€10")
    expect(ben.page.locator(".totals .total")).to_contain_text("€133")
    ben.buy()


def the_tag_told_both_orders(demo: DemoProcess) -> None:
    """From the data layer of the shop's own analytics, each once; Ben's with his click."""
    with demo.api() as api:
        events = eventually(lambda: purchases(api), {"#1001": False, "#1002": True})
        assert events
        health = api.get("/tag/health").json()
        assert health["refused"] == []


def the_shop_vouched_for_both(demo: DemoProcess, ben: Person) -> None:
    """The thank-you page carries what only the shop's server can sign: who its buyer is, as in the shop's own books."""
    with demo.api() as api:
        assert eventually(lambda: vouched(api), ({"identified"}, 2))
        [secret] = api.get("/tag/identify-secrets").json()["secrets"]
    said = re.search(r'grapevine\("identify", "([^"]+)"\)', ben.page.content())
    assert said
    claims = jwt.decode(said[1], OctKey.import_key(secret), algorithms=["HS256"]).claims
    assert claims["sub"] == str(Books(demo.folder).customer_of(ben.email))
    assert (claims["email"], claims["name"]) == (ben.email, "Ben")


def both_rewards_are_pending(demo: DemoProcess, ada: Person, statement: str) -> None:
    with demo.api() as api:
        assert eventually(lambda: rewards(api), {"advocate": (1118, "pending"), "friend": (1000, "pending")})
        balances = [one["balance"]["amount_minor"] for one in api.get("/ledger/accounts").json()["items"]]
        assert balances and sum(balances) == 0
    ada.page.goto(statement)
    expect(ada.page.locator("body")).to_contain_text("11")


def the_reports_count_it(demo: DemoProcess) -> None:
    """From the share to the order: nothing is charged here, and yet every step counts."""
    with demo.api() as api:
        assert eventually(lambda: figures(api), {"shares": 1, "clicks": 1, "claims": 1, "orders": 1})


def time_passes(demo: DemoProcess, ada: Person) -> None:
    """Behind the counter the clock moves past the hold: both rewards are issued, and Ada has mail."""
    ada.page.goto(f"{demo.base_url}/demo/counter")
    expect(_reward(ada.page, "Ada")).to_contain_text("pending")
    ada.page.get_by_role("button", name="Move 15 days ahead").click()
    expect(_reward(ada.page, "Ada")).to_contain_text("issued", timeout=10_000)
    expect(_reward(ada.page, "Ben")).to_contain_text("issued", timeout=10_000)
    with httpx2.Client(base_url=demo.base_url, trust_env=False) as client:
        eventually(lambda: "Your reward of €11.18 is here" in client.get("/outbox").text, True, within=20)


def ben_returns(ada: Person, statement: str) -> None:
    """Half comes back, then the rest: each time the reward follows, and says why."""
    ada.page.locator(".order", has_text="ben@example.com").get_by_role("button", name="Return half").click()
    reward = _reward(ada.page, "Ada")
    expect(reward.locator("header")).to_contain_text("€5", timeout=10_000)
    expect(reward).to_contain_text("Part of the order was returned: 10 % of the remaining €50.02 is €5.00.")
    ada.page.locator(".order", has_text="ben@example.com").get_by_role("button", name="Return everything").click()
    expect(reward.locator("header")).to_contain_text("€0", timeout=10_000)
    expect(reward).to_contain_text("The whole order was returned.")
    ada.page.goto(statement)
    expect(ada.page.locator("body")).to_contain_text("The whole order was returned.")


def _reward(page: Page, name: str) -> Locator:
    return page.locator(".order", has_text="ben@example.com").locator(
        ".reward", has=page.get_by_role("heading", name=name)
    )


def test_one_who_recommends_the_shop_to_herself_gets_nothing_and_is_told_why(
    demo: DemoProcess, browser: Browser
) -> None:
    eve = Person(browser, "Eve")
    eve.page.goto(f"{demo.base_url}/demo")
    eve.fill_basket("Lysning")
    eve.buy()
    eve.page.get_by_role("button", name="Get my link").click()
    code = eve.page.locator(".code b").inner_text()
    eve.page.goto(f"{demo.base_url}/demo")
    eve.fill_basket("Stille")
    eve.buy(code.lower())
    eve.page.goto(f"{demo.base_url}/demo/counter")
    expect(eve.page.locator(".order").first).to_contain_text("Nobody can recommend the shop to themselves.")
    assert eve.complaints == []


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "\u202e\x00'; DROP TABLE placed; --", "🕯️" * 400])
def test_the_shop_takes_whatever_is_typed(demo: DemoProcess, hostile: str) -> None:
    with httpx2.Client(base_url=demo.base_url, trust_env=False) as client:
        client.post("/demo/basket", data={"product": "fjell"})
        client.post("/demo/basket", data={"product": hostile, "step": hostile})
        form = dict.fromkeys(("first_name", "last_name", "email", "code", "locale", "checkout", "do"), hostile)
        for changed in ({}, {"code": ""}, {"code": "", "email": "eve@example.com"}, {"do": "apply"}):
            answer = client.post("/demo/checkout", data=form | changed)
            assert answer.status_code in {200, 303, 422}, answer.text
            assert "<script>alert" not in answer.text
        answer = client.get("/demo", params=dict.fromkeys(("gv_code", "gv_claim", "gv_click"), hostile))
        assert answer.status_code == 200
        assert client.get(f"/demo/thanks/{'x' * 200}").status_code == 404
        assert client.post(f"/demo/counter/{'x' * 20}/half").status_code == 404
        assert client.get("/demo/counter").status_code == 200


def test_what_is_wrong_at_the_checkout_is_said_at_its_field(demo: DemoProcess, browser: Browser) -> None:
    finn = Person(browser, "Finn")
    (page := finn.page).goto(f"{demo.base_url}/demo")
    finn.fill_basket("Fjell")
    page.locator("form.pay").evaluate("form => { form.noValidate = true }")
    page.get_by_label("E-mail").fill("not an address")
    page.locator(".totals").get_by_role("button", name="Place order").click()
    expect(page.get_by_label("First name")).to_have_accessible_description("Please tell us your first name.")
    expect(page.get_by_label("First name")).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_accessible_description("Please check your e-mail address.")


def test_another_sites_form_is_refused(demo: DemoProcess) -> None:
    with httpx2.Client(base_url=demo.base_url, trust_env=False) as client:
        elsewhere = {"sec-fetch-site": "cross-site"}
        assert client.post("/demo/counter/clock", headers=elsewhere).status_code == 403
        assert client.post("/demo/basket", data={"product": "fjell"}, headers=elsewhere).status_code == 403


def test_a_second_run_finds_everything_again_and_stops_cleanly(demo: DemoProcess) -> None:
    before = demo.keys
    assert demo.stop() == 0
    demo.start()
    assert demo.keys == before
    assert (demo.folder / "demo" / "keys.json").stat().st_mode & 0o777 == 0o600
    with demo.api() as api:
        assert api.get("/shop").json()["storefront_url"] == f"{demo.base_url}/demo"
        assert len(api.get("/programmes").json()["items"]) == 1


def test_an_ended_programme_is_said_in_words_and_replaced_by_the_next_run(demo: DemoProcess) -> None:
    ended = demo.keys.programme_id
    with demo.api() as api:
        assert api.post(f"/programmes/{ended}/end").is_success
    with httpx2.Client(base_url=demo.base_url, trust_env=False) as shopper:
        shopper.post("/demo/basket", data={"product": "fjell"})
        order = shopper.post("/demo/checkout", data={"first_name": "Zoe", "email": "zoe@example.com", "do": "order"})
        refused = shopper.post(f"{order.headers['location']}/enrol")
        assert refused.status_code == 409
        assert "has ended" in refused.text
        assert demo.stop() == 0
        demo.start()
        assert demo.keys.programme_id != ended
        address = f"{demo.base_url}{order.headers['location']}"
        assert shopper.post(f"{address}/enrol").status_code == 303
        assert "Your link" in shopper.get(address).text


def test_a_second_demo_on_the_same_folder_is_refused_in_words(demo: DemoProcess) -> None:
    other = DemoProcess(Path(demo.folder))
    with pytest.raises(AssertionError, match="already runs on the data folder"):
        other.start()


def test_a_process_that_dies_is_named_and_ends_the_demo(demo: DemoProcess) -> None:
    worker = demo.pid_of("worker")
    assert worker
    assert demo.pid_of("serve")
    os.kill(worker, signal.SIGKILL)
    assert demo.ended() == 1
    assert "`grapevine worker` ended by itself (exit code -9)." in demo.said
    with pytest.raises(httpx2.ConnectError), demo.api() as api:
        api.get("/shop")
