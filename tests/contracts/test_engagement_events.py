"""What engagement publishes, and what it hears: golden JSON."""

import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from adapters.engagement.messaging import ProgrammeHeard
from engagement.domain.deal import Advocate
from engagement.domain.message import RewardNews
from engagement.events import DealShared, MessageSent
from kernel.events import Event
from kernel.ids import AdvocateId, CustomerId

GOLDEN = Path(__file__).parent / "golden"
MOMENT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)

PUBLISHED: list[Event] = [
    DealShared(
        share_id=UUID(int=1), advocate_id=AdvocateId(UUID(int=2)), channel="whatsapp", locale="de", shared_at=MOMENT
    ),
    MessageSent(
        message_id=UUID(int=3),
        customer_id=CustomerId(UUID(int=4)),
        channel="email",
        template="reward_issued",
        sent_at=MOMENT,
    ),
]


@pytest.mark.parametrize("event", PUBLISHED, ids=lambda event: event.name)
def test_what_is_published_is_what_was_promised(event: Event) -> None:
    path = GOLDEN / f"{event.name}.v{event.version}.json"
    """Run with GRAPEVINE_WRITE_GOLDEN=1 to add a field; never to change or take one away."""
    encoded = msgspec.json.format(msgspec.json.encode(event), indent=2) + b"\n"
    if os.environ.get("GRAPEVINE_WRITE_GOLDEN"):
        path.write_bytes(encoded)
    assert path.read_bytes() == encoded
    assert msgspec.json.decode(path.read_bytes(), type=type(event)) == event


@pytest.mark.parametrize(
    ("name", "heard_as"),
    [
        ("referral.programme_changed", ProgrammeHeard),
        ("referral.advocate_enrolled", Advocate),
        ("referral.reward_changed", RewardNews),
    ],
)
def test_what_is_heard_can_be_read(name: str, heard_as: type) -> None:
    found = sorted(GOLDEN.glob(f"{name}.v*.json"))
    assert found
    for path in found:
        heard: object = msgspec.json.decode(path.read_bytes(), type=heard_as)
        if isinstance(heard, ProgrammeHeard):
            heard.programme()
