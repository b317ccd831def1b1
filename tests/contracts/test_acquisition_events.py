"""What acquisition publishes, and what it hears: golden JSON."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from acquisition.events import DealClaimed, InviteCreated, InviteRedeemed
from adapters.acquisition.messaging import SUBSCRIPTIONS, AdvocateEnrolled, CustomerErased, ProgrammeChanged
from adapters.acquisition.tokens import ClaimToken
from kernel.events import Event
from kernel.ids import AdvocateId, ClaimId, ClickId, CustomerId, PersonId, ProgrammeId, ShopId

GOLDEN = Path(__file__).parent / "golden"
MOMENT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)

PUBLISHED: list[Event] = [
    DealClaimed(
        claim_id=ClaimId(UUID(int=1)),
        programme_id=ProgrammeId(UUID(int=2)),
        advocate_id=AdvocateId(UUID(int=3)),
        friend_id=CustomerId(UUID(int=4)),
        person_id=PersonId(UUID(int=5)),
        code="7K2M9QX0",
        click_id=ClickId(UUID(int=6)),
        locale="de",
        claimed_at=MOMENT,
        expires_at=MOMENT + timedelta(days=30),
        offer_version=1,
        phone_id=UUID(int=9),
    ),
    InviteCreated(
        code="ADA22026",
        inviter_id=CustomerId(UUID(int=7)),
        campaign="",
        seats=5,
        valid_from=MOMENT,
        expires_at=MOMENT + timedelta(days=30),
        created_at=MOMENT,
    ),
    InviteRedeemed(
        code="ADA22026",
        inviter_id=CustomerId(UUID(int=7)),
        customer_id=CustomerId(UUID(int=8)),
        seats_left=0,
        redeemed_at=MOMENT,
        person_id=PersonId(UUID(int=5)),
        campaign="spring",
    ),
]
HEARD = {
    "referral.programme_changed": ProgrammeChanged,
    "referral.advocate_enrolled": AdvocateEnrolled,
    "shops.customer_erased": CustomerErased,
}


@pytest.mark.parametrize("event", PUBLISHED, ids=lambda event: event.name)
def test_what_is_published_is_what_was_promised(event: Event) -> None:
    path = GOLDEN / f"{event.name}.v{event.version}.json"
    encoded = msgspec.json.format(msgspec.json.encode(event), indent=2) + b"\n"
    assert path.read_bytes() == encoded
    assert msgspec.json.decode(path.read_bytes(), type=type(event)) == event


def test_every_fact_that_is_heard_is_held_to_its_golden_json() -> None:
    assert {subscription.event for subscription in SUBSCRIPTIONS} == set(HEARD)


@pytest.mark.parametrize(("name", "heard_as"), HEARD.items())
def test_what_is_heard_can_be_read(name: str, heard_as: type) -> None:
    found = sorted(GOLDEN.glob(f"{name}.v*.json"))
    assert found
    for path in found:
        heard: object = msgspec.json.decode(path.read_bytes(), type=heard_as)
        if isinstance(heard, ProgrammeChanged) and heard.terms:
            heard.terms.understood()


def test_the_claim_token_keeps_its_shape() -> None:
    token = ClaimToken(
        shop_id=ShopId(UUID(int=1)),
        claim_id=ClaimId(UUID(int=2)),
        programme_id=ProgrammeId(UUID(int=3)),
        advocate_id=AdvocateId(UUID(int=4)),
    )
    path = GOLDEN / "tokens" / "claim.v1.json"
    assert path.read_bytes() == msgspec.json.format(msgspec.json.encode(token), indent=2) + b"\n"
