"""The shop: one retailer's shop, our tenant."""

import re
from datetime import datetime, timedelta
from typing import Final, Self
from urllib.parse import urlsplit

from msgspec import Struct, structs

from kernel.errors import DomainError
from kernel.ids import ShopId
from shops.domain import places
from shops.domain.text import line
from shops.events import Brand, ShopChanged

TITLE_LIMIT: Final = 100
ADDRESS_LIMIT: Final = 500
FURTHEST: Final = timedelta(days=3650)
"""How far a shop's clock may be ahead in all: far enough for every hold and retention, too near to overflow a date."""

_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")


class ShopNotFound(DomainError):
    code = "shop_not_found"
    kind = "not_found"
    title = "There is no such shop"


class SlugTaken(DomainError):
    code = "slug_taken"
    kind = "conflict"
    title = "Another shop has this address"


class InvalidSlug(DomainError):
    code = "invalid_slug"
    title = "The address is not valid"


class InvalidAddress(DomainError):
    code = "invalid_address"
    title = "The web address is not valid"


class InvalidColour(DomainError):
    code = "invalid_colour"
    title = "The colour is not valid"


class ShopWasChanged(DomainError):
    code = "shop_was_changed"
    kind = "stale"
    title = "Somebody else changed the shop in the meantime"


class ClockNotMovable(DomainError):
    code = "clock_not_movable"
    kind = "conflict"
    title = "Only a shop in test mode has a clock that can be moved"


class ClockOnlyForward(DomainError):
    code = "clock_only_forward"
    title = "The clock moves only forward"


class ClockTooFar(DomainError):
    code = "clock_too_far"
    title = "The clock cannot be moved that far"


class ShopDetails(Struct, frozen=True, kw_only=True):
    """What the shop's people may change. Checked by `checked`, not by construction."""

    title: str
    country: str
    locales: tuple[str, ...]
    default_locale: str
    time_zone: str
    storefront_url: str
    brand: Brand = Brand()

    def checked(self, *, time_zones: frozenset[str]) -> Self:
        """The details as they are stored; refuses what no shop may have. `time_zones` are the known IANA names."""
        if self.time_zone not in time_zones:
            raise places.UnknownTimeZone("Give an IANA name such as Europe/Berlin.", pointer="/time_zone")
        return structs.replace(
            self,
            title=line(self.title, limit=TITLE_LIMIT, pointer="/title"),
            country=places.country(self.country),
            locales=places.locales(self.locales, self.default_locale),
            storefront_url=_address(self.storefront_url, schemes=("https", "http"), pointer="/storefront_url"),
            brand=_brand(self.brand),
        )


class Shop(Struct, frozen=True, kw_only=True):
    """`slug`, `currency` and `test_mode` are set when the shop is opened and stay."""

    shop_id: ShopId
    revision: int
    slug: str
    currency: str
    test_mode: bool
    clock_offset_s: int
    details: ShopDetails
    opened_at: datetime

    @classmethod
    def open(
        cls,
        shop_id: ShopId,
        *,
        slug: str,
        currency: str,
        test_mode: bool,
        details: ShopDetails,
        time_zones: frozenset[str],
        at: datetime,
    ) -> tuple[Self, ShopChanged]:
        """A new shop at revision 1."""
        if not _SLUG.fullmatch(slug):
            raise InvalidSlug("Use up to 63 small letters, digits and hyphens.", pointer="/slug")
        shop = cls(
            shop_id=shop_id,
            revision=1,
            slug=slug,
            currency=places.currency(currency),
            test_mode=test_mode,
            clock_offset_s=0,
            details=details.checked(time_zones=time_zones),
            opened_at=at,
        )
        return shop, shop.changed()

    def expect(self, revision: int | None) -> None:
        """Refuse when somebody else changed the shop since `revision` was read. None expects nothing."""
        if revision is not None and revision != self.revision:
            raise ShopWasChanged(f"The shop is at revision {self.revision}: read it again.")

    def change(self, details: ShopDetails, *, time_zones: frozenset[str]) -> tuple[Self, ShopChanged | None]:
        """The shop with new details; the same shop and no fact when nothing is different."""
        details = details.checked(time_zones=time_zones)
        if details == self.details:
            return self, None
        shop = structs.replace(self, details=details, revision=self.revision + 1)
        return shop, shop.changed()

    def move_clock(self, ahead: timedelta) -> tuple[Self, ShopChanged]:
        """Set the shop's clock ahead by whole seconds. Only in test mode, only forward, at most FURTHEST in all."""
        if not self.test_mode:
            raise ClockNotMovable
        if ahead < timedelta(seconds=1):
            raise ClockOnlyForward("Move the clock by at least one second.", pointer="/seconds")
        offset = timedelta(seconds=self.clock_offset_s) + ahead
        if offset > FURTHEST:
            raise ClockTooFar(f"The clock can be at most {FURTHEST.days} days ahead in all.", pointer="/seconds")
        shop = structs.replace(self, clock_offset_s=int(offset.total_seconds()), revision=self.revision + 1)
        return shop, shop.changed()

    def changed(self) -> ShopChanged:
        """The fact that tells the other contexts the shop's whole public state."""
        details = self.details
        return ShopChanged(
            revision=self.revision,
            slug=self.slug,
            title=details.title,
            country=details.country,
            currency=self.currency,
            locales=details.locales,
            default_locale=details.default_locale,
            time_zone=details.time_zone,
            test_mode=self.test_mode,
            clock_offset_s=self.clock_offset_s,
            storefront_url=details.storefront_url,
            brand=details.brand,
        )


def differences(before: ShopDetails, after: ShopDetails) -> list[str]:
    """Names of the details that differ, for the audit log."""
    return [name for name in ShopDetails.__struct_fields__ if getattr(before, name) != getattr(after, name)]


def _brand(brand: Brand) -> Brand:
    for name in ("colour", "colour_text"):
        if not _COLOUR.fullmatch(getattr(brand, name)):
            raise InvalidColour("Write a colour as #rrggbb with small letters.", pointer=f"/brand/{name}")
    if not brand.logo_url:
        return brand
    return structs.replace(brand, logo_url=_address(brand.logo_url, schemes=("https",), pointer="/brand/logo_url"))


def _address(text: str, *, schemes: tuple[str, ...], pointer: str) -> str:
    text = text.strip()
    wanted = f"Give a full {' or '.join(schemes)} address without a user name."
    if not text.isascii() or not text.isprintable() or any(letter in text for letter in ' <>"\\^`{|}'):
        raise InvalidAddress("The address holds letters that must be percent-encoded.", pointer=pointer)
    if len(text) > ADDRESS_LIMIT:
        raise InvalidAddress(f"The address may have up to {ADDRESS_LIMIT} characters.", pointer=pointer)
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise InvalidAddress(wanted, pointer=pointer) from None
    if parts.scheme not in schemes or not parts.hostname or "@" in parts.netloc:
        raise InvalidAddress(wanted, pointer=pointer)
    return text
