"""What referral needs from outside."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from kernel.ids import AdvocateId, CustomerId, PersonId, ProgrammeId, ShopId
from referral.domain.advocate import Advocate
from referral.domain.facts import Claim, Order
from referral.domain.programme import Programme
from referral.domain.referral import Referral
from referral.domain.reward import Reward
from referral.domain.settlement import Books, CaseKey, Move, Settled
from referral.events import AdvocateEnrolled, ProgrammeChanged, ProgrammeDrafted

NewId = Callable[[], UUID]
NewCode = Callable[[int], str]
"""A code of that many Crockford letters, upper case, not guessable."""


class Programmes(Protocol):
    """The shop's programmes, each with all its offer versions and the times of its states."""

    async def add(self, programme: Programme, event: ProgrammeDrafted) -> None:
        """Store a new draft; outside it is told that there is one, and nothing of what it says."""
        ...

    async def get(self, programme_id: ProgrammeId) -> Programme:
        """Read without a lock; raise ProgrammeNotFound."""
        ...

    async def for_update(self, programme_id: ProgrammeId) -> Programme:
        """Lock the programme until the work ends; raise ProgrammeNotFound."""
        ...

    async def save(self, programme: Programme, event: ProgrammeChanged) -> None:
        """Store the state; publish the fact unless the programme is still a draft."""
        ...


class Advocates(Protocol):
    """The shop's advocates: at most one for a customer in a programme, codes unique in the shop."""

    async def of_customer(self, programme_id: ProgrammeId, customer_id: CustomerId) -> Advocate | None:
        """The customer's enrolment in the programme; None without one."""
        ...

    async def get(self, advocate_id: AdvocateId) -> Advocate:
        """Raise AdvocateNotFound."""
        ...

    async def add(self, advocate: Advocate, event: AdvocateEnrolled) -> bool:
        """Store state and fact; False, and nothing stored, when the customer or one of the codes is taken."""
        ...


class OpenBooks(Struct, frozen=True, kw_only=True):
    """The books of the cases that some facts touch, before the facts."""

    cases: Sequence[CaseKey]
    books: Books
    moved: Sequence[Order] = ()
    """The facts' orders as they were known, even those credited to nobody."""


class Due(Struct, frozen=True, kw_only=True):
    """Rewards to be approved now."""

    rewards: Sequence[Reward]
    referrals: Sequence[Referral]
    """Those that the rewards belong to."""


class SettlementBooks(Protocol):
    """Orders, claims, referrals, rewards and ledger of one shop. Who has them open keeps others of the shop waiting."""

    async def open(self, orders: Sequence[Order], claims: Sequence[Claim]) -> OpenBooks:
        """Lock the shop's books until the work ends, and read all that the facts touch: old and new cases of the
        orders, cases of the claims, and of orders that name the claims."""
        ...

    async def close(self, orders: Sequence[Order], claims: Sequence[Claim], settled: Settled) -> None:
        """Store fresh facts, what was decided on them, the ledger transfers, and publish the facts."""
        ...

    async def due(self, now: datetime, most: int) -> Due:
        """Lock the books and read pending rewards of paid orders whose return period is over, oldest first."""
        ...

    async def post(self, moves: Sequence[Move], referrals: Sequence[Referral]) -> None:
        """Store moves with their steps and transfers, and referrals; publish the facts."""
        ...


class Work(Protocol):
    """One transaction of one shop: commits on exit, rolls back on error."""

    @property
    def programmes(self) -> Programmes: ...
    @property
    def advocates(self) -> Advocates: ...
    @property
    def books(self) -> SettlementBooks: ...
    @property
    def test_mode(self) -> bool:
        """True for a shop that takes test orders for real ones."""
        ...

    @property
    def currency(self) -> str:
        """What the shop trades in."""
        ...

    def now(self) -> datetime:
        """The shop's clock, UTC."""
        ...


BeginWork = Callable[[ShopId], AbstractAsyncContextManager[Work]]


class Known(Struct, frozen=True):
    """A customer as the vault knows them."""

    customer_id: CustomerId
    person_id: PersonId
    name_key: UUID | None = None
    """Stands for the name, in any spelling; None when the vault has no full name."""


class Vault(Protocol):
    """Who is who. Asked before a transaction, never inside one."""

    async def identify(
        self, shop_id: ShopId, *, reference: str | None, email: str | None, first_name: str, locale: str | None,
        last_name: str = "", keep: bool = True,
    ) -> Known:  # fmt: skip
        """The customer with this reference or e-mail, made known if new. Idempotent.

        Without `keep` nobody is made known: who is new gets ids that nobody will have again.
        """
        ...
