"""The deal's page in a real browser: without script, on a phone, in every language."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from adapters.shared.texts import LOCALES
from tests.acquisition.support import DealWorld
from tests.support.world import BASE_URL, ShopWorld

CHROMIUM = os.environ.get("GRAPEVINE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
PHONE, SMALL, DESK = (390, 844), (320, 640), (1280, 900)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def deal(shop: ShopWorld) -> DealWorld:
    made = DealWorld(shop)
    made.programme()
    made.advocate()
    return made


class Visit:
    """A browser's window onto the app; notes what the page asks for and complains about."""

    def __init__(self, context: BrowserContext, shop: ShopWorld) -> None:
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self._shop = shop
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.route("**/*", self._answer)

    def open(self, path: str) -> Page:
        self.page.goto(BASE_URL + path)
        return self.page

    def _answer(self, route: Route) -> None:
        request = route.request
        self.asked.append(request.url)
        if not request.url.startswith(BASE_URL):
            route.fulfill(status=200, content_type="text/html", body="<title>elsewhere</title>")
            return
        parts = urlsplit(request.url)
        headers = {
            name: value for name, value in request.headers.items() if name in {"accept-language", "content-type"}
        }
        address = parts.path + (f"?{parts.query}" if parts.query else "")
        answer = self._shop.client.request(request.method, address, content=request.post_data_buffer, headers=headers)
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)


def visit(browser: Browser, shop: ShopWorld, size: tuple[int, int], **options: object) -> Visit:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)  # type: ignore[arg-type]
    return Visit(context, shop)


def test_a_friend_claims_the_deal_without_any_script(browser: Browser, deal: DealWorld) -> None:
    seen = visit(browser, deal.shop, PHONE, java_script_enabled=False, locale="de-DE")
    page = seen.open(deal.path() + "?utm_source=chat")
    assert page.get_by_role("heading", level=1).inner_text() == "Ada hat an dich gedacht"
    page.get_by_label("Deine E-Mail-Adresse").fill("ben@example.com")
    page.get_by_label("Dein Vorname").fill("Ben")
    page.get_by_role("button", name="Meinen Code holen").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Bitte sehr, Ben!"
    assert page.locator(".code").inner_text().count("-") == 1
    page.get_by_role("link", name="Weiter zu Nordlicht").click()
    assert page.url.startswith("https://nordlicht.example")
    assert "gv_claim=" in page.url
    assert "utm_source=chat" in page.url
    assert seen.complaints == []


def test_switching_the_language_keeps_what_travels_along(browser: Browser, deal: DealWorld) -> None:
    page = visit(browser, deal.shop, PHONE, java_script_enabled=False, locale="de-DE").open(
        deal.path() + "?utm_source=chat&gv_click=abc"
    )
    page.get_by_role("button", name="English").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Ada thought of you"
    assert "utm_source=chat" in page.url
    assert "gv_click=abc" in page.url


@pytest.mark.parametrize("size", [SMALL, PHONE, DESK], ids=["small", "phone", "desk"])
def test_nothing_sticks_out_and_everything_can_be_tapped(
    browser: Browser, deal: DealWorld, size: tuple[int, int]
) -> None:
    deal.advocate(first_name="Maximiliana-Charlotte von und zu Hohenstein", email="max@example.com")
    seen = visit(browser, deal.shop, size)
    for name in deal.codes:
        for locale in LOCALES:
            page = seen.open(f"{deal.path(name)}?lang={locale}")
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], (name, locale)
            heights = page.eval_on_selector_all(
                "a, button, input:not([type=hidden], #website)", "all => all.map(e => e.getBoundingClientRect().height)"
            )
            assert min(heights) >= 44, (name, locale)
    assert seen.complaints == []
    assert all(address.startswith(BASE_URL) for address in seen.asked)
    assert len(seen.asked) == len(deal.codes) * len(LOCALES)


APART = """() => {
    const words = document.createRange();
    words.selectNodeContents(document.querySelector(".worth"));
    const [text, stamp] = [words, document.querySelector(".stamp")].map((each) => each.getBoundingClientRect());
    return text.right < stamp.left || text.bottom <= stamp.top;
}"""
CUT_OFF = "all => all.filter(each => each.scrollWidth > each.clientWidth).map(each => each.textContent)"


def test_with_text_twice_as_large_nothing_is_cut_off_or_covered(browser: Browser, deal: DealWorld) -> None:
    page = visit(browser, deal.shop, SMALL).open(deal.path() + "?lang=fi")
    large = "document.documentElement.style.fontSize = '200%'"
    page.evaluate(large)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL[0]
    assert page.evaluate(APART)
    page.locator("#email").fill("ben@example.com")
    page.locator("button.go").click()
    page.locator(".code").wait_for()
    page.evaluate(large)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL[0]
    assert page.eval_on_selector_all(".ticket *, h1", CUT_OFF) == []


def test_the_deal_can_be_read_on_paper(browser: Browser, deal: DealWorld) -> None:
    page = visit(browser, deal.shop, DESK).open(deal.path())
    page.emulate_media(media="print")
    colour = "each => getComputedStyle(each).color"
    assert page.locator("h1").evaluate(colour) == page.locator("body").evaluate(colour)


def test_the_form_is_within_reach_of_a_thumb(browser: Browser, deal: DealWorld) -> None:
    page = visit(browser, deal.shop, PHONE).open(deal.path())
    assert page.evaluate("document.querySelector('#email').getBoundingClientRect().top") < PHONE[1]
    assert page.evaluate("document.querySelectorAll('h1').length") == 1
    assert page.evaluate("getComputedStyle(document.querySelector('.panel')).backgroundColor") != "rgba(0, 0, 0, 0)"


def test_a_mistake_is_announced_and_in_focus(browser: Browser, deal: DealWorld) -> None:
    page = visit(browser, deal.shop, PHONE, locale="en-GB").open(deal.path())
    page.evaluate("document.querySelector('form[method=post]').noValidate = true")
    page.get_by_label("Your e-mail address").fill("ben@")
    page.get_by_role("button", name="Get my code").click()
    assert "valid e-mail address" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Your e-mail address").input_value() == "ben@"
    assert page.evaluate("document.activeElement.id") == "email"


def test_the_reference_fits_a_phone(browser: Browser, shop: ShopWorld) -> None:
    """Its beginning and the longest names: drawing all of it takes seconds."""
    seen = visit(browser, shop, PHONE)
    before, document, after = re.split(r"(?<=spec: )(.*)(?=,\n *dom_id)", shop.client.get("/docs").text)
    names = sorted(json.loads(document)["components"]["schemas"], key=len)[-3:]
    shapes = {"schemas": {name: {"title": name, "type": "object"} for name in names}}
    short = before + json.dumps(json.loads(document) | {"paths": {}, "components": shapes}) + after
    seen.page.route(f"{BASE_URL}/docs", lambda route: route.fulfill(content_type="text/html", body=short))
    page = seen.open("/docs")
    page.get_by_text(names[-1]).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert seen.complaints == []
