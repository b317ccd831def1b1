"""The deal a friend may take: a programme's terms as this context heard them, and the advocate who passes it on."""

from typing import Literal

from msgspec import Struct

from kernel.errors import DomainError
from kernel.ids import AdvocateId, CustomerId, PersonId, ProgrammeId
from kernel.money import Money

State = Literal["draft", "live", "paused", "ended"]


class UnknownDeal(DomainError):
    code = "unknown_deal"
    kind = "not_found"
    title = "No deal belongs to this code"


class DealPaused(DomainError):
    code = "deal_paused"
    kind = "conflict"
    title = "The deal is paused"


class DealEnded(DomainError):
    code = "deal_ended"
    kind = "gone"
    title = "The deal has ended"


class Terms(Struct, frozen=True, kw_only=True):
    """What the friend gets and under which conditions. Amounts are minor units of `currency`, rates basis points."""

    currency: str
    kind: Literal["fixed", "percent"]
    amount_minor: int = 0
    basis_points: int = 0
    cap_minor: int | None = None
    minimum_order_minor: int = 0
    first_order_only: bool = False
    claim_days: int = 30
    version: int | None = None
    """Of the offer; None when it was heard before versions were told."""

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def minimum_order(self) -> Money:
        return Money(self.minimum_order_minor, self.currency)

    @property
    def cap(self) -> Money | None:
        return None if self.cap_minor is None else Money(self.cap_minor, self.currency)


class Programme(Struct, frozen=True, kw_only=True):
    """A programme as last heard; a higher `revision` replaces a lower one. `terms` is None before it was ever live."""

    programme_id: ProgrammeId
    revision: int
    title: str
    state: State
    terms: Terms | None

    def on_offer(self, pointer: str | None = None) -> Terms:
        """The terms in force. Refuses a programme that is not live: unknown while a draft, paused, or ended.

        `pointer` names the input that led to the programme.
        """
        if self.state == "paused":
            raise DealPaused(pointer=pointer)
        if self.state == "ended":
            raise DealEnded(pointer=pointer)
        if self.state == "draft" or self.terms is None:
            raise UnknownDeal(pointer=pointer)
        return self.terms


class Advocate(Struct, frozen=True, kw_only=True):
    """Who passes the deal on. `code` is stored as `kernel.codes.normalise` gives it."""

    advocate_id: AdvocateId
    programme_id: ProgrammeId
    customer_id: CustomerId
    person_id: PersonId
    code: str
    erased: bool = False
    """The advocate's personal data was erased: nobody is greeted by their name any more."""
