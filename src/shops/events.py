"""Published facts of the shops context."""

from uuid import UUID

from msgspec import Struct

from kernel.events import Event
from kernel.ids import CustomerId


class Brand(Struct, frozen=True, kw_only=True):
    """How the shop looks to its customers. Colours are "#rrggbb"; the logo is an https address or empty."""

    logo_url: str = ""
    colour: str = "#1f6f54"
    colour_text: str = "#ffffff"


class ShopChanged(Event, frozen=True, kw_only=True):
    """The whole public state of a shop; a higher `revision` replaces a lower one."""

    name = "shops.shop_changed"

    revision: int
    slug: str
    """Globally unique, in addresses: "nordlicht"."""
    title: str
    """What customers call the shop: "Nordlicht"."""
    country: str
    """ISO 3166-1 alpha-2."""
    currency: str
    """ISO 4217."""
    locales: tuple[str, ...]
    default_locale: str
    time_zone: str
    """IANA name."""
    test_mode: bool
    clock_offset_s: int
    """Seconds that the shop's clock is ahead; above zero only in test mode."""
    storefront_url: str
    brand: Brand


class CustomerErased(Event, frozen=True, kw_only=True):
    """A customer's personal data was erased on request; the id stays, and means nobody."""

    name = "shops.customer_erased"

    customer_id: CustomerId


class KeyRevoked(Event, frozen=True, kw_only=True):
    """An API key opens nothing any more: whoever remembers whose it is forgets that."""

    name = "shops.key_revoked"

    key_id: UUID
