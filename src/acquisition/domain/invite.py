"""The invite code: it admits as many holders as it has seats, for a stated time."""

from datetime import UTC, datetime
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from acquisition.domain.claim import SelfReferral
from acquisition.events import InviteCreated, InviteRedeemed
from kernel.codes import normalise
from kernel.errors import DomainError
from kernel.ids import CustomerId, PersonId, ShopId

SHORTEST, LONGEST = 4, 32


class InviteNotFound(DomainError):
    code = "invite_not_found"
    kind = "not_found"
    title = "There is no such invite code"


class InviteNotYetValid(DomainError):
    code = "invite_not_yet_valid"
    kind = "conflict"
    title = "The invite code is not valid yet"


class InviteExpired(DomainError):
    code = "invite_expired"
    kind = "gone"
    title = "The invite code has expired"


class InviteExhausted(DomainError):
    code = "invite_exhausted"
    kind = "conflict"
    title = "The invite code has no seats left"


class InviteLimitReached(DomainError):
    code = "invite_limit_reached"
    kind = "conflict"
    title = "This person has used the invite code as often as it allows"


class InvalidInvite(DomainError):
    code = "invalid_invite"
    title = "The invite code cannot be made like this"


class Invite(Struct, frozen=True, kw_only=True):
    """Seats are taken one by one and never given back. `inviter_id` is None for a campaign's code."""

    shop_id: ShopId
    code: str
    inviter_id: CustomerId | None
    inviter_person_id: PersonId | None
    campaign: str
    """What the shop's people call the occasion; empty for a personal invite."""
    seats: int
    seats_left: int
    per_person: int
    valid_from: datetime
    expires_at: datetime
    created_at: datetime

    def __post_init__(self) -> None:
        if not SHORTEST <= len(self.code) <= LONGEST:
            raise InvalidInvite(f"A code has {SHORTEST} to {LONGEST} letters.", pointer="/code")
        if not 0 <= self.seats_left <= self.seats:
            raise InvalidInvite("The seats do not add up.", pointer="/seats")
        if self.per_person < 1:
            raise InvalidInvite("Everyone may use the code at least once.", pointer="/per_person")
        if self.expires_at <= self.valid_from:
            raise InvalidInvite("The code must expire after it becomes valid.", pointer="/expires_at")

    def created(self) -> InviteCreated:
        """What is told of a new invite."""
        return InviteCreated(
            code=self.code,
            inviter_id=self.inviter_id,
            campaign=self.campaign,
            seats=self.seats,
            valid_from=self.valid_from,
            expires_at=self.expires_at,
            created_at=self.created_at,
        )

    @property
    def used_up(self) -> bool:
        return self.seats_left < 1

    def check_period(self, at: datetime) -> None:
        """Refuses a code outside its validity."""
        if at < self.valid_from:
            raise InviteNotYetValid(pointer="/code")
        if at >= self.expires_at:
            raise InviteExpired(pointer="/code")

    def redeem(self, *, by: CustomerId, person_id: PersonId, already: int, at: datetime) -> tuple[Self, InviteRedeemed]:
        """Take one seat; `already` counts the seats this person holds.

        Refuses the inviter themselves, a code outside its validity, an exhausted one, and a person at their limit.
        """
        if by == self.inviter_id or person_id == self.inviter_person_id:
            raise SelfReferral("This is your own invitation; pass it on to a friend.", pointer="/customer")
        self.check_period(at)
        if already >= self.per_person:
            raise InviteLimitReached(pointer="/customer")
        if self.used_up:
            raise InviteExhausted(pointer="/code")
        left = replace(self, seats_left=self.seats_left - 1)
        return left, InviteRedeemed(
            code=self.code,
            inviter_id=self.inviter_id,
            customer_id=by,
            seats_left=left.seats_left,
            redeemed_at=at,
            person_id=person_id,
            campaign=self.campaign,
        )


def moment(at: datetime, pointer: str) -> datetime:
    """The moment in UTC. Near the first and the last year a time zone leads out of the calendar."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise InvalidInvite("No calendar knows this moment in UTC.", pointer=pointer) from None


def chosen_code(*, wanted: str, prefix: str, random: str) -> str:
    """The code as stored: the one the shop wants, else its prefix followed by random letters."""
    return normalise(wanted) if wanted else normalise(prefix + random, pointer="/prefix")
