"""What follows from tag events: hints about orders, which visitor is which customer, and consent that was withdrawn."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from kernel.errors import DomainError
from kernel.ids import ClaimId, ClickId, CustomerId, PersonId
from tracking.domain.hint import OrderHint
from tracking.domain.report import Buyer
from tracking.domain.tag_event import Consent, IdentifyData, Name, OrderData, may_remember

GRACE: Final = timedelta(days=1)
"""How long after its end a token is believed: a phone without network sends its events later."""
MAX_TRIES: Final = 8


class IdentifyTokenInvalid(DomainError):
    code = "identify_token_invalid"
    title = "The identify token is not signed with the shop's secret, has expired, or names nobody"


class DueEvent(Struct, frozen=True, kw_only=True):
    """An event that something follows from, as the worker takes it up. `data` is JSON."""

    event_id: UUID
    at: datetime
    name: Name
    happened_at: datetime
    received_at: datetime
    visitor: str | None
    click_id: ClickId | None
    claim_id: ClaimId | None
    page: str | None
    address_hash: bytes
    consent: Consent | None
    data: str | None
    tries: int


class IdentifyClaims(Struct, frozen=True, kw_only=True):
    """What a shop's server says of a visitor: `sub` is the customer's reference, `exp` seconds since 1970."""

    sub: Annotated[str, Meta(min_length=1, max_length=200)]
    exp: Annotated[float, Meta(ge=0, le=1e11)]
    email: Annotated[str, Meta(max_length=254)] | None = None
    name: Annotated[str, Meta(max_length=200)] | None = None

    def holds(self, event: DueEvent) -> bool:
        """Whether the token was valid when the event happened, and is not used long after its end."""
        happened, received = event.happened_at.timestamp(), event.received_at.timestamp()
        return self.exp > min(happened, received) and self.exp > received - GRACE.total_seconds()

    def buyer(self) -> Buyer:
        first, _, last = (self.name or "").strip().partition(" ")
        return Buyer(reference=self.sub, email=self.email, first_name=first, last_name=last.strip())


class Tie(Struct, frozen=True, kw_only=True):
    """A visitor who turned out to be a customer."""

    visitor: str
    customer_id: CustomerId
    person_id: PersonId
    identified_at: datetime


def friend_of(event: DueEvent) -> str | None:
    """Whom the buyer of a purchase named as having sent them."""
    return _order(event).friend_of or None


def hint_of(event: DueEvent, name_keys: Mapping[str, UUID]) -> OrderHint:
    """What a purchase says about the order that it names. Never what it is worth: that the platform says."""
    data = _order(event)
    return OrderHint(
        order_ref=data.order,
        click_id=event.click_id,
        claim_id=event.claim_id,
        codes=data.coupon,
        visitor=event.visitor if may_remember(event.consent) else None,
        campaign=_campaign(event.page),
        address_hash=event.address_hash,
        name_key=name_keys.get(data.friend_of) if data.friend_of else None,
        at=event.happened_at,
    )


def _order(event: DueEvent) -> OrderData:
    return msgspec.json.decode(event.data or "{}", type=OrderData)


def token_of(event: DueEvent) -> str:
    return msgspec.json.decode(event.data or "{}", type=IdentifyData).token


def is_withdrawn(event: DueEvent) -> bool:
    """Whether the visitor decided against being recognised."""
    return event.name == "consent" and not may_remember(event.consent)


def _campaign(page: str | None) -> str | None:
    for pair in urlsplit(page or "").query.split("&"):
        name, _, value = pair.partition("=")
        if name == "utm_campaign" and value:
            return unquote(value.replace("+", " "))
    return None
