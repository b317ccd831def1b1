"""What orders and their attribution need: the orders, what is known that credits them, hints of browsers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from kernel.ids import ClickId, CustomerId, OrderId, PersonId, ProgrammeId
from tracking.domain.attribution import Known, KnownAdvocate, KnownClaim, KnownInvite, KnownSeat, Plan, Window
from tracking.domain.first_orders import Placed
from tracking.domain.hint import OrderHint
from tracking.domain.order import Order, OrderKey
from tracking.events import OrderChanged


class Orders(Protocol):
    """The shop's orders: their facts, and what was decided on them."""

    async def lock(self) -> None:
        """Hold the shop's orders until the work ends: whoever changes orders or what credits them takes turns."""
        ...

    async def of(self, keys: Iterable[OrderKey]) -> dict[OrderKey, Order]:
        """Those of the orders that are known, even if only by a refund."""
        ...

    async def by_ids(self, order_ids: Iterable[OrderId]) -> list[Order]:
        """Those of the orders that exist."""
        ...

    async def one(self, order_id: OrderId) -> Order:
        """The order, with the shop's orders locked; raises UnknownOrder."""
        ...

    async def timeline(self, persons: Iterable[PersonId], customers: Iterable[CustomerId]) -> list[Placed]:
        """All known orders of the persons and of the customers, each once; those with a snapshot only."""
        ...

    async def pointing_at(
        self,
        codes: Iterable[str] = (),
        *,
        claims: Iterable[KnownClaim] = (),
        names: Iterable[UUID] = (),
        persons: Iterable[PersonId] = (),
        clicks: Iterable[ClickId] = (),
    ) -> list[Order]:
        """Orders that a late fact may credit: that carry, themselves or by a hint, one of the codes, a claim or a
        click, give a name, or are of one of the persons or of a claim's person or telephone number."""
        ...

    async def clicked_for(self, since: Mapping[ProgrammeId, datetime]) -> list[Order]:
        """Orders that name a click on a link of one of the programmes at or after its moment."""
        ...

    async def save(self, orders: Sequence[Order], events: Sequence[OrderChanged]) -> None:
        """Store the states, new or not, and publish the facts, atomically."""
        ...


class Evidence(Protocol):
    """What is known of advocates, claims, clicks and programmes."""

    async def about(self, orders: Sequence[Order], tried: Plan | None = None) -> Known:
        """Everything known that the orders point at, by the ways of the chains in force and of one that is tried."""
        ...

    async def learn_advocates(self, advocates: Sequence[KnownAdvocate]) -> None:
        """Note the advocates; one that is known stays as it is."""
        ...

    async def learn_claims(self, claims: Sequence[KnownClaim]) -> None:
        """Note the claims; one that is known stays as it is."""
        ...

    async def learn_seats(self, seats: Sequence[KnownSeat]) -> None:
        """Note who redeemed which invite code; one that is known stays as it is."""
        ...

    async def learn_invites(self, invites: Sequence[KnownInvite]) -> None:
        """Note the invite codes; one that is known stays as it is."""
        ...

    async def invited_by(self, inviters: Sequence[CustomerId]) -> tuple[list[PersonId], list[str]]:
        """Who redeemed an invite code of one of these customers, and all their invite codes."""
        ...

    async def forget_names(self, customers: Sequence[CustomerId]) -> list[UUID]:
        """Forget for good what advocates are called: they were erased. Gives the names that no other advocate has.

        What is heard of their enrolment only later brings no name back.
        """
        ...

    async def learn_windows(self, windows: Sequence[tuple[ProgrammeId, int, Window]]) -> Mapping[ProgrammeId, datetime]:
        """Note (programme, revision, window); gives the programmes for which that says something new, and of which
        clicks: from a moment on."""
        ...


class Hints(Protocol):
    """What browsers said about the shop's orders."""

    async def note(self, hints: Sequence[OrderHint]) -> list[OrderHint]:
        """Store the hints, with a limit to those of one order; gives those that are new, or earlier than known."""
        ...

    async def named(self, hints: Sequence[OrderHint]) -> list[OrderId]:
        """The known orders that the hints name, by the platform's id or by number."""
        ...

    async def near(self, clicks: Sequence[ClickId]) -> list[OrderId]:
        """The known orders that a browser told of from the address of one of the clicks, within the hour after it."""
        ...
