"""What referral keeps of other contexts' facts: the latest state of each order and each claimed deal."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from kernel.ids import AdvocateId, ClaimId, CustomerId, OrderId, PersonId, ProgrammeId


class Order(Struct, frozen=True, kw_only=True):
    """The latest known state of an order. Amounts are minor units of `currency`; see `tracking.order_changed`."""

    order_id: OrderId
    revision: int
    number: str
    placed_at: datetime
    state: Literal["open", "cancelled"]
    payment: Literal["pending", "paid", "voided"]
    test: bool
    currency: str
    total_minor: int
    base_minor: int
    final_base_minor: int
    customer_id: CustomerId
    person_id: PersonId
    first_order: bool
    programme_id: ProgrammeId | None = None
    """The programme that the order is credited to; None, as the next three, when it is credited to nobody."""
    advocate_id: AdvocateId | None = None
    claim_id: ClaimId | None = None
    method: str | None = None
    charged_back: bool = False
    """The buyer's bank took the money back for good, so nothing is left of the order."""


class Claim(Struct, frozen=True, kw_only=True):
    """A friend took the deal of an advocate; an order placed from then until `expires_at` has the terms of then."""

    claim_id: ClaimId
    programme_id: ProgrammeId
    advocate_id: AdvocateId
    friend_id: CustomerId
    person_id: PersonId
    claimed_at: datetime
    expires_at: datetime
    offer_version: int | None = None
    """The offer that the friend was promised; None when it was not told: the one in force when it was claimed."""
