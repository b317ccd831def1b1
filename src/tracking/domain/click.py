"""Clicks: one visit through a link, told apart by who made it, with its campaign values as they came."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Literal
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from kernel.ids import ClickId, LinkId, ShopId
from tracking.domain.device import Device

Visitor = Literal["person", "bot", "preview"]

PREVIEWERS = (
    "facebookexternalhit", "facebookcatalog", "meta-externalagent", "meta-externalfetcher", "slackbot",
    "slack-imgproxy", "twitterbot", "telegrambot", "discordbot", "linkedinbot", "skypeuripreview", "pinterestbot",
    "redditbot", "vkshare", "bitlybot", "embedly", "iframely", "microsoftpreview", "google-pagerenderer",
    "imessagebot", "line-poker", "kakaotalk-scrap", "com.apple.webkit.networking", "synapse", "cardyb",
    "snap url preview",
)  # fmt: skip
"""Parts of the user agents (lower case) that fetch a page to draw a preview of a link."""

APPS = ("whatsapp", "instagram", "snapchat", "viber", "signal", "slack/", "mastodon", "zalo", "dalvik/")
"""Apps that draw previews in their own name, and name themselves beside Mozilla where a person reads within them."""
_WITHIN_APP = re.compile(r"\[?\b(?:whatsapp\w*|wa4a|slack|outlook-(?:ios|android)|mastodon)/[\w.]*\]?", re.IGNORECASE)
"""Names of apps that lists of crawlers hold, as a browser within the app says them."""

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")
_UTM_NAMES = {name.encode(): name for name in UTM}
Utm = tuple[str | None, ...]
_NO_UTM: Utm = (None,) * len(UTM)
CLICK_IDS = (
    "gclid", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "ttclid", "twclid", "li_fat_id", "epik", "ScCid",
    "yclid", "irclickid", "rdt_cid", "awc", "tduid", "mc_eid", "_kx", "qclid", "srsltid",
)  # fmt: skip
"""Names under which advertising networks and mailers mark a click, each as its owner writes it."""
_CLICK_ID_NAMES = {name.lower().encode(): name for name in CLICK_IDS}
_MAY_HOLD_CLICK_ID = re.compile(
    rb"(?:^|&)(?:[^=&]*%|" + b"|".join(re.escape(name) for name in _CLICK_ID_NAMES) + rb")", re.IGNORECASE
)
LONGEST_QUERY = 8192


class Click(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One click as it is stored. Holds no address: `address_hash` is keyed with a key that changes daily."""

    shop_id: ShopId
    click_id: ClickId
    link_id: LinkId
    recorded_at: datetime
    """Real time."""
    clicked_at: datetime
    """The shop's time: ahead of real time while a test clock is moved forward."""
    visitor: Visitor
    query: bytes
    """The whole raw query string, byte for byte."""
    utm: Utm = _NO_UTM
    """Values of `UTM`, as raw text (still percent-encoded); None when absent, the first when repeated."""
    referrer_host: str
    language: str
    address_hash: bytes
    agent_hash: int = 0
    """Tells browsers apart, and says nothing else of them."""
    device: Device = "other"
    country: str | None = None
    """ISO 3166-1 alpha-2, where the operator gave a file that knows."""
    click_ids: dict[str, str] | None = None
    """Marks of `CLICK_IDS`, as raw text."""
    visit: bool | None = None
    """The click begins a visit: the same visitor did not click the link within the hour before. None: undecided."""


def visitor_of(*, agent: str, method: str, purpose: str, is_crawler: Callable[[str], bool]) -> Visitor:
    """Who is visiting. `purpose` is what Sec-Purpose, Purpose or X-Purpose said ("prefetch", "preview")."""
    lowered = agent.lower()
    if method == "HEAD" or "prefetch" in purpose or "preview" in purpose or "prerender" in purpose:
        return "preview"
    if any(previewer in lowered for previewer in PREVIEWERS):
        return "preview"
    if lowered.startswith("mozilla/") and "compatible;" not in lowered:
        agent = _WITHIN_APP.sub("", agent)
    elif any(app in lowered for app in APPS):
        return "preview"
    return "bot" if not agent or is_crawler(agent) else "person"


def utm_of(query: bytes) -> Utm:
    """The campaign values of a raw query string, each exactly as it was written there."""
    found: dict[str, str] = {}
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        if b"%" in name:
            name = unquote_to_bytes(name)
        key = _UTM_NAMES.get(name) or _UTM_NAMES.get(name.lower())
        if key is not None and key not in found:
            found[key] = value.decode("latin-1")
    return tuple([found.get(name) for name in UTM]) if found else _NO_UTM


def click_ids_of(query: bytes) -> dict[str, str] | None:
    """The advertising networks' marks in a raw query string by name, each as written, the first when repeated."""
    if not query or _MAY_HOLD_CLICK_ID.search(query) is None:
        return None
    found: dict[str, str] = {}
    for pair in query.split(b"&"):
        name, mark, value = pair.partition(b"=")
        known = _CLICK_ID_NAMES.get((unquote_to_bytes(name) if b"%" in name else name).lower())
        if known is not None and mark and known not in found:
            found[known] = value.decode("latin-1")
    return found or None
