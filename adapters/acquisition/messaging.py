"""What this context does when it hears another context's fact: it keeps what its pages and claims need."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from acquisition.domain.deal import Advocate, Programme, State, Terms
from adapters.acquisition.postgres.work import PostgresWork
from adapters.shared.postgres.unit import Unit
from adapters.shared.queue.subscriptions import Subscription
from kernel.events import Envelope
from kernel.ids import AdvocateId, CustomerId, PersonId, ProgrammeId


class FriendDeal(Struct, frozen=True, kw_only=True):
    kind: Literal["fixed", "percent"]
    amount_minor: int = 0
    basis_points: int = 0
    cap_minor: int | None = None


class OfferTerms(Struct, frozen=True, kw_only=True):
    currency: str
    friend_deal: FriendDeal
    minimum_order_minor: int
    first_order_only: bool
    claim_days: int
    version: int | None = None

    def understood(self) -> Terms:
        deal = self.friend_deal
        return Terms(
            currency=self.currency,
            kind=deal.kind,
            amount_minor=deal.amount_minor,
            basis_points=deal.basis_points,
            cap_minor=deal.cap_minor,
            minimum_order_minor=self.minimum_order_minor,
            first_order_only=self.first_order_only,
            claim_days=self.claim_days,
            version=self.version,
        )


class ProgrammeChanged(Struct, frozen=True, kw_only=True):
    """What is read of `referral.programme_changed`."""

    programme_id: ProgrammeId
    revision: int
    title: str
    state: State
    terms: OfferTerms | None


class AdvocateEnrolled(Struct, frozen=True, kw_only=True):
    """What is read of `referral.advocate_enrolled`."""

    advocate_id: AdvocateId
    programme_id: ProgrammeId
    customer_id: CustomerId
    person_id: PersonId
    code: str


class CustomerErased(Struct, frozen=True, kw_only=True):
    """What is read of `shops.customer_erased`."""

    customer_id: CustomerId


async def on_programme_changed(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    heard = [envelope.decode(ProgrammeChanged) for envelope in envelopes]
    programmes = [
        Programme(
            programme_id=fact.programme_id,
            revision=fact.revision,
            title=fact.title,
            state=fact.state,
            terms=fact.terms.understood() if fact.terms else None,
        )
        for fact in heard
    ]
    await PostgresWork(unit).programmes.keep(programmes)


async def on_advocate_enrolled(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    heard = [envelope.decode(AdvocateEnrolled) for envelope in envelopes]
    advocates = [
        Advocate(
            advocate_id=fact.advocate_id,
            programme_id=fact.programme_id,
            customer_id=fact.customer_id,
            person_id=fact.person_id,
            code=fact.code,
        )
        for fact in heard
    ]
    await PostgresWork(unit).advocates.keep(advocates)


async def on_customer_erased(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    heard = [envelope.decode(CustomerErased).customer_id for envelope in envelopes]
    await PostgresWork(unit).advocates.forget(heard)


SUBSCRIPTIONS = (
    Subscription("acquisition.keep_programmes", "referral.programme_changed", on_programme_changed),
    Subscription("acquisition.keep_advocates", "referral.advocate_enrolled", on_advocate_enrolled),
    Subscription("acquisition.forget_customers", "shops.customer_erased", on_customer_erased),
)
