"""What tracking does when it hears another context's fact."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from adapters.shared.ids import new_id
from adapters.shared.postgres.unit import Unit
from adapters.shared.queue.subscriptions import Subscription
from adapters.tracking.postgres.work import PostgresWork
from kernel.codes import normalise
from kernel.events import Envelope
from kernel.ids import AdvocateId, ClaimId, ClickId, CustomerId, LinkId, PersonId, ProgrammeId
from tracking.application.forget_advocates import forget_advocates
from tracking.application.learn_facts import (
    learn_advocates,
    learn_claims,
    learn_invites,
    learn_programmes,
    learn_seats,
)
from tracking.domain.attribution import KnownAdvocate, KnownClaim, KnownInvite, KnownSeat, Window
from tracking.domain.link import Link


class TermsHeard(Struct, frozen=True):
    attribution_days: int


class ProgrammeHeard(Struct, frozen=True):
    """Of `referral.programme_changed`."""

    programme_id: UUID
    revision: int
    terms: TermsHeard | None


class DraftHeard(Struct, frozen=True):
    """Of `referral.programme_drafted`."""

    programme_id: UUID


class AdvocateHeard(Struct, frozen=True):
    """Of `referral.advocate_enrolled`."""

    advocate_id: UUID
    programme_id: UUID
    code: str
    link_code: str
    enrolled_at: datetime
    customer_id: UUID | None = None
    name_key: UUID | None = None


class ClaimHeard(Struct, frozen=True):
    """Of `acquisition.deal_claimed`."""

    claim_id: UUID
    programme_id: UUID
    advocate_id: UUID
    person_id: UUID
    code: str
    claimed_at: datetime
    expires_at: datetime
    click_id: UUID | None = None
    phone_id: UUID | None = None


class InviteHeard(Struct, frozen=True):
    """Of `acquisition.invite_created`."""

    code: str
    inviter_id: UUID | None
    campaign: str
    valid_from: datetime
    expires_at: datetime


class SeatHeard(Struct, frozen=True):
    """Of `acquisition.invite_redeemed`. One without a person cannot be matched with an order."""

    code: str
    inviter_id: UUID | None
    redeemed_at: datetime
    person_id: UUID | None = None
    campaign: str = ""


class ErasedHeard(Struct, frozen=True):
    """Of `shops.customer_erased`."""

    customer_id: UUID


async def hear_erased(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    customers = [CustomerId(envelope.decode(ErasedHeard).customer_id) for envelope in envelopes]
    work = PostgresWork(unit)
    await work.visitors.forget_customers(customers)
    await forget_advocates(work, customers)


async def hear_programmes(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    heard = [(envelope.decode(ProgrammeHeard), envelope.occurred_at) for envelope in envelopes]
    windows = [
        (ProgrammeId(fact.programme_id), fact.revision, Window(since=since, days=fact.terms.attribution_days))
        for fact, since in heard
        if fact.terms is not None
    ]
    if windows:
        await learn_programmes(PostgresWork(unit), windows)


async def hear_drafts(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    programmes = {ProgrammeId(envelope.decode(DraftHeard).programme_id) for envelope in envelopes}
    await PostgresWork(unit).chains.note_drafted(programmes)


async def hear_advocates(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    facts = [envelope.decode(AdvocateHeard) for envelope in envelopes]
    advocates = [
        KnownAdvocate(
            advocate_id=AdvocateId(fact.advocate_id),
            programme_id=ProgrammeId(fact.programme_id),
            code=normalise(fact.code),
            customer_id=CustomerId(fact.customer_id) if fact.customer_id else None,
            name_key=fact.name_key,
        )
        for fact in facts
    ]
    links = [
        Link(
            link_id=LinkId(new_id()),
            shop_id=unit.shop_id,
            code=normalise(fact.link_code),
            destination=None,
            advocate_id=AdvocateId(fact.advocate_id),
            programme_id=ProgrammeId(fact.programme_id),
            advocate_code=normalise(fact.code),
            created_at=fact.enrolled_at,
        )
        for fact in facts
    ]
    await learn_advocates(PostgresWork(unit), advocates, links)


async def hear_claims(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    facts = [envelope.decode(ClaimHeard) for envelope in envelopes]
    claims = [
        KnownClaim(
            claim_id=ClaimId(fact.claim_id),
            programme_id=ProgrammeId(fact.programme_id),
            advocate_id=AdvocateId(fact.advocate_id),
            person_id=PersonId(fact.person_id),
            code=normalise(fact.code),
            click_id=ClickId(fact.click_id) if fact.click_id else None,
            claimed_at=fact.claimed_at,
            expires_at=fact.expires_at,
            phone_id=fact.phone_id,
        )
        for fact in facts
    ]
    await learn_claims(PostgresWork(unit), claims)


async def hear_invites(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    invites = [
        KnownInvite(
            code=fact.code,
            inviter_id=CustomerId(fact.inviter_id) if fact.inviter_id else None,
            campaign=fact.campaign,
            valid_from=fact.valid_from,
            expires_at=fact.expires_at,
        )
        for fact in (envelope.decode(InviteHeard) for envelope in envelopes)
    ]
    await learn_invites(PostgresWork(unit), invites)


async def hear_seats(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    seats = [
        KnownSeat(
            code=fact.code,
            inviter_id=CustomerId(fact.inviter_id) if fact.inviter_id else None,
            campaign=fact.campaign,
            person_id=PersonId(fact.person_id),
            redeemed_at=fact.redeemed_at,
        )
        for fact in (envelope.decode(SeatHeard) for envelope in envelopes)
        if fact.person_id is not None
    ]
    if seats:
        await learn_seats(PostgresWork(unit), seats)


def subscriptions(forget: Callable[[], None], forget_keys: Callable[[], None]) -> list[Subscription]:
    async def hear_shop(_: Unit, __: Sequence[Envelope]) -> None:
        forget()

    async def hear_keys(_: Unit, __: Sequence[Envelope]) -> None:
        forget_keys()

    return [
        Subscription("tracking.programmes", "referral.programme_changed", hear_programmes),
        Subscription("tracking.drafts", "referral.programme_drafted", hear_drafts),
        Subscription("tracking.advocates", "referral.advocate_enrolled", hear_advocates),
        Subscription("tracking.claims", "acquisition.deal_claimed", hear_claims),
        Subscription("tracking.erased", "shops.customer_erased", hear_erased),
        Subscription("tracking.invites", "acquisition.invite_created", hear_invites),
        Subscription("tracking.seats", "acquisition.invite_redeemed", hear_seats),
        Subscription("tracking.caches", "shops.shop_changed", hear_shop),
        Subscription("tracking.keys", "shops.key_revoked", hear_keys),
    ]
