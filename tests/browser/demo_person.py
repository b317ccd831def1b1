"""Somebody who visits the demo shop."""

from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, expect


class Person:
    """Somebody with a browser of their own. What the browser complains about is kept."""

    def __init__(self, browser: Browser, name: str, locale: str = "en-GB", **context: Any) -> None:
        self.name = name
        self.email = f"{name.lower()}@example.com"
        # A browser without a window calls itself a machine, and machines' clicks credit nobody.
        agent = f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{browser.version}"
        self.page: Page = browser.new_context(locale=locale, user_agent=agent, **context).new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"}:
            self.complaints.append(f"{said.text} ({self.page.url})")

    def fill_basket(self, *products: str) -> None:
        for product in products:
            self.page.get_by_role("button", name=f"Add {product} to the basket").click()
        self.page.get_by_role("link", name="Checkout", exact=True).click()

    def buy(self, code: str | None = None) -> None:
        self.page.get_by_label("First name").fill(self.name)
        self.page.get_by_label("E-mail").fill(self.email)
        if code is not None:
            self.page.get_by_label("Discount code").fill(code)
        self.page.locator(".totals").get_by_role("button", name="Place order").click()
        expect(self.page.get_by_role("heading", name=f"Thank you, {self.name}")).to_be_visible()
