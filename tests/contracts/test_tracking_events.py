"""The golden JSON of tracking's facts, and what tracking must be able to read of others'."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from adapters.tracking.messaging import (
    AdvocateHeard,
    ClaimHeard,
    DraftHeard,
    ErasedHeard,
    InviteHeard,
    ProgrammeHeard,
    SeatHeard,
)
from adapters.tracking.tokens import ClaimToken, ClickToken
from kernel.events import Event
from kernel.ids import AdvocateId, ClaimId, ClickId, CustomerId, OrderId, PersonId, ProgrammeId
from tracking.events import Attribution, AttributionSteered, CampaignCredit, OrderChanged, RetentionNoted

GOLDEN = Path(__file__).parent / "golden"


def _id(number: int) -> UUID:
    return UUID(f"01940000-0000-7000-8000-{number:012d}")


FACTS: list[Event] = [
    OrderChanged(
        order_id=OrderId(_id(1)),
        revision=3,
        number="#1001",
        placed_at=datetime(2026, 11, 22, 12, 30, tzinfo=UTC),
        state="open",
        payment="paid",
        test=False,
        currency="EUR",
        total_minor=11_390,
        base_minor=9_000,
        final_base_minor=4_500,
        customer_id=CustomerId(_id(2)),
        person_id=PersonId(_id(3)),
        first_order=True,
        attribution=Attribution(
            method="coupon_code",
            programme_id=ProgrammeId(_id(4)),
            advocate_id=AdvocateId(_id(5)),
            claim_id=ClaimId(_id(6)),
            click_id=ClickId(_id(7)),
            touched_at=datetime(2026, 11, 20, 9, 15, tzinfo=UTC),
            reason="The friend used their own code BEN4-4444 at checkout.",
        ),
        campaign=CampaignCredit(
            method="campaign_utm",
            programme_id=ProgrammeId(_id(4)),
            campaign="spring",
            click_id=ClickId(_id(7)),
            touched_at=datetime(2026, 11, 20, 9, 15, tzinfo=UTC),
            reason="The friend tapped a link of the campaign spring.",
        ),
        fulfilment="partial",
        fulfilled_at=datetime(2026, 11, 22, 16, 0, tzinfo=UTC),
        dispute="open",
    ),
    AttributionSteered(
        action="order.credited",
        key_id="key_01k9z7d2m8f3rt5wq6x7y8z9ab",
        at=datetime(2026, 11, 22, 12, 30, tzinfo=UTC),
        order_id=OrderId(_id(1)),
        programme_id=ProgrammeId(_id(4)),
        advocate_id=AdvocateId(_id(5)),
        rules_version=2,
        code="ADA22026",
    ),
    RetentionNoted(
        action="retention.applied",
        key_id="key_01k9z7d2m8f3rt5wq6x7y8z9ab",
        at=datetime(2026, 11, 22, 3, 11, tzinfo=UTC),
        orders_months=36,
        clicks_months=14,
        orders=12,
        clicks=340,
        events_months=13,
        events=5_600,
    ),
]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_the_golden_json_is_what_we_publish(fact: Event) -> None:
    """Run with GRAPEVINE_WRITE_GOLDEN=1 to add a field; never to change or take one away."""
    path = GOLDEN / f"{fact.name}.v{fact.version}.json"
    published = msgspec.json.format(msgspec.json.encode(fact), indent=2) + b"\n"
    if os.environ.get("GRAPEVINE_WRITE_GOLDEN"):
        path.write_bytes(published)
    assert path.read_bytes() == published
    assert msgspec.json.decode(path.read_bytes(), type=type(fact)) == fact


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("referral.programme_changed.v1", ProgrammeHeard),
        ("referral.programme_drafted.v1", DraftHeard),
        ("referral.advocate_enrolled.v1", AdvocateHeard),
        ("acquisition.deal_claimed.v1", ClaimHeard),
        ("shops.customer_erased.v1", ErasedHeard),
        ("acquisition.invite_created.v1", InviteHeard),
        ("acquisition.invite_redeemed.v1", SeatHeard),
    ],
)
def test_we_can_read_what_others_publish(name: str, shape: Any) -> None:
    assert msgspec.json.decode((GOLDEN / f"{name}.json").read_bytes(), type=shape)


def test_the_click_token_keeps_its_shape() -> None:
    path = GOLDEN / "tokens" / "click.v1.json"
    published = msgspec.json.format(msgspec.json.encode(ClickToken(_id(7))), indent=2) + b"\n"
    if os.environ.get("GRAPEVINE_WRITE_GOLDEN"):
        path.write_bytes(published)
    assert path.read_bytes() == published


def test_we_can_read_the_claim_token() -> None:
    assert msgspec.json.decode((GOLDEN / "tokens" / "claim.v1.json").read_bytes(), type=ClaimToken).claim_id
