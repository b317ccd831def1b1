"""A shop, a message and its recipient, as tests need them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from msgspec import structs

from adapters.engagement.mail.writer import RewardMailWriter
from adapters.shared.ids import new_id
from adapters.shared.tokens import Keys
from engagement.domain.message import Message, Recipient
from engagement.ports import Mail, Shop
from kernel.ids import AdvocateId, CustomerId, ProgrammeId, RewardId, ShopId

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
CUSTOMER = CustomerId(UUID(int=7))
BASE_URL = "https://gv.example"
KEYS = Keys(b"a secret for tests")

SHOP = Shop(
    shop_id=ShopId(UUID(int=1)),
    title="Nordlicht",
    country="DE",
    locales=("de", "en"),
    default_locale="de",
    time_zone="Europe/Berlin",
    storefront_url="https://nordlicht.example",
    logo_url="",
    colour="#1f6f54",
    colour_text="#ffffff",
)


def message(**changes: Any) -> Message:
    sample = Message(
        message_id=new_id(),
        kind="reward_issued",
        reward_id=RewardId(UUID(int=2)),
        revision=3,
        programme_id=ProgrammeId(UUID(int=4)),
        advocate_id=AdvocateId(UUID(int=5)),
        side="advocate",
        customer_id=CUSTOMER,
        amount_minor=1250,
        previous_amount_minor=1250,
        currency="EUR",
        reason_code="hold_over",
        approve_after=NOW,
        changed_at=NOW,
    )
    return structs.replace(sample, **changes)


def recipient(**changes: Any) -> Recipient:
    sample = Recipient(customer_id=CUSTOMER, email="ada@example.com", first_name="Ada", locale="en")
    return structs.replace(sample, **changes)


def writer() -> RewardMailWriter:
    return RewardMailWriter(BASE_URL, KEYS.signer("unsubscribe"), real_now=lambda: NOW)


def mail(shop: Shop = SHOP, to: Recipient | None = None, **changes: Any) -> Mail:
    return writer().write(shop, message(**changes), to or recipient(), hashed="ab" * 32, now=NOW)
