"""What all readers share: exact amounts, discounts spread to the cent, and attributes that may be kept."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.tracking.platforms.reading import Amounts, kept_attributes, take_off
from kernel.errors import CurrencyMismatch, InvalidAmount
from tracking.domain.order import Line
from tracking.domain.report import MOST_ATTRIBUTES

some_lines = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**5)), max_size=8)


@given(some_lines, st.integers(-5, 10**7), st.integers(-5, 10**6))
def test_a_discount_of_the_whole_order_is_spread_to_the_cent(costs: list[tuple[int, int]], net: int, tax: int) -> None:
    lines = [Line(line_id=str(n), quantity=1, net_minor=cost[0], tax_minor=cost[1]) for n, cost in enumerate(costs)]
    after = take_off(lines, net, tax)
    for name, off in (("net_minor", net), ("tax_minor", tax)):
        before = sum(getattr(line, name) for line in lines)
        assert sum(getattr(line, name) for line in after) == before - max(0, min(off, before))
    assert all(0 <= now.net_minor <= then.net_minor for now, then in zip(after, lines, strict=True))
    assert all(0 <= now.tax_minor <= then.tax_minor for now, then in zip(after, lines, strict=True))


def test_amounts_are_exact_or_rounded_once_by_the_currencys_digits() -> None:
    euros, crowns = Amounts("EUR"), Amounts("ISK")
    assert (euros.minor(Decimal("12.50")), euros.minor(Decimal("12.5000")), crowns.minor(Decimal(1250))) == (
        1250,
        1250,
        1250,
    )
    assert [euros.rounded(Decimal(text)) for text in ("0.005", "0.0049999", "-0.005", "395.00999999999999")] == [
        1,
        0,
        -1,
        39_501,
    ]
    assert crowns.rounded(Decimal("0.5")) == 1
    for odd in ("12.345", "NaN", "Infinity", "1e16"):
        with pytest.raises(InvalidAmount):
            euros.minor(Decimal(odd))
    for odd in ("NaN", "-Infinity", "1e16"):
        with pytest.raises(InvalidAmount):
            euros.rounded(Decimal(odd))
    with pytest.raises(InvalidAmount):
        crowns.minor(Decimal("0.5"))
    with pytest.raises(CurrencyMismatch):
        Amounts("XXX")


def test_of_attributes_only_ours_and_campaigns_are_kept() -> None:
    given_pairs = [
        ("utm_source", "letter"),
        ("gclid", "x" * 300),
        ("grapevine_note", "a\nb"),
        ("grapevine_claim", "token"),
        ("grapevine_click", "token"),
        ("affiliate_code", "p7"),
        ("birthday", "1990-01-01"),
        ("utm_term", {"a": 1}),
        (7, "seven"),
        ("utm_source", "second"),
    ]
    assert kept_attributes(given_pairs) == (
        ("affiliate_code", "p7"),
        ("gclid", "x" * 200),
        ("grapevine_note", "ab"),
        ("utm_source", "letter"),
    )
    assert len(kept_attributes((f"utm_{n}", "x") for n in range(100))) == MOST_ATTRIBUTES
