"""What steering attribution needs: uses of codes, what people said about orders, chains."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from kernel.ids import AdvocateId, OrderId, ProgrammeId
from tracking.domain.attribution import Chain, Credit, KnownAdvocate, Plan, Policy
from tracking.domain.attribution.coupon_site import Exemption, Settled, Use, Watched
from tracking.domain.attribution.known import Alert
from tracking.domain.attribution.rules import SiteRule
from tracking.domain.order import Order
from tracking.domain.replay import Difference, Replay, ReplayId


class CodeUses(Protocol):
    """How advocates' codes are used, and the alerts about those that a coupon site seems to show."""

    async def note(self, orders: Sequence[OrderId], uses: Sequence[Use]) -> list[Use]:
        """Replace what was noted of these orders; gives the uses that are new, changed or gone, and once more as they
        were those that were placed at another moment."""
        ...

    async def tripped(self, watched: Sequence[Watched]) -> dict[str, datetime]:
        """By code the earliest moment at which it trips, by `coupon_site.tripped_at`; counted in the database."""
        ...

    async def put(self, alerts: Sequence[Alert], gone: Sequence[str]) -> None:
        """Store alerts, new or with another moment, and drop those of the codes that do not trip after all."""
        ...

    async def alert(self, code: str) -> Alert:
        """Raises AlertNotFound."""
        ...

    async def settle(self, settled: Settled) -> None:
        """Store what a person said about an alert."""
        ...

    async def owner(self, code: str) -> KnownAdvocate:
        """The advocate who has the code; raises UnknownCode."""
        ...

    async def exempt(self, exemption: Exemption) -> None:
        """Store that the code is exempt, again or for the first time."""
        ...

    async def watch_again(self, code: str, by: str, at: datetime) -> None:
        """The exemption ends, and with it a released alert; raises CodeNotExempt."""
        ...

    async def orders(self, code: str, since: datetime, after: OrderId | None, most: int) -> list[OrderId]:
        """Orders placed from `since` on that use the code, by id."""
        ...

    def decide_later(self, code: str, since: datetime) -> None:
        """Have the orders that use the code decided again, after this work."""
        ...


class Credits(Protocol):
    """What people of the shop said about whom orders are credited to."""

    async def advocate(self, advocate_id: AdvocateId) -> KnownAdvocate | None: ...
    async def in_force(self, order_id: OrderId) -> Credit | None: ...
    async def add(self, credit: Credit, credit_id: UUID, by: str) -> None:
        """Store the credit; the one in force before it must have been withdrawn."""
        ...

    async def withdraw(self, order_id: OrderId, reason: str, by: str, at: datetime) -> None:
        """The credit in force ends."""
        ...


class Chains(Protocol):
    """The programmes' chains, and the shop's rule between programmes."""

    async def expect(self, programme_id: ProgrammeId, pointer: str | None = None, *, live: bool = True) -> None:
        """Raises UnknownProgramme, or NotLiveYet for a programme that was drafted and never went live.

        `pointer` names the input that names the programme; where `live` is False a draft will do. For a programme that
        was made just now it waits a moment, as the news of it may be on its way.
        """
        ...

    async def note_drafted(self, programmes: Collection[ProgrammeId]) -> None:
        """Store that these programmes exist."""
        ...

    async def of(self, programme_id: ProgrammeId) -> list[Chain]:
        """All versions but the default, withdrawn ones too, by number; locked until the work ends."""
        ...

    async def add(self, chain: Chain, by: str) -> None: ...
    async def withdraw(self, chain: Chain) -> None:
        """Store that the version was withdrawn."""
        ...

    async def draft(self, programme_id: ProgrammeId) -> Plan | None: ...
    async def save_draft(self, programme_id: ProgrammeId, plan: Plan | None) -> None:
        """Store the draft; None drops it."""
        ...

    async def policies(self) -> list[Policy]:
        """All versions but the default, withdrawn ones too, by number; locked until the work ends."""
        ...

    async def add_policy(self, policy: Policy, by: str) -> None: ...
    async def withdraw_policy(self, policy: Policy) -> None:
        """Store that the version was withdrawn."""
        ...

    async def site_rules(self) -> list[SiteRule]:
        """The shop's rules about coupon sites but the default, withdrawn ones too, by number; locked until the work
        ends."""
        ...

    async def add_site_rule(self, rule: SiteRule, by: str) -> None: ...
    async def withdraw_site_rule(self, rule: SiteRule) -> None:
        """Store that the version was withdrawn."""
        ...

    async def placed_from(self, since: datetime) -> list[OrderId]:
        """Orders that are known already and were placed at or after the moment, by a platform's fast clock."""
        ...


class Replays(Protocol):
    """Replays and what they found."""

    async def add(self, replay: Replay, by: str) -> None:
        """Store the replay with the number of orders that it has to look at, and have it run after this work."""
        ...

    async def for_update(self, replay_id: ReplayId) -> Replay:
        """Locked until the work ends; raises ReplayNotFound."""
        ...

    async def orders(self, replay: Replay, most: int) -> list[OrderId]:
        """The next orders that the replay has to look at, by id."""
        ...

    async def note(self, replay: Replay, found: Sequence[tuple[Order, Difference]]) -> None:
        """Store how far the replay is, and what it found on the way."""
        ...
