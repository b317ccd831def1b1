"""The deal an advocate passes on, and the advocate: facts of the referral context, in this context's words."""

from typing import Literal

from msgspec import Struct

from kernel.errors import DomainError
from kernel.ids import AdvocateId, CustomerId, ProgrammeId


class UnknownAdvocate(DomainError):
    code = "unknown_advocate"
    kind = "not_found"
    title = "There is no such advocate"


class ProgrammeNotLive(DomainError):
    code = "programme_not_live"
    kind = "conflict"
    title = "The programme is not live, so there is nothing to pass on"


class Deal(Struct, frozen=True, kw_only=True):
    """What the friend gets: an amount, or a share in basis points with an optional cap; minor units of `currency`."""

    kind: Literal["fixed", "percent"]
    currency: str
    amount_minor: int = 0
    basis_points: int = 0
    cap_minor: int | None = None
    minimum_order_minor: int = 0
    first_order_only: bool = False


class Programme(Struct, frozen=True, kw_only=True):
    """A programme as last heard; a higher `revision` replaces a lower one. No deal before it was ever live."""

    programme_id: ProgrammeId
    revision: int
    title: str
    state: Literal["draft", "live", "paused", "ended"]
    deal: Deal | None

    def deal_on_offer(self) -> Deal:
        if self.state != "live" or self.deal is None:
            raise ProgrammeNotLive
        return self.deal


class Advocate(Struct, frozen=True, kw_only=True):
    """Who passes the deal on. `code` as stored; the link is <base>/l/<link_code>."""

    advocate_id: AdvocateId
    programme_id: ProgrammeId
    customer_id: CustomerId
    code: str
    link_code: str
