"""The rules on one order, and the reasons they give."""

from datetime import timedelta
from typing import Any

import pytest

from referral.domain.verdict import judge
from tests.referral.made import START, advocate, claim, fixed, history, named, order, percent, terms


def verdict(test_mode: bool = False, **changes: Any) -> Any:
    return judge(order(**changes), history=history(), advocate=advocate(), claim=None, test_mode=test_mode)


@pytest.mark.parametrize(
    ("changes", "outcome", "code"),
    [
        ({}, "earns", "earned_percent"),
        ({"final_base_minor": 6000}, "earns", "partly_refunded_percent"),
        ({"base_minor": 90000, "final_base_minor": 90000}, "earns", "earned_capped"),
        ({"base_minor": 4000, "final_base_minor": 4000}, "earns", "earned_percent"),
        ({"base_minor": 3999, "final_base_minor": 3999}, "refused", "below_minimum"),
        ({"final_base_minor": 3999}, "reversed", "below_minimum_after_refund"),
        ({"final_base_minor": 0}, "reversed", "order_refunded"),
        ({"final_base_minor": 0, "charged_back": True}, "reversed", "charged_back"),
        ({"state": "cancelled", "final_base_minor": 0, "charged_back": True}, "reversed", "order_cancelled"),
        ({"state": "cancelled"}, "reversed", "order_cancelled"),
        ({"payment": "voided"}, "reversed", "payment_voided"),
        ({"payment": "pending"}, "earns", "earned_percent"),
        ({"first_order": False}, "refused", "not_first_order"),
        ({"first_order": False, "state": "cancelled"}, "refused", "not_first_order"),
        ({"currency": "SEK"}, "refused", "wrong_currency"),
        ({"test": True}, "refused", "test_order"),
        ({"placed_at": START - timedelta(seconds=1)}, "refused", "programme_not_live"),
        ({"person_id": named("person Ada")}, "refused", "self_referral"),
        ({"customer_id": named("customer Ada")}, "refused", "self_referral"),
        ({"credited_to": None}, "refused", "not_attributed"),
    ],
)
def test_rules(changes: dict[str, Any], outcome: str, code: str) -> None:
    found = verdict(**changes)
    assert (found.outcome, found.reason.code) == (outcome, code)
    assert all(check.passed for check in found.checks[:-1])
    assert found.checks[-1].passed == (outcome == "earns")
    assert (found.advocate_minor > 0) == (outcome == "earns")
    assert "{" not in found.reason.sentence


def test_what_was_promised_counts_also_when_the_claim_came_after_new_terms() -> None:
    """Who shows the deal hears of a new version a moment after it is in force."""
    launched = START + timedelta(hours=1)
    versions = history((START, terms(friend_deal=fixed(1000))), (launched, terms(friend_deal=fixed(2000))))
    for promised, friend_minor in ((1, 1000), (2, 2000), (None, 2000), (7, 2000)):
        taken = claim(at=launched + timedelta(seconds=1), offer_version=promised)
        found = judge(order(), history=versions, advocate=advocate(), claim=taken, test_mode=False)
        assert found.friend_minor == friend_minor


def test_a_test_order_counts_in_a_test_shop() -> None:
    assert verdict(test_mode=True, test=True).outcome == "earns"


def test_who_is_not_known_is_refused_not_crashed_on() -> None:
    for known in ({"history": None, "advocate": advocate()}, {"history": history(), "advocate": None}):
        found = judge(order(), claim=None, test_mode=False, **known)
        assert found.outcome == "refused"
        assert found.reason.code in ("unknown_programme", "unknown_advocate")


def test_a_claimed_deal_keeps_its_terms() -> None:
    versions = ((START, terms()), (START + timedelta(hours=2), terms(advocate_reward=fixed(1))))
    known = history(*versions)
    later = order(placed_at=START + timedelta(days=3))
    claimed = claim(at=START + timedelta(hours=1))
    with_claim = judge(later, history=known, advocate=advocate(), claim=claimed, test_mode=False)
    without = judge(later, history=known, advocate=advocate(), claim=None, test_mode=False)
    assert (with_claim.advocate_minor, without.advocate_minor) == (1200, 1)


def test_an_order_that_rounds_to_nothing_earns_nothing() -> None:
    tiny = terms(minimum_order_minor=0, friend_deal=fixed(0), advocate_reward=percent(100))
    found = judge(
        order(base_minor=10, final_base_minor=10), history=history((START, tiny)), advocate=advocate(), claim=None,
        test_mode=False,
    )  # fmt: skip
    assert (found.outcome, found.reason.code) == ("refused", "nothing_to_reward")
