"""What referral does when it hears of orders, claimed deals and shops whose clock has moved."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from adapters.referral.postgres.work import PostgresWork
from adapters.shared.postgres.unit import Unit
from adapters.shared.queue.subscriptions import Subscription
from kernel.events import Envelope
from kernel.ids import AdvocateId, ClaimId, CustomerId, OrderId, PersonId, ProgrammeId
from referral.application.settle_facts import SettleFacts
from referral.domain.facts import Claim, Order

APPROVE_JOB: Final = "referral.approve_due"


class AttributionHeard(Struct, frozen=True):
    method: str
    programme_id: ProgrammeId
    advocate_id: AdvocateId
    claim_id: ClaimId | None = None


class OrderChangedHeard(Struct, frozen=True):
    """`tracking.order_changed`, as far as referral reads it."""

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
    attribution: AttributionHeard | None = None
    dispute: str | None = None
    """How chargebacks stand; only a lost one counts."""

    def order(self) -> Order:
        credited = self.attribution
        return Order(
            order_id=self.order_id, revision=self.revision, number=self.number, placed_at=self.placed_at,
            state=self.state, payment=self.payment, test=self.test, currency=self.currency,
            total_minor=self.total_minor, base_minor=self.base_minor, final_base_minor=self.final_base_minor,
            customer_id=self.customer_id, person_id=self.person_id, first_order=self.first_order,
            programme_id=credited.programme_id if credited else None,
            advocate_id=credited.advocate_id if credited else None,
            claim_id=credited.claim_id if credited else None,
            method=credited.method if credited else None,
            charged_back=self.dispute == "lost",
        )  # fmt: skip


class DealClaimedHeard(Struct, frozen=True):
    """`acquisition.deal_claimed`, as far as referral reads it."""

    claim_id: ClaimId
    programme_id: ProgrammeId
    advocate_id: AdvocateId
    friend_id: CustomerId
    person_id: PersonId
    claimed_at: datetime
    expires_at: datetime
    offer_version: int | None = None

    def claim(self) -> Claim:
        return Claim(
            claim_id=self.claim_id, programme_id=self.programme_id, advocate_id=self.advocate_id,
            friend_id=self.friend_id, person_id=self.person_id, claimed_at=self.claimed_at,
            expires_at=self.expires_at, offer_version=self.offer_version,
        )  # fmt: skip


class ShopChangedHeard(Struct, frozen=True):
    clock_offset_s: int


Apply = Callable[[Unit, Sequence[Envelope]], Awaitable[None]]


def hear_orders(settle: SettleFacts) -> Apply:
    async def apply(unit: Unit, envelopes: Sequence[Envelope]) -> None:
        orders = [envelope.decode(OrderChangedHeard).order() for envelope in envelopes]
        if await settle(PostgresWork(unit), orders=orders):
            unit.enqueue(APPROVE_JOB, once="settled")

    return apply


def hear_claims(settle: SettleFacts) -> Apply:
    async def apply(unit: Unit, envelopes: Sequence[Envelope]) -> None:
        claims = [envelope.decode(DealClaimedHeard).claim() for envelope in envelopes]
        if await settle(PostgresWork(unit), claims=claims):
            unit.enqueue(APPROVE_JOB, once="settled")

    return apply


async def hear_shops(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    """The clock may have moved past the end of a return period."""
    if any(envelope.decode(ShopChangedHeard).clock_offset_s > 0 for envelope in envelopes):
        unit.enqueue(APPROVE_JOB, once="shop_changed")


def subscriptions(settle: SettleFacts) -> list[Subscription]:
    return [
        Subscription("referral.settle_orders", "tracking.order_changed", hear_orders(settle)),
        Subscription("referral.settle_claims", "acquisition.deal_claimed", hear_claims(settle)),
        Subscription("referral.approve_on_clock", "shops.shop_changed", hear_shops),
    ]
