"""What referral publishes, and what it hears: golden JSON."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from adapters.referral.messaging import DealClaimedHeard, OrderChangedHeard, ShopChangedHeard
from kernel.events import Event
from kernel.ids import AdvocateId, CustomerId, OfferId, OrderId, PersonId, ProgrammeId, ReferralId, RewardId
from referral.events import (
    AdvocateEnrolled,
    Benefit,
    OfferTerms,
    ProgrammeChanged,
    ProgrammeDrafted,
    ReferralChanged,
    RewardChanged,
)

GOLDEN = Path(__file__).parent / "golden"
MOMENT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)

PUBLISHED: list[Event] = [
    ProgrammeChanged(
        programme_id=ProgrammeId(UUID(int=1)),
        revision=2,
        title="Friends of Nordlicht",
        kind="refer_a_friend",
        state="live",
        terms=OfferTerms(
            offer_id=OfferId(UUID(int=2)),
            version=1,
            currency="EUR",
            friend_deal=Benefit(kind="fixed", amount_minor=1000),
            advocate_reward=Benefit(kind="percent", basis_points=1000, cap_minor=2500),
            minimum_order_minor=4000,
            first_order_only=True,
            hold_days=14,
            claim_days=30,
            attribution_days=30,
        ),
    ),
    ProgrammeDrafted(programme_id=ProgrammeId(UUID(int=1)), drafted_at=MOMENT),
    AdvocateEnrolled(
        advocate_id=AdvocateId(UUID(int=3)),
        programme_id=ProgrammeId(UUID(int=1)),
        customer_id=CustomerId(UUID(int=4)),
        person_id=PersonId(UUID(int=5)),
        code="7K2M9QX0",
        link_code="7k2m9qx04t",
        enrolled_at=MOMENT,
        name_key=UUID(int=10),
    ),
    ReferralChanged(
        referral_id=ReferralId(UUID(int=6)),
        revision=1,
        programme_id=ProgrammeId(UUID(int=1)),
        advocate_id=AdvocateId(UUID(int=3)),
        friend_id=CustomerId(UUID(int=7)),
        order_id=OrderId(UUID(int=8)),
        state="ordered",
        reason_code="earned_percent",
        changed_at=MOMENT,
    ),
    RewardChanged(
        reward_id=RewardId(UUID(int=9)),
        revision=2,
        programme_id=ProgrammeId(UUID(int=1)),
        referral_id=ReferralId(UUID(int=6)),
        advocate_id=AdvocateId(UUID(int=3)),
        order_id=OrderId(UUID(int=8)),
        side="advocate",
        customer_id=CustomerId(UUID(int=4)),
        change="reduced",
        state="pending",
        amount_minor=600,
        previous_amount_minor=1200,
        currency="EUR",
        reason_code="partly_refunded_percent",
        reason="Part of the order was returned: 10 % of the remaining 60.00 EUR is 6.00 EUR.",
        approve_after=MOMENT + timedelta(days=14),
        changed_at=MOMENT,
    ),
]


@pytest.mark.parametrize("event", PUBLISHED, ids=lambda event: event.name)
def test_what_is_published_is_what_was_promised(event: Event) -> None:
    path = GOLDEN / f"{event.name}.v{event.version}.json"
    encoded = msgspec.json.format(msgspec.json.encode(event), indent=2) + b"\n"
    if not path.exists():
        path.write_bytes(encoded)
    assert path.read_bytes() == encoded
    assert msgspec.json.decode(path.read_bytes(), type=type(event)) == event


@pytest.mark.parametrize(
    ("name", "heard_as"),
    [
        ("tracking.order_changed", OrderChangedHeard),
        ("acquisition.deal_claimed", DealClaimedHeard),
        ("shops.shop_changed", ShopChangedHeard),
    ],
)
def test_what_is_heard_can_be_read(name: str, heard_as: type) -> None:
    found = sorted(GOLDEN.glob(f"{name}.v*.json"))
    assert found, f"{name} has no golden file"
    for path in found:
        heard: object = msgspec.json.decode(path.read_bytes(), type=heard_as)
        if isinstance(heard, OrderChangedHeard):
            assert heard.order().order_id == heard.order_id
        if isinstance(heard, DealClaimedHeard):
            assert heard.claim().claim_id == heard.claim_id
