"""Tag events: what the script in the shop reports, checked, and what may be kept of it.

A browser is not believed: nothing here moves money, and every value is bounded. What a visitor did not consent to is
not kept.
"""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import msgspec
from msgspec import Meta, Raw, Struct

from kernel.errors import DomainError
from kernel.ids import ClaimId, ClickId, ShopId
from kernel.money import Money
from tracking.domain.click import Visitor
from tracking.domain.device import Device

_AT: Final = re.compile("@|%40")

Name = Literal["page", "purchase", "sign_up", "share", "track", "refund", "identify", "consent"]
Decision = Literal["granted", "denied"]

MOST_EVENTS: Final = 50
LARGEST_BATCH: Final = 65_536
LARGEST_DATA: Final = 16_384
DEEPEST_DATA: Final = 32
AHEAD: Final = timedelta(minutes=5)
"""How far in the future an event may be, by our clock."""
WRONG_CLOCK: Final = timedelta(days=1)
"""How wrong a device's clock may be."""
OLDEST: Final = timedelta(days=30)
UNNOTICED: Final = timedelta(minutes=1)
"""A difference between our clock and the device's that is put down to the way, not to the clock."""
OF_CONSEQUENCE: Final = frozenset({"purchase", "identify", "consent"})
"""Events that the worker does something about; the others are kept and counted."""


class EventTooOld(DomainError):
    code = "event_too_old"
    title = "The event is older than 30 days"


class EventInFuture(DomainError):
    code = "event_in_future"
    title = "The event has not happened yet"


class ForeignPage(DomainError):
    code = "foreign_page"
    title = "The page is not on one of the shop's hosts"


class BadPage(DomainError):
    code = "bad_page"
    title = "The page is not an http or https address"


class BadData(DomainError):
    code = "bad_data"
    title = "The event's data does not have the shape that is documented"


class BadAmount(DomainError):
    code = "bad_amount"
    title = "The value is not a decimal amount in the named currency"


class UnreadableText(DomainError):
    code = "unreadable_text"
    title = "A text holds characters that no text has"


class Consent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the visitor decided, by Google's Consent Mode version 2. Missing: nobody was asked."""

    ad_storage: Decision | None = None
    analytics_storage: Decision | None = None
    ad_user_data: Decision | None = None
    ad_personalization: Decision | None = None
    functionality_storage: Decision | None = None
    personalization_storage: Decision | None = None
    security_storage: Decision | None = None


class TagEvent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event as it is stored. `at` is the device's word and part of the key; `happened_at` is the shop's time."""

    shop_id: ShopId
    event_id: UUID
    name: Name
    at: datetime
    happened_at: datetime
    received_at: datetime
    by: Visitor
    device: Device
    address_hash: bytes
    visitor: str | None = None
    click_id: ClickId | None = None
    claim_id: ClaimId | None = None
    page: str | None = None
    referrer: str | None = None
    title: str | None = None
    consent: Consent | None = None
    data: Raw | None = None


Text = Annotated[str, Meta(max_length=200)]
Code = Annotated[str, Meta(min_length=1, max_length=64)]


class OrderData(Struct, frozen=True, kw_only=True):
    """What is read of the data of `purchase` and `refund`; more may stand there."""

    order: Annotated[str, Meta(min_length=1, max_length=100)]
    value: Annotated[str, Meta(max_length=30)] | None = None
    currency: Annotated[str, Meta(max_length=3)] | None = None
    coupon: Annotated[tuple[Code, ...], Meta(max_length=20)] = ()
    friend_of: Text | None = None
    """Whom the buyer names as having sent them. It goes to the vault and is not kept."""


class IdentifyData(Struct, frozen=True, kw_only=True):
    """`token` is a JWT that the shop's server signed with the shop's identify secret."""

    token: Annotated[str, Meta(min_length=20, max_length=4096)]


class SignUpData(Struct, frozen=True, kw_only=True):
    """How the visitor signed up, in the shop's words."""

    method: Text | None = None


class ShareData(Struct, frozen=True, kw_only=True):
    """Through which channel the visitor shared."""

    channel: Text


SHAPES: Final[dict[str, type[OrderData | IdentifyData | SignUpData | ShareData]]] = {
    "purchase": OrderData,
    "refund": OrderData,
    "identify": IdentifyData,
    "sign_up": SignUpData,
    "share": ShareData,
}
"""What the data of an event must have, by its name; for the others it is any object, or nothing."""


