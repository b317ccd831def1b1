"""People in shops that carry the tag."""

from typing import Any, Final

from playwright.sync_api import Error, Page

from tests.browser.tag_shop import Street, Visit, eventually

GRANTED: Final = {"ad_storage": "granted", "analytics_storage": "granted"}
ORDER: Final = (
    "{transaction_id: '#1001', value: 178.5, currency: 'EUR', coupon: 'ADA2', items: [{item_id: 'F', price: 89}]}"
)
GTAG: Final = "window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments) }"
KEPT_PURCHASES: Final = "Object.keys(localStorage).filter(name => localStorage[name].includes('\"purchase\"'))"


class Shopper:
    """Somebody in one shop. Errors that reach the page are kept."""

    def __init__(self, page: Page, street: Street, visit: Visit) -> None:
        self.street = street
        self.visit = visit
        self.page = page
        self.context = page.context
        self.errors: list[str] = []
        page.on("pageerror", self._hear)

    def _hear(self, error: Error) -> None:
        self.errors.append(str(error))

    def go(self) -> None:
        self.page.remove_listener("pageerror", self._hear)

    def come(self, rest: str = "") -> "Shopper":
        self.page.goto(self.street.page(self.visit, rest))
        return self

    def do(self, script: str) -> Any:
        return self.page.evaluate(script)

    def ready(self) -> None:
        self.do("new Promise(done => grapevine('ready', () => done(true)))")

    def sent(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        """The events of this name, once there are as many as said."""
        eventually(lambda: len(self.visit.named(name)) >= count)
        return self.visit.named(name)

    def cookies(self) -> set[str]:
        return {str(cookie.get("name")) for cookie in self.context.cookies(self.street.page(self.visit))}

    def unharmed(self) -> None:
        """The page saw no error, nothing moved, and its own script ran."""
        assert self.errors == []
        assert self.do("window.shifts") == 0
        assert self.do("window.shop") == "works"


class Mall:
    """Makes shoppers: each in a shop on a site of its own, so that they may share a window."""

    def __init__(self, window: Page, street: Street) -> None:
        self._window = window
        self.street = street
        self.shoppers: list[Shopper] = []

    def shopper(
        self, head: str = "", body: str = "", *, tag: str | None = None, page: Page | None = None, **details: Any
    ) -> Shopper:
        visit = self.street.visit(f"shop{len(self.street.visits)}", **details)
        tag = self.street.snippet(visit) if tag is None else tag.replace("BASE", self.street.base(visit))
        head = f"<title>Lamps</title><script>{head}</script>{tag}"
        shop = "<script>addEventListener('load', () => { window.shop = 'works' })</script>"
        if "nonce" in tag:
            head = head.replace("<script>", "<script nonce=n0nce>")
            shop = shop.replace("<script>", "<script nonce=n0nce>")
        visit.html = f"<!doctype html><html><head>{head}</head><body><h1>Lamps</h1>{body}{shop}</body></html>"
        self.shoppers.append(Shopper(page or self._window, self.street, visit))
        return self.shoppers[-1]
