"""Each context's own copy of what it must know of a shop: `known_shop` in its schema."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct, field

from kernel.events import Envelope
from kernel.ids import ShopId


class Brand(Struct, frozen=True, kw_only=True):
    logo_url: str = ""
    colour: str = "#1f6f54"
    colour_text: str = "#ffffff"


class ShopFacts(Struct, frozen=True, kw_only=True):
    """`shops.shop_changed` as the toolkits read it; the shops context says what each field means."""

    revision: int
    slug: str
    title: str
    country: str
    currency: str
    locales: tuple[str, ...]
    default_locale: str
    time_zone: str
    test_mode: bool
    clock_offset_s: int
    storefront_url: str
    brand: Brand = field(default_factory=Brand)


_decoder = msgspec.json.Decoder(ShopFacts)

LEARN = """
INSERT INTO known_shop (shop_id, revision, slug, clock_offset_s, facts)
VALUES (%(shop_id)s, %(revision)s, %(slug)s, %(clock_offset_s)s, %(facts)s::json)
ON CONFLICT (shop_id) DO UPDATE
SET revision = excluded.revision, slug = excluded.slug, clock_offset_s = excluded.clock_offset_s, facts = excluded.facts
WHERE known_shop.revision < excluded.revision
"""


def read_facts(text: bytes) -> ShopFacts:
    return _decoder.decode(text)


def learn_parameters(shop_id: ShopId, payload: bytes) -> dict[str, object]:
    """Parameters of LEARN for one shop_changed payload (JSON)."""
    facts = read_facts(payload)
    return {
        "shop_id": shop_id,
        "revision": facts.revision,
        "slug": facts.slug,
        "clock_offset_s": facts.clock_offset_s,
        "facts": payload.decode(),
    }


def latest(envelopes: Sequence[Envelope]) -> Envelope:
    """The envelope with the highest revision."""
    return max(envelopes, key=lambda envelope: read_facts(bytes(envelope.payload)).revision)