def without_name(data: bytes | str) -> bytes:
    """The data of a purchase without whom the buyer named; everything else stays as it was written.

    A name that is said twice is read once only, so what was read does not tell whether there is one to take out.
    """
    fields = msgspec.json.decode(data, type=dict[str, Raw])
    if fields.pop("friend_of", None) is None:
        return data.encode() if isinstance(data, str) else data
    return msgspec.json.encode(fields)


def check_amount(data: OrderData) -> None:
    """Refuse a value that is no amount, is negative, or has no currency: BadAmount."""
    if data.value is None:
        return
    try:
        negative = Money.parse(data.value, data.currency or "") < Money.zero(data.currency or "")
    except DomainError as error:
        raise BadAmount(error.detail, pointer="/data/value") from None
    if negative:
        raise BadAmount("The value is negative.", pointer="/data/value")


def clock_error(sent_at: datetime | None, now: datetime) -> timedelta:
    """How much the device's clock is behind ours, judged by when it says that it sent the batch."""
    if sent_at is None:
        return timedelta()
    behind = now - sent_at
    return behind if UNNOTICED < abs(behind) <= WRONG_CLOCK else timedelta()


def happened_at(at: datetime, behind: timedelta, now: datetime) -> datetime:
    """When the event happened by our clock; EventInFuture or EventTooOld.

    The device's own time may be off by a day at most, because it says into which partition the event is filed.
    """
    # First by itself: far enough away nothing can be added to a time.
    if at > now + WRONG_CLOCK:
        raise EventInFuture(pointer="/at")
    if at < now - OLDEST:
        raise EventTooOld(pointer="/at")
    happened = at + behind
    if happened > now + AHEAD:
        raise EventInFuture(pointer="/at")
    if happened < now - OLDEST:
        raise EventTooOld(pointer="/at")
    return happened


def may_remember(consent: Consent | None) -> bool:
    """Whether the visitor agreed to be recognised, so that their random id may be kept."""
    return consent is not None and consent.analytics_storage == "granted"


class Page(Struct, frozen=True):
    """`host` in lower case without a port; `kept` is the address as it is stored."""

    host: str
    kept: str


@lru_cache(maxsize=8192)
def page_of(address: str) -> Page:
    """Take a page's address apart; BadPage when it is none.

    Kept are scheme, host, path and campaign values (utm_…): queries and fragments carry people's names and addresses.
    A mail address in a part of the path, as of a link to unsubscribe, makes that part a "-".
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or "@" in parts.netloc:
        raise BadPage(pointer="/page")
    campaign = "&".join(pair for pair in parts.query.split("&") if pair.startswith("utm_") and not _AT.search(pair))
    path = "/".join("-" if _is_mail(part) else part for part in parts.path.split("/"))
    return Page(host.rstrip("."), urlunsplit((parts.scheme, parts.netloc.lower(), path, campaign, "")))


def _is_mail(part: str) -> bool:
    """Whether a part of a path is a mail address, as ben@example.com or ben%40example.com; @ben is none."""
    before, _, after = part.replace("%40", "@").rpartition("@")
    return bool(before) and "." in after


def is_at_home(host: str, hosts: frozenset[str]) -> bool:
    """Whether a page's host is one of the shop's, or below one; every host is while none is known."""
    if not hosts or host in hosts:
        return True
    parent = host
    while "." in parent:
        parent = parent.partition(".")[2]
        if parent in hosts:
            return True
    return False


def home_of(storefront: str) -> str:
    """The host below which the shop's pages live: of "https://www.nordlicht.example/de" it is "nordlicht.example"."""
    try:
        host = urlsplit(storefront).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def depth(text: bytes) -> int:
    """How deep a JSON text is nested, at most: brackets inside of strings count as well when there are many."""
    deepest = level = 0
    inside = False
    escaped = False
    for byte in text:
        if inside:
            inside = escaped or byte != 0x22
            escaped = byte == 0x5C and not escaped
        elif byte == 0x22:
            inside = True
        elif byte in b"{[":
            level += 1
            deepest = max(deepest, level)
        elif byte in b"}]":
            level -= 1
    return deepest


def too_deep(text: bytes) -> bool:
    return text.count(b"{") + text.count(b"[") > DEEPEST_DATA and depth(text) > DEEPEST_DATA
