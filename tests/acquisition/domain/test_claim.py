"""Who may claim what, and for how long."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acquisition.domain.claim import Claim, ClaimExpired, Friend, SelfReferral, take_deal
from acquisition.domain.deal import Advocate, DealEnded, DealPaused, Programme, Terms, UnknownDeal
from kernel.errors import DomainError
from kernel.ids import AdvocateId, ClaimId, CustomerId, PersonId, ProgrammeId, ShopId

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ADVOCATE = Advocate(
    advocate_id=AdvocateId(UUID(int=1)),
    programme_id=ProgrammeId(UUID(int=2)),
    customer_id=CustomerId(UUID(int=3)),
    person_id=PersonId(UUID(int=4)),
    code="ADA7K2M9",
)
FRIEND = Friend(customer_id=CustomerId(UUID(int=5)), person_id=PersonId(UUID(int=6)))


def programme(state: str = "live", claim_days: int = 30, with_terms: bool = True) -> Programme:
    terms = Terms(currency="EUR", kind="fixed", amount_minor=1000, claim_days=claim_days)
    return Programme(
        programme_id=ADVOCATE.programme_id,
        revision=1,
        title="Friends",
        state=state,  # type: ignore[arg-type]
        terms=terms if with_terms else None,
    )


def take(of: Programme, friend: Friend = FRIEND) -> Claim:
    claim, event = take_deal(
        of, ADVOCATE, friend, shop_id=ShopId(UUID(int=9)), claim_id=ClaimId(UUID(int=8)), code="7K2M9QX0",
        click_id=None, locale="de", at=NOW,
    )  # fmt: skip
    assert (event.code, event.claim_id, event.expires_at) == (claim.code, claim.claim_id, claim.expires_at)
    return claim


@given(days=st.integers(1, 3650), later=st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_a_claim_is_usable_for_exactly_its_days(days: int, later: timedelta) -> None:
    claim = take(programme(claim_days=days))
    if later < timedelta(days=days):
        assert claim.usable(NOW + later) is claim
    else:
        with pytest.raises(ClaimExpired):
            claim.usable(NOW + later)


@pytest.mark.parametrize(
    ("state", "with_terms", "refusal"),
    [
        ("draft", True, UnknownDeal),
        ("paused", True, DealPaused),
        ("ended", True, DealEnded),
        ("live", False, UnknownDeal),
    ],
)
def test_only_a_live_deal_can_be_claimed(state: str, with_terms: bool, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        take(programme(state, with_terms=with_terms))


@pytest.mark.parametrize(
    "friend",
    [
        Friend(customer_id=ADVOCATE.customer_id, person_id=FRIEND.person_id),
        Friend(customer_id=FRIEND.customer_id, person_id=ADVOCATE.person_id),
    ],
)
def test_nobody_is_their_own_friend(friend: Friend) -> None:
    with pytest.raises(SelfReferral):
        take(programme(), friend)
