"""The claim: a friend took the deal and holds a code of their own for a stated time."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from acquisition.domain.deal import Advocate, Programme, Terms
from acquisition.events import DealClaimed
from kernel.errors import DomainError
from kernel.ids import AdvocateId, ClaimId, ClickId, CustomerId, PersonId, ProgrammeId, ShopId


class SelfReferral(DomainError):
    code = "self_referral"
    kind = "conflict"
    title = "Nobody can recommend themselves"


class ClaimExpired(DomainError):
    code = "claim_expired"
    kind = "gone"
    title = "The claimed deal has expired"


class CodeTaken(DomainError):
    code = "code_taken"
    kind = "conflict"
    title = "The code is already in use"


class Friend(Struct, frozen=True, kw_only=True):
    """The person who takes the deal, as the vault knows them."""

    customer_id: CustomerId
    person_id: PersonId
    phone_id: UUID | None = None
    """Stands for the telephone number; None when none is known."""


class Claim(Struct, frozen=True, kw_only=True):
    """One per programme, advocate and person."""

    shop_id: ShopId
    claim_id: ClaimId
    programme_id: ProgrammeId
    advocate_id: AdvocateId
    friend_id: CustomerId
    person_id: PersonId
    code: str
    click_id: ClickId | None
    locale: str
    claimed_at: datetime
    expires_at: datetime
    terms: Terms | None = None
    """What the friend was promised; None for claims made before terms were kept."""

    def usable(self, at: datetime) -> "Claim":
        """The claim itself; refuses one that has run out."""
        if at >= self.expires_at:
            raise ClaimExpired("The deal was claimed before and has expired since.")
        return self

    def claimed(self) -> DealClaimed:
        """The fact that the deal was claimed, on the terms of the claim."""
        return DealClaimed(
            claim_id=self.claim_id,
            programme_id=self.programme_id,
            advocate_id=self.advocate_id,
            friend_id=self.friend_id,
            person_id=self.person_id,
            code=self.code,
            click_id=self.click_id,
            locale=self.locale,
            claimed_at=self.claimed_at,
            expires_at=self.expires_at,
            offer_version=self.terms.version if self.terms else None,
        )


def refuse_self_referral(advocate: Advocate, friend: Friend) -> None:
    """The advocate cannot be their own friend: not by customer record and not by canonical e-mail."""
    if friend.customer_id == advocate.customer_id or friend.person_id == advocate.person_id:
        raise SelfReferral("This is your own recommendation; pass it on to a friend.", pointer="/friend")


def take_deal(
    programme: Programme,
    advocate: Advocate,
    friend: Friend,
    *,
    shop_id: ShopId,
    claim_id: ClaimId,
    code: str,
    click_id: ClickId | None,
    locale: str,
    at: datetime,
) -> tuple[Claim, DealClaimed]:
    """Claim the deal for a friend. Refuses the advocate themselves and a programme that is not live."""
    terms = programme.on_offer()
    refuse_self_referral(advocate, friend)
    claim = Claim(
        shop_id=shop_id,
        claim_id=claim_id,
        programme_id=programme.programme_id,
        advocate_id=advocate.advocate_id,
        friend_id=friend.customer_id,
        person_id=friend.person_id,
        code=code,
        click_id=click_id,
        locale=locale,
        claimed_at=at,
        expires_at=at + timedelta(days=terms.claim_days),
        terms=terms,
    )
    return claim, replace(claim.claimed(), phone_id=friend.phone_id)
