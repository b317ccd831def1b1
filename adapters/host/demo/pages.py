"""Renders the demo shop's pages: no outside request, no inline script or style, safe with whatever was typed."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from markupsafe import Markup
from msgspec import Struct

from adapters.host.demo.catalogue import art
from adapters.shared.texts import money
from kernel.money import Money

HERE: Final = Path(__file__).parent
ASSETS: Final = {"style.css": "text/css", "shop.js": "text/javascript"}
BERLIN: Final = ZoneInfo("Europe/Berlin")


def euros(minor: int) -> str:
    """€89, €1,013.28 or −€5, as English writes them."""
    return money("en_GB", Money(minor, "EUR"), short=True).replace("-", "−")


def day(moment: str | datetime) -> str:
    """A time as the shop's people read it: 22 Nov 2026, 14:05."""
    at = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
    return f"{at.astimezone(BERLIN):%-d %b %Y, %H:%M}"


@cache
def asset(name: str) -> bytes:
    return (HERE / "static" / name).read_bytes()


@cache
def asset_address(name: str) -> str:
    """Changes with the content, so that a browser may keep what it has."""
    return f"/demo/assets/{name}?v={hashlib.sha256(asset(name)).hexdigest()[:12]}"


class Tag(Struct, frozen=True):
    """What the shop's pages install: Grapevine's public address, and the shop's publishable key or nothing."""

    origin: str
    key: str


class Pages:
    """`origin` is Grapevine's public address, from which the tag and the QR code come; `key` tells the shop's key."""

    def __init__(self, origin: str, key: Callable[[], str]) -> None:
        self._origin = origin
        self._key = key
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._environment.filters |= {"euros": euros, "day": day}
        self._environment.globals |= {"art": lambda key: Markup(art(key)), "asset": asset_address}  # noqa: S704
        self._headers = {
            "referrer-policy": "same-origin",
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
        }

    def show(self, template: str, *, status: int = 200, **values: Any) -> Response[bytes]:
        nonce = secrets.token_urlsafe(12)
        known = {"nonce": nonce, "tag": Tag(self._origin, self._key()), "purchase": None, "identity": ""}
        html = self._environment.get_template(template).render(known | values)
        return Response(
            html.encode("utf-8", "replace"),
            status_code=status,
            media_type="text/html",
            headers=self._headers | {"content-security-policy": self._policy(nonce)},
        )

    def _policy(self, nonce: str) -> str:
        """What a shop with a strict policy allows: our own files, scripts with this page's nonce, and Grapevine."""
        return (
            f"default-src 'none'; style-src 'self'; script-src 'self' 'nonce-{nonce}'; "
            f"connect-src 'self' {self._origin}; img-src 'self' data: {self._origin}; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
