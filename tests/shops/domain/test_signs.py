"""Signs: the same for every spelling, another in every shop, and nothing for what says too little."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shops.phone_numbers import phone_number
from kernel.ids import ShopId
from shops.domain.signs import canonical_name, name_key, phone_id

KEY = b"k" * 32
SHOP, OTHER = ShopId(UUID(int=1)), ShopId(UUID(int=2))


@pytest.mark.parametrize("typed", ["Ada Lovelace", "lovelace, ADA", " Àdá\tLovelace ", "Ada-Lovelace."])
def test_a_name_is_one_however_it_is_written(typed: str) -> None:
    assert name_key(KEY, SHOP, typed) == name_key(KEY, SHOP, "Ada Lovelace") is not None
    assert name_key(KEY, OTHER, typed) != name_key(KEY, SHOP, typed)


def test_names_that_say_too_little_or_something_else() -> None:
    assert [name_key(KEY, SHOP, name) for name in ("", "Ada", " . - ")] == [None] * 3
    assert name_key(KEY, SHOP, "Ada Byron") != name_key(KEY, SHOP, "Ada Lovelace")
    assert canonical_name("Søren Æbelø Weiß") == "aebelo soren weiss"


@given(st.text(max_size=300))
def test_any_text_has_a_canonical_name_that_is_its_own(text: str) -> None:
    once = canonical_name(text)
    assert canonical_name(once) == once


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("0151 23456789", "DE", "+4915123456789"),
        ("+49 (0)151 2345-6789", "SE", "+4915123456789"),
        ("0049 151 23456789", "AT", "+4915123456789"),
        ("070-174 06 05", "SE", "+46701740605"),
        ("12", "DE", None),
        ("call me", "DE", None),
        ("", "DE", None),
    ],
)
def test_a_number_is_one_however_it_is_written(typed: str, country: str, number: str | None) -> None:
    assert phone_number(typed, country) == number


def test_a_number_is_another_in_another_shop_and_no_name() -> None:
    ids = {phone_id(KEY, SHOP, "+4915123456789"), phone_id(KEY, OTHER, "+4915123456789"), phone_id(KEY, SHOP, "+49")}
    assert len(ids) == 3
    assert {each.version for each in ids} == {8}
