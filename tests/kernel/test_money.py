"""Amounts add up, whatever they are."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import CurrencyMismatch, InvalidAmount
from kernel.money import BASIS, EXPONENTS, LIMIT, Money

minor = st.integers(-LIMIT, LIMIT)
currencies = st.sampled_from(sorted(EXPONENTS))


@given(minor, currencies, st.lists(st.integers(0, 10_000), min_size=1, max_size=20).filter(any))
def test_a_split_sums_exactly_and_is_fair(amount: int, currency: str, weights: list[int]) -> None:
    whole = Money(amount, currency)
    shares = whole.split(weights)
    assert sum(share.amount_minor for share in shares) == amount
    for share, weight in zip(shares, weights, strict=True):
        exact = Decimal(amount) * weight / sum(weights)
        assert abs(share.amount_minor - exact) < 1


@given(st.integers(0, LIMIT), currencies, st.integers(0, BASIS))
def test_a_share_is_rounded_half_up_and_never_more_than_the_whole(amount: int, currency: str, rate: int) -> None:
    share = Money(amount, currency).share(rate)
    assert abs(Decimal(amount) * rate / BASIS - share.amount_minor) <= Decimal("0.5")
    assert 0 <= share.amount_minor <= amount
    assert Money(-amount, currency).share(rate) == -share


@given(minor, currencies)
def test_what_is_written_is_read_again(amount: int, currency: str) -> None:
    money = Money(amount, currency)
    assert Money.parse(f"{money.decimal():f}", currency) == money


@given(minor, minor)
def test_adding_and_taking_away_cancel(one: int, other: int) -> None:
    if abs(one + other) <= LIMIT:
        assert Money(one, "EUR") + Money(other, "EUR") - Money(other, "EUR") == Money(one, "EUR")


def test_comparing_follows_the_amount() -> None:
    small, large = Money(1, "EUR"), Money(2, "EUR")
    assert small < large <= large
    assert large > small
    assert large >= small
    assert not Money.zero("EUR")


def test_two_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "SEK")
    with pytest.raises(CurrencyMismatch):
        assert Money(1, "EUR") < Money(2, "SEK")


@pytest.mark.parametrize(
    "text", ["", "x", "1.234", "1e20", "NaN", "Infinity", "1,50", "0x10", "1e-999999", "1e999999999"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidAmount):
        Money.parse(text, "EUR")


@pytest.mark.parametrize("currency", ["", "eur", "XXX", "EURO", "\x00"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(InvalidAmount):
        Money(1, currency)
    with pytest.raises(InvalidAmount):
        Money.parse("1", currency)


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [-1, 2]])
def test_a_split_needs_sensible_weights(weights: list[int]) -> None:
    with pytest.raises(InvalidAmount):
        Money(100, "EUR").split(weights)


def test_amounts_stay_inside_the_range() -> None:
    with pytest.raises(InvalidAmount):
        Money(LIMIT, "EUR") + Money(1, "EUR")


def test_currencies_without_minor_units() -> None:
    assert Money.parse("1200", "ISK") == Money(1200, "ISK")
    with pytest.raises(InvalidAmount):
        Money.parse("12.5", "ISK")
