"""Seats of an invite code: never more than there are, never given back."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acquisition.domain.claim import SelfReferral
from acquisition.domain.invite import (
    InvalidInvite,
    Invite,
    InviteExhausted,
    InviteExpired,
    InviteLimitReached,
    InviteNotYetValid,
    chosen_code,
)
from kernel.codes import MalformedCode
from kernel.errors import DomainError
from kernel.ids import CustomerId, PersonId, ShopId

START = datetime(2026, 11, 22, tzinfo=UTC)
ADA = UUID(int=1)


def invite(**changes: object) -> Invite:
    fields = {
        "shop_id": ShopId(UUID(int=9)),
        "code": "ADA22026",
        "inviter_id": CustomerId(ADA),
        "inviter_person_id": PersonId(ADA),
        "campaign": "",
        "seats": 3,
        "seats_left": 3,
        "per_person": 1,
        "valid_from": START,
        "expires_at": START + timedelta(days=30),
        "created_at": START,
    }
    return Invite(**(fields | changes))  # type: ignore[arg-type]


def redeem(code: Invite, person: int, already: int = 0, at: datetime = START) -> Invite:
    left, event = code.redeem(
        by=CustomerId(UUID(int=person)), person_id=PersonId(UUID(int=person)), already=already, at=at
    )
    assert event.seats_left == left.seats_left
    return left


@given(
    seats=st.integers(1, 20),
    per_person=st.integers(1, 4),
    people=st.lists(st.integers(1, 6), max_size=60),
)
def test_seats_are_exactly_those_taken(seats: int, per_person: int, people: list[int]) -> None:
    code = invite(seats=seats, seats_left=seats, per_person=per_person)
    taken: dict[int, int] = {}
    for person in people:
        try:
            code = redeem(code, person, taken.get(person, 0))
        except DomainError as refused:
            reason: type[DomainError] = InviteExhausted
            if person == 1:
                reason = SelfReferral
            elif taken.get(person, 0) >= per_person:
                reason = InviteLimitReached
            assert type(refused) is reason
            continue
        taken[person] = taken.get(person, 0) + 1
    assert code.seats_left == seats - sum(taken.values()) >= 0
    assert max(taken.values(), default=0) <= per_person
    assert 1 not in taken


@given(after=st.timedeltas(timedelta(days=-60), timedelta(days=60)))
def test_a_code_is_good_from_its_first_moment_until_before_its_last(after: timedelta) -> None:
    at = START + after
    if at < START:
        with pytest.raises(InviteNotYetValid):
            redeem(invite(), 2, at=at)
    elif at >= START + timedelta(days=30):
        with pytest.raises(InviteExpired):
            redeem(invite(), 2, at=at)
    else:
        assert redeem(invite(), 2, at=at).seats_left == 2


def test_the_inviter_is_known_by_their_email_too() -> None:
    with pytest.raises(SelfReferral):
        invite().redeem(by=CustomerId(UUID(int=7)), person_id=PersonId(ADA), already=0, at=START)


@pytest.mark.parametrize(
    "changes",
    [{"code": "ABC"}, {"code": "A" * 33}, {"seats": 1}, {"per_person": 0}, {"expires_at": START}],
)
def test_an_invite_that_makes_no_sense_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInvite):
        invite(**changes)


def test_a_wanted_code_wins_over_a_prefix() -> None:
    assert chosen_code(wanted="ada2-2026", prefix="X", random="7K2M9QX0") == "ADA22026"
    assert chosen_code(wanted="", prefix="fair", random="7K2M9QX0") == "FA1R7K2M9QX0"
    with pytest.raises(MalformedCode):
        chosen_code(wanted="ada?", prefix="", random="7K2M9QX0")
