"""Published facts of the acquisition context."""

from datetime import datetime
from uuid import UUID

from kernel.events import Event
from kernel.ids import AdvocateId, ClaimId, ClickId, CustomerId, PersonId, ProgrammeId


class DealClaimed(Event, frozen=True, kw_only=True):
    """A friend took the deal and got a code of their own. Published once per claim."""

    name = "acquisition.deal_claimed"

    claim_id: ClaimId
    programme_id: ProgrammeId
    advocate_id: AdvocateId
    friend_id: CustomerId
    person_id: PersonId
    code: str
    """The friend's own coupon code, as stored (`kernel.codes.normalise`)."""
    click_id: ClickId | None
    locale: str
    claimed_at: datetime
    expires_at: datetime
    offer_version: int | None = None
    """The version of the programme's offer that the friend was promised; None when it is not known."""
    phone_id: UUID | None = None
    """Stands for the friend's telephone number: a keyed hash of the vault's. None when the friend gave none."""


class InviteCreated(Event, frozen=True, kw_only=True):
    """The shop made an invite code, of a customer who invites or of a campaign. Published once per code.

    Codes that were made before anybody heard of them are published once more; the same code says the same then.
    """

    name = "acquisition.invite_created"

    code: str
    """As stored (`kernel.codes.normalise`)."""
    inviter_id: CustomerId | None
    campaign: str
    """What the shop calls the occasion; empty for a customer's own invite."""
    seats: int
    valid_from: datetime
    expires_at: datetime
    created_at: datetime


class InviteRedeemed(Event, frozen=True, kw_only=True):
    """One seat of an invite code was taken."""

    name = "acquisition.invite_redeemed"

    code: str
    inviter_id: CustomerId | None
    customer_id: CustomerId
    seats_left: int
    redeemed_at: datetime
    person_id: PersonId | None = None
    """Who took the seat."""
    campaign: str = ""
    """What the shop calls the occasion; empty for a customer's own invite."""
