"""Renders the pages. A landing page is rendered once per version into parts, and filled by joining them."""

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from msgspec import Struct
from msgspec.structs import asdict

from acquisition.domain.deal import Terms
from adapters.acquisition.pages import wording
from adapters.acquisition.pages.locale import offered
from adapters.shared.colours import Palette, palette
from adapters.shared.postgres.known_shop import ShopFacts
from adapters.shared.presentable import presentable, web_address
from adapters.shared.texts import Texts, marked, regional
from kernel.codes import shown

HERE: Final = Path(__file__).parent
HOLE: Final = "\x00"
"""Stands where the carried fields go; no text that is shown can hold it."""
STYLE: Final = "\x01"
"""Stands where the style sheet goes."""

Notice = Literal["paused", "ended", "unknown", "unknown_shop", "busy", "away", "expired"]
NOTICES: Final[Mapping[Notice, tuple[str, str]]] = {
    "paused": (
        marked("This deal is taking a break"),
        marked("It is not available at the moment. Please try your link again later."),
    ),
    "ended": (
        marked("This deal has ended"),
        marked("It is no longer available – but you are always welcome."),
    ),
    "unknown": (
        marked("We cannot find this deal"),
        marked("Part of the link may be missing. Please open it again, or ask your friend to send it once more."),
    ),
    "unknown_shop": (
        marked("We cannot find this page"),
        marked("Part of the link may be missing. Please open it again, or ask your friend to send it once more."),
    ),
    "expired": (
        marked("Your deal has expired"),
        marked("You claimed it some time ago and its validity has ended – but you are always welcome."),
    ),
    "busy": (
        marked("One moment, please"),
        marked("There were many attempts in a short time. Please try again in a few minutes."),
    ),
    "away": (
        marked("One moment, please"),
        marked("We cannot show the deal right now. Please try again in a moment."),
    ),
}  # fmt: skip


class Page(Struct, frozen=True, kw_only=True):
    """A page in parts; None is a hole for the carried fields. `headers` are those that no request changes.

    The style sheet is one and the same object in all pages, so a page in memory is only what is its own.
    """

    parts: tuple[bytes | None, ...]
    headers: tuple[tuple[bytes, bytes], ...]

    def filled(self, carried: bytes = b"") -> bytes:
        return b"".join([carried if part is None else part for part in self.parts])

    @property
    def size(self) -> int:
        """Bytes that this page takes for itself."""
        return sum(len(part) for part in self.parts if part is not None and part is not style_bytes())


class Typed(Struct, frozen=True, kw_only=True):
    """What a friend had typed, given back to them when something was wrong."""

    email: str = ""
    first_name: str = ""


