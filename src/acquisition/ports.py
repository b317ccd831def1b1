"""What the acquisition context needs from outside."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from acquisition.domain.claim import Claim, Friend
from acquisition.domain.deal import Advocate, Programme
from acquisition.domain.invite import Invite
from acquisition.domain.person import Person
from acquisition.events import DealClaimed, InviteCreated, InviteRedeemed
from kernel.ids import CustomerId, PersonId, ProgrammeId, ShopId


class Programmes(Protocol):
    """The shop's programmes as heard from the referral context."""

    async def get(self, programme_id: ProgrammeId) -> Programme | None: ...

    async def keep(self, programmes: Sequence[Programme]) -> None:
        """Remember each unless a higher revision of it is known already."""
        ...


class Advocates(Protocol):
    """The shop's advocates as heard from the referral context."""

    async def by_code(self, code: str) -> Advocate | None:
        """`code` is normalised."""
        ...

    async def keep(self, advocates: Sequence[Advocate]) -> None:
        """Remember each once; a repetition changes nothing."""
        ...

    async def forget(self, customer_ids: Sequence[CustomerId]) -> None:
        """Mark the advocates among these customers as erased, whenever they are or were heard of."""
        ...


class Claims(Protocol):
    """Claimed deals: one per programme, advocate and person."""

    async def of_friend(self, advocate: Advocate, person_id: PersonId) -> Claim | None: ...

    async def by_code(self, code: str) -> Claim | None:
        """`code` is normalised."""
        ...

    async def add(self, claim: Claim, event: DealClaimed) -> Claim:
        """Store the claim with its event and return the claim that stands.

        When the friend's claim was stored by someone else meanwhile, that one stands and nothing is published.
        Raises CodeTaken when a claim, an advocate or an invite of this shop has the code already.
        """
        ...


class Invites(Protocol):
    """Invite codes with their seats."""

    async def add(self, invite: Invite, event: InviteCreated) -> None:
        """Store a new invite and its event atomically. Raises CodeTaken."""
        ...

    async def untold(self, most: int) -> Sequence[Invite]:
        """Up to `most` codes of which nobody was told for certain, by code; locked until the work ends."""
        ...

    async def tell(self, events: Sequence[InviteCreated]) -> None:
        """Publish the events, and store that these codes are told of."""
        ...

    async def get(self, code: str) -> Invite:
        """Read without a lock; raise InviteNotFound."""
        ...

    async def for_update(self, code: str) -> Invite:
        """Lock the invite until the work ends; raise InviteNotFound."""
        ...

    async def seats_of(self, code: str, person_id: PersonId) -> int:
        """How many seats this person has taken with the code."""
        ...

    async def save(self, invite: Invite, event: InviteRedeemed, person_id: PersonId) -> None:
        """Store the state, the seat taken and the event atomically."""
        ...


class Work(Protocol):
    """One transaction of one shop: commits on exit, rolls back on error."""

    @property
    def programmes(self) -> Programmes: ...
    @property
    def advocates(self) -> Advocates: ...
    @property
    def claims(self) -> Claims: ...
    @property
    def invites(self) -> Invites: ...

    def now(self) -> datetime:
        """The shop's clock, in UTC."""
        ...


BeginWork = Callable[[ShopId], AbstractAsyncContextManager[Work]]


class IdentifyPerson(Protocol):
    """Ask the shop's vault who this is: finds or creates the customer. Called before a transaction is opened."""

    async def __call__(self, shop_id: ShopId, person: Person, *, keep: bool = True) -> Friend:
        """Without `keep` nobody is created: who is new gets ids that nobody will have again."""
        ...
