"""Terms and what they make of an order."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral.domain.terms import Terms, TermsRefused, earned
from tests.referral.made import fixed, percent, terms


@pytest.mark.parametrize(
    ("benefit", "base", "amount"),
    [
        (fixed(1000), 5, 1000),
        (percent(1000, 2500), 12000, 1200),
        (percent(1000, 2500), 25000, 2500),
        (percent(1000, 2500), 90000, 2500),
        (percent(1000), 5, 1),
        (percent(1000), 4, 0),
        (percent(1250), 999, 125),
        (percent(10000), 1, 1),
    ],
)
def test_a_share_is_rounded_half_up_and_capped(benefit: Any, base: int, amount: int) -> None:
    assert earned(benefit, base, "EUR") == amount


@given(st.integers(0, 10**9), st.integers(1, 10_000), st.none() | st.integers(1, 10**6))
def test_a_share_is_never_negative_never_above_cap_or_order(base: int, points: int, cap: int | None) -> None:
    amount = earned(percent(points, cap), base, "EUR")
    assert 0 <= amount <= base
    assert cap is None or amount <= cap


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"friend_deal": fixed(-1)}, "/terms/friend_deal/amount_minor"),
        ({"friend_deal": percent(0)}, "/terms/friend_deal/basis_points"),
        ({"friend_deal": percent(10_001)}, "/terms/friend_deal/basis_points"),
        ({"advocate_reward": percent(100, 0)}, "/terms/advocate_reward/cap_minor"),
        ({"friend_deal": fixed(0), "advocate_reward": fixed(0)}, "/terms/advocate_reward"),
        ({"hold_days": 366}, "/terms/hold_days"),
        ({"hold_days": -1}, "/terms/hold_days"),
        ({"claim_days": 0}, "/terms/claim_days"),
        ({"minimum_order_minor": -1}, "/terms/minimum_order_minor"),
        ({"currency": "XXX"}, "/terms/currency"),
    ],
)
def test_terms_that_cannot_be_offered_are_refused(changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(TermsRefused) as refusal:
        Terms(**({name: getattr(terms(), name) for name in Terms.__struct_fields__} | changes)).checked()
    assert refusal.value.pointer == pointer