class Renderer:
    """`base_url` is the installation's public address, without a slash at the end."""

    def __init__(self, texts: Texts, base_url: str) -> None:
        self.texts = texts
        self._base_url = base_url
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip

    def landing(
        self,
        shop: ShopFacts,
        terms: Terms,
        *,
        code: str,
        name: str,
        locale: str,
        problem: str = "",
        typed: Typed = Typed(),
    ) -> Page:
        """The deal with its form. `name` is the advocate's first name, or empty."""
        path = f"/d/{shop.slug}/{code}"
        address = self._base_url + path
        deal = wording.deal(self.texts, locale, shop.country, terms)
        name, title = presentable(name), presentable(shop.title)
        greeting = wording.greeting(self.texts, locale, name=name, shop=title, deal=deal)
        logo = web_address(shop.brand.logo_url)
        return self._page(
            "landing.html", shop, locale,
            deal=deal, problem=problem, typed=typed, address=address, action=f"{path}?lang={locale}",
            og_locale=regional(locale, shop.country),
            image={"address": logo or f"{address}/preview.png?lang={locale}", "generated": not logo},
            alternates=[(tag, f"{address}?lang={tag}") for tag, _ in offered(shop.locales)],
            **asdict(greeting),
        )  # fmt: skip

    def result(
        self, shop: ShopFacts, terms: Terms, *, code: str, name: str, expires_at: datetime, storefront: str, locale: str
    ) -> Page:
        """The friend's code. `name` is the friend's first name, or empty."""
        deal = wording.deal(self.texts, locale, shop.country, terms)
        until = wording.moment(self.texts, regional(locale, shop.country), expires_at, shop.time_zone)
        name = presentable(name)
        ready = self.texts.text(locale, "Your code is ready")
        text = self.texts.text
        return self._page(
            "result.html", shop, locale, tongues=(),
            title=ready, headline=text(locale, "Here you are, {name}!", name=name) if name else ready,
            lead=text(locale, "{deal} {off} at {shop}.", deal=deal.worth, off=deal.off, shop=presentable(shop.title)),
            until=text(locale, "Valid until {date}", date=until),
            deal=wording.Deal(worth=deal.worth, off=deal.off, conditions=deal.conditions[:-1]),
            code=shown(code), storefront=web_address(storefront),
        )  # fmt: skip

    def notice(self, shop: ShopFacts | None, notice: Notice, locale: str) -> Page:
        """Friendly words instead of a deal."""
        headline, lead = (self.texts.text(locale, msgid) for msgid in NOTICES[notice])
        storefront = web_address(shop.storefront_url) if shop else ""
        return self._page(
            "notice.html", shop, locale, title=headline, headline=headline, lead=lead, storefront=storefront,
            tongues=(),
        )  # fmt: skip

    def _page(self, template: str, shop: ShopFacts | None, locale: str, **values: Any) -> Page:
        colours = palette(*(shop.brand.colour, shop.brand.colour_text) if shop else ("", ""))
        brand_style = _brand_style(colours)
        title = presentable(shop.title) if shop else ""
        context: dict[str, Any] = {
            "locale": locale, "style": STYLE, "brand_style": brand_style, "palette": colours, "hole": HOLE,
            "code": "", "tongues": offered(shop.locales) if shop else (),
            "shop": {"title": title, "mark": title[:1].upper()} if shop else None,
            "_": partial(self.texts.text, locale),
        } | values  # fmt: skip
        html = self._templates.get_template(template).render(context)
        return Page(
            parts=tuple(_part(text) for text in re.split(f"([{HOLE}{STYLE}])", html)),
            headers=_headers(locale, brand_style),
        )


def _brand_style(colours: Palette) -> str:
    return (
        f":root{{--accent:{colours.accent};--on:{colours.on_accent};--glow:{colours.glow};--paper:{colours.paper};"
        f"--ink:{colours.ink};--quiet:{colours.quiet};--link:{colours.link};--line:{colours.line};--edge:{colours.edge}}}"
    )


def _part(text: str) -> bytes | None:
    if text == HOLE:
        return None
    return style_bytes() if text == STYLE else text.encode("utf-8", "replace")


@lru_cache(maxsize=1)
def style_bytes() -> bytes:
    return style().encode()


@lru_cache(maxsize=1)
def style() -> str:
    """The style sheet, without what only people need."""
    return re.sub(r"\n\s*", "", (HERE / "templates" / "style.css").read_text("utf-8"))


@lru_cache(maxsize=1024)
def _headers(locale: str, brand_style: str) -> tuple[tuple[bytes, bytes], ...]:
    hashes = " ".join(_source(text) for text in (brand_style, style()))
    own = "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    policy = f"default-src 'none'; style-src {hashes}; img-src data:; {own}"
    return (
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-language", locale.encode()),
        (b"vary", b"Accept-Language"),
        (b"cache-control", b"private, no-cache"),
        (b"content-security-policy", policy.encode()),
        (b"referrer-policy", b"strict-origin-when-cross-origin"),
        (b"x-content-type-options", b"nosniff"),
    )


def _source(text: str) -> str:
    """A Content-Security-Policy hash source (CSP 3): nothing but exactly this style sheet may run."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
