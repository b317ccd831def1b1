"""What a shop may be, and how its clock moves."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from kernel.errors import DomainError
from kernel.ids import ShopId
from kernel.texts import can_be_seen
from shops.domain.places import UnknownCountry, UnknownCurrency, UnknownLocale, UnknownTimeZone
from shops.domain.shop import (
    FURTHEST,
    ClockNotMovable,
    ClockOnlyForward,
    ClockTooFar,
    InvalidAddress,
    InvalidColour,
    InvalidSlug,
    Shop,
    ShopDetails,
    ShopWasChanged,
    differences,
)
from shops.domain.text import InvalidText, line, tidy
from shops.events import Brand, ShopChanged

ZONES = frozenset({"Europe/Berlin", "Europe/Oslo"})
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DETAILS = ShopDetails(
    title="Nordlicht",
    country="DE",
    locales=("de", "en"),
    default_locale="de",
    time_zone="Europe/Berlin",
    storefront_url="https://nordlicht.example/shop?x=1",
)


def opened(details: ShopDetails = DETAILS, **other: Any) -> tuple[Shop, ShopChanged]:
    asked: dict[str, Any] = {"slug": "nordlicht", "currency": "EUR", "test_mode": True} | other
    return Shop.open(ShopId(UUID(int=7)), details=details, time_zones=ZONES, at=NOW, **asked)


def test_a_new_shop_tells_its_whole_state_at_revision_one() -> None:
    shop, event = opened()
    assert event.revision == shop.revision == 1
    assert (event.slug, event.title, event.country, event.currency) == ("nordlicht", "Nordlicht", "DE", "EUR")
    assert event.locales == ("de", "en")
    assert event.clock_offset_s == 0


@pytest.mark.parametrize(
    ("field", "value", "refusal"),
    [
        ("title", "", InvalidText),
        ("title", "x" * 101, InvalidText),
        ("title", "Nord\0licht", InvalidText),
        ("country", "GB", UnknownCountry),
        ("locales", ("de", "pt"), UnknownLocale),
        ("locales", ("en",), UnknownLocale),
        ("default_locale", "sv", UnknownLocale),
        ("time_zone", "Mars/Olympus", UnknownTimeZone),
        ("storefront_url", "javascript:alert(1)", InvalidAddress),
        ("storefront_url", "https://user:word@shop.example", InvalidAddress),
        ("storefront_url", "https://", InvalidAddress),
        ("storefront_url", "//shop.example", InvalidAddress),
        ("storefront_url", "https://shop.example/a b", InvalidAddress),
        ("storefront_url", 'https://shop.example/"onload=', InvalidAddress),
        ("storefront_url", "https://shop.example:99999", InvalidAddress),
        ("storefront_url", "https://[shop", InvalidAddress),
        ("storefront_url", "https://shop.example/" + "x" * 500, InvalidAddress),
        ("brand", Brand(colour="red"), InvalidColour),
        ("brand", Brand(colour_text="#FFFFFF"), InvalidColour),
        ("brand", Brand(logo_url="http://shop.example/logo.png"), InvalidAddress),
    ],
)
def test_details_that_no_shop_may_have_are_refused(field: str, value: Any, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal) as caught:
        opened(structs.replace(DETAILS, **{field: value}))
    assert caught.value.pointer is not None


@pytest.mark.parametrize("slug", ["", "Nordlicht", "-a", "a-", "a b", "ä", "a" * 64, "a/b", "a\n"])
def test_a_slug_is_small_letters_digits_and_hyphens(slug: str) -> None:
    with pytest.raises(InvalidSlug):
        opened(slug=slug)


def test_a_currency_of_ours() -> None:
    with pytest.raises(UnknownCurrency):
        opened(currency="USD")


def test_a_change_raises_the_revision_and_says_what_differs() -> None:
    shop, _ = opened()
    changed, event = shop.change(structs.replace(DETAILS, title="Sørlys", time_zone="Europe/Oslo"), time_zones=ZONES)
    assert event is not None
    assert event.revision == changed.revision == 2
    assert event.title == "Sørlys"
    assert differences(shop.details, changed.details) == ["title", "time_zone"]


def test_a_change_that_changes_nothing_tells_nobody() -> None:
    shop, _ = opened()
    assert shop.change(DETAILS, time_zones=ZONES) == (shop, None)


def test_a_change_made_on_an_old_state_is_refused() -> None:
    shop, _ = opened()
    shop.expect(None)
    shop.expect(1)
    with pytest.raises(ShopWasChanged):
        shop.expect(2)


def test_only_a_test_shops_clock_moves() -> None:
    shop, _ = opened(test_mode=False)
    with pytest.raises(ClockNotMovable):
        shop.move_clock(timedelta(days=1))


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=-1), timedelta(milliseconds=999)])
def test_the_clock_moves_only_forward(ahead: timedelta) -> None:
    with pytest.raises(ClockOnlyForward):
        opened()[0].move_clock(ahead)


@given(st.lists(st.timedeltas(min_value=timedelta(seconds=1), max_value=FURTHEST), max_size=5))
def test_the_clock_never_goes_back_nor_further_than_allowed(moves: list[timedelta]) -> None:
    shop, _ = opened()
    for ahead in moves:
        before = shop
        try:
            shop, event = shop.move_clock(ahead)
        except ClockTooFar:
            assert timedelta(seconds=before.clock_offset_s) + ahead > FURTHEST
            continue
        assert shop.clock_offset_s > before.clock_offset_s
        assert (event.revision, event.clock_offset_s) == (before.revision + 1, shop.clock_offset_s)
    assert timedelta(seconds=shop.clock_offset_s) <= FURTHEST


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_tidy_text_can_always_be_stored(text: str, limit: int) -> None:
    tidied = tidy(text, limit=limit)
    tidied.encode()
    assert "\0" not in tidied
    assert len(tidied) <= limit
    assert tidy(tidied, limit=limit) == tidied
    assert not tidied or can_be_seen(tidied)


@given(st.text())
def test_a_line_is_refused_or_can_be_stored(text: str) -> None:
    try:
        kept = line(text, limit=20, pointer="/title")
    except InvalidText:
        return
    kept.encode()
    assert 1 <= len(kept) <= 20
