"""A street of shops with the tag, and a browser window to walk it."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.tag_shop import Street
from tests.browser.tag_shopper import Mall
from tests.support.tag import built_tag

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WATCH = """
window.shifts = 0; window.violations = [];
new PerformanceObserver(list => { for (const e of list.getEntries()) window.shifts += e.value })
  .observe({type: 'layout-shift', buffered: true});
addEventListener('securitypolicyviolation', e => window.violations.push(e.violatedDirective + ' ' + e.blockedURI));
"""


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    with Street(built_tag()).open() as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def window(browser: Browser) -> Page:
    context = browser.new_context()
    context.add_init_script(WATCH)
    return context.new_page()


@pytest.fixture
def mall(window: Page, street: Street) -> Iterator[Mall]:
    made = Mall(window, street)
    yield made
    for shopper in made.shoppers:
        shopper.go()


@pytest.fixture
def another_window(browser: Browser) -> Iterator[Page]:
    """With a network and a clock of its own."""
    context = browser.new_context()
    context.add_init_script(WATCH)
    yield context.new_page()
    context.close()
