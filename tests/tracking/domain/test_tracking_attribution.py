"""Attribution: an ordered chain, each method with its window, each loser with its reason."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.domain.attributing import (
    ADA,
    BEN,
    CLAIM,
    CLICK,
    NOON,
    PROGRAMME,
    ZOE,
    attribute,
    claim,
    click,
    losses,
    order,
)
from tracking.domain.attribution import Known, KnownAdvocate, KnownClaim, KnownClick, Window, window_days
from tracking.domain.attribution.known import EVER, differ_from
from tracking.domain.decision import Decided


def knowing(one: KnownClaim | None = None, click: KnownClick | None = None, days: int | None = 30) -> Known:
    made = one or claim()
    return Known(
        claims={made.claim_id: made},
        claims_by_code={made.code: made},
        claims_by_person={made.person_id: [made]},
        advocates_by_code={"Z0E52026": [KnownAdvocate(advocate_id=ZOE, programme_id=PROGRAMME, code="Z0E52026")]},
        clicks={click.click_id: click} if click else {},
        windows={PROGRAMME: [Window(since=NOON - timedelta(days=99), days=days)]} if days is not None else {},
    )


def test_the_chain_in_its_order() -> None:
    everything = order(claim_id=CLAIM, codes=("z0e5-2026",), click_id=CLICK, person_id=BEN)
    known = knowing(click=click())
    decided = attribute(everything, known)
    assert decided.winner is not None
    assert (decided.winner.method, decided.winner.advocate_id, decided.winner.claim_id) == ("signed_claim", ADA, CLAIM)
    assert losses(decided) == [("coupon_code", "outranked"), ("click_id", "outranked"), ("friend_email", "outranked")]
    without_claim = order(codes=("z0e5-2026",), click_id=CLICK, person_id=BEN)
    assert attribute(without_claim, known).winner.advocate_id == ZOE  # type: ignore[union-attr]
    assert attribute(order(click_id=CLICK, person_id=BEN), known).winner.method == "click_id"  # type: ignore[union-attr]
    assert attribute(order(person_id=BEN), known).winner.method == "friend_email"  # type: ignore[union-attr]
    assert attribute(order(), known) == Decided(chain=1)


@pytest.mark.parametrize("typed", ["BEN4-4444", "ben44444", " Ben4 4444 ", "ben4_4444"])
def test_codes_are_forgiven(typed: str) -> None:
    winner = attribute(order(codes=(typed,)), knowing()).winner
    assert winner is not None
    assert (winner.claim_id, winner.evidence) == (CLAIM, "BEN4-4444")


def test_a_code_that_is_none_of_ours_gives_way_to_the_next_one() -> None:
    decided = attribute(order(codes=("SUMMER-20%", "XMAS", "BEN44444")), knowing())
    assert decided.winner is not None
    assert losses(decided) == [("coupon_code", "invalid"), ("coupon_code", "unknown")]


@pytest.mark.parametrize(
    ("seen", "days", "loss"),
    [
        (click(visitor="bot"), 30, "not_a_person"),
        (click(visitor="preview"), 30, "not_a_person"),
        (click(clicked_at=NOON - timedelta(days=30, seconds=1)), 30, "out_of_window"),
        (click(clicked_at=NOON + timedelta(minutes=6)), 30, "too_late"),
        (click(advocate_id=None, programme_id=None), 30, "unknown"),
        (click(), None, "unknown"),
    ],
)
def test_clicks_that_do_not_count(seen: KnownClick, days: int | None, loss: str) -> None:
    decided = attribute(order(click_id=CLICK), knowing(click=seen, days=days))
    assert decided.winner is None
    assert losses(decided) == [("click_id", loss)]


def test_a_click_counts_to_the_end_of_its_window() -> None:
    seen = click(clicked_at=NOON - timedelta(days=30))
    assert attribute(order(click_id=CLICK), knowing(click=seen)).winner is not None


def test_claims_that_do_not_count() -> None:
    gone = claim(expires_at=NOON)
    decided = attribute(order(claim_id=CLAIM, codes=("BEN44444",), person_id=BEN), knowing(gone))
    assert decided.winner is None
    assert losses(decided) == [("signed_claim", "expired"), ("coupon_code", "expired"), ("friend_email", "expired")]
    late = claim(claimed_at=NOON + timedelta(hours=1))
    assert losses(attribute(order(person_id=BEN), knowing(late))) == [("friend_email", "too_late")]
    assert attribute(order(codes=("BEN44444",)), knowing(late)).winner is not None, "holding the code proves the claim"


def test_bad_tokens_are_named() -> None:
    decided = attribute(order(bad_claim=True, bad_click=True), knowing())
    assert losses(decided) == [("signed_claim", "invalid"), ("click_id", "invalid")]
    assert all(loser.reason for loser in decided.losers)


def test_the_window_is_the_one_in_force_when_the_click_happened() -> None:
    windows = [Window(since=NOON, days=30), Window(since=NOON + timedelta(days=5), days=7)]
    days = [window_days(windows, NOON + timedelta(days=at)) for at in (-1, 0, 4, 5, 9)]
    assert days == [30, 30, 30, 7, 7]


terms = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 3)), max_size=4, unique_by=lambda pair: pair[0]).map(
    lambda pairs: [Window(since=NOON + timedelta(days=at), days=days) for at, days in sorted(pairs)]
)


@given(terms, terms)
def test_news_of_terms_is_for_clicks_from_the_first_moment_that_it_changes(
    before: list[Window], after: list[Window]
) -> None:
    def days(windows: list[Window], at: int) -> int | None:
        return window_days(windows, NOON + timedelta(days=at)) if windows else None

    changed = [at for at in range(-1, 11) if days(before, at) != days(after, at)]
    first = EVER if changed[:1] == [-1] else NOON + timedelta(days=changed[0]) if changed else None
    assert differ_from(before, after) == first
