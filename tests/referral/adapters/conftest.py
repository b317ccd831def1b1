"""A shop with a live programme and two advocates, and the context's own doors to it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from adapters.shared.ids import new_id
from kernel.events import Envelope
from kernel.ids import CustomerId, EventId, PersonId, ProgrammeId, ShopId
from referral.application.draft_programme import DraftProgramme
from referral.application.enrol_advocate import EnrolAdvocate, EnrolAdvocateHandler
from referral.application.move_programme import MoveProgramme
from referral.domain.advocate import Advocate
from referral.domain.facts import Claim, Order
from referral.domain.terms import Terms
from referral.ports import Known
from tests.referral.made import terms
from tests.support.world import ShopWorld, World

Fact = Order | Claim


class KnownCustomer:
    """A vault that knows one customer."""

    def __init__(self, known: Known) -> None:
        self.known = known

    async def identify(self, *_: Any, **__: Any) -> Known:
        return self.known


class Counter:
    """The referral context of the running app, called directly."""

    def __init__(self, world: World, shop_id: ShopId) -> None:
        self.world = world
        self.shop_id = shop_id
        self.hosted = world.installation.contexts["referral"]
        self.container = self.hosted.container

    def programme(self, offered: Terms | None = None) -> ProgrammeId:
        draft = DraftProgramme(shop_id=self.shop_id, title="Friends", terms=offered or terms())
        made = self.world.call(self.container.draft_programme(), draft)
        move = MoveProgramme(shop_id=self.shop_id, programme_id=made.programme_id, revision=None, move="launch")
        self.world.call(self.container.move_programme(), move)
        return ProgrammeId(made.programme_id)

    def advocate(self, programme_id: ProgrammeId) -> Advocate:
        return self.advocates_at_once(programme_id, new_id(), 1)[0]

    def advocates_at_once(self, programme_id: ProgrammeId, customer: UUID, times: int) -> list[Advocate]:
        """Enrol one customer several times at the same moment."""
        vault = KnownCustomer(Known(CustomerId(customer), PersonId(customer)))
        handler = EnrolAdvocateHandler(self.container.begin(), vault, self.container.ids(), self.container.codes())
        command = EnrolAdvocate(
            shop_id=self.shop_id, programme_id=programme_id, reference="r", email=None, first_name="Ada"
        )

        async def run() -> list[Advocate]:
            return [done.advocate for done in await asyncio.gather(*(handler(command) for _ in range(times)))]

        return list(self.world.call(run))

    def hear(self, *facts: Fact) -> None:
        """Deliver one batch of facts, as the relay does."""
        self.world.call(self.hosted.receiver.receive, self.shop_id, envelopes(self.shop_id, facts))

    def hear_at_once(self, *batches: Sequence[Fact]) -> None:
        """Deliver several batches at the same time."""

        async def run() -> None:
            await asyncio.gather(
                *(self.hosted.receiver.receive(self.shop_id, envelopes(self.shop_id, batch)) for batch in batches)
            )

        self.world.call(run)

    def approve(self, times: int = 1) -> list[int]:
        approve = self.container.approve_due()

        async def run() -> list[int]:
            return list(await asyncio.gather(*(approve(self.shop_id) for _ in range(times))))

        return list(self.world.call(run))

    def sql(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.world.sql(query, *parameters)

    def active(self) -> dict[tuple[UUID, str], tuple[UUID, int]]:
        rows = self.sql(
            "SELECT order_id, side, advocate_id, amount_minor FROM referral.reward"
            " WHERE shop_id = %s AND state <> 'reversed'",
            self.shop_id,
        )
        return {(order_id, side): (advocate_id, amount) for order_id, side, advocate_id, amount in rows}

    def accounts(self) -> dict[str, int]:
        rows = self.sql(
            "SELECT account, sum(amount_minor)::bigint FROM referral.posting WHERE shop_id = %s GROUP BY 1",
            self.shop_id,
        )
        return {account: int(amount) for account, amount in rows if amount}


def envelopes(shop_id: ShopId, facts: Sequence[Fact]) -> list[Envelope]:
    return [
        Envelope(
            event_id=EventId(new_id()),
            shop_id=shop_id,
            name="tracking.order_changed" if isinstance(fact, Order) else "acquisition.deal_claimed",
            version=1,
            occurred_at=datetime.now(UTC),
            payload=msgspec.Raw(msgspec.json.encode(_body(fact))),
        )
        for fact in facts
    ]


def _body(fact: Fact) -> dict[str, Any]:
    body = msgspec.structs.asdict(fact)
    if isinstance(fact, Order):
        credited = {name: body.pop(name) for name in ("programme_id", "advocate_id", "claim_id", "method")}
        body["attribution"] = credited if credited["programme_id"] else None
    return body


@pytest.fixture
def counter(world: World, shop: ShopWorld) -> Counter:
    return Counter(world, shop.shop_id)
