"""The golden JSON of the shops context's facts: what every consumer must be able to decode, for ever."""

import os
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from kernel.events import Event
from kernel.ids import CustomerId
from shops.events import Brand, CustomerErased, KeyRevoked, ShopChanged

GOLDEN = Path(__file__).parent / "golden"

FACTS: list[Event] = [
    ShopChanged(
        revision=7,
        slug="nordlicht",
        title="Nordlicht",
        country="DE",
        currency="EUR",
        locales=("de", "en"),
        default_locale="de",
        time_zone="Europe/Berlin",
        test_mode=True,
        clock_offset_s=1_209_600,
        storefront_url="https://nordlicht.example/shop",
        brand=Brand(logo_url="https://nordlicht.example/logo.svg", colour="#1f6f54", colour_text="#ffffff"),
    ),
    CustomerErased(customer_id=CustomerId(UUID("01940000-0000-7000-8000-000000000001"))),
    KeyRevoked(key_id=UUID("01940000-0000-7000-8000-000000000002")),
]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_the_golden_json_is_what_we_publish(fact: Event) -> None:
    """Run with GRAPEVINE_WRITE_GOLDEN=1 to add a field; never to change or take one away."""
    path = GOLDEN / f"{fact.name}.v{fact.version}.json"
    published = msgspec.json.format(msgspec.json.encode(fact), indent=2) + b"\n"
    if os.environ.get("GRAPEVINE_WRITE_GOLDEN"):
        path.write_bytes(published)
    assert path.read_bytes() == published
    assert msgspec.json.decode(path.read_bytes(), type=type(fact)) == fact
