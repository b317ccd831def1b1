"""The queue of messages on the real database: batches, crashes, two senders at once, and giving up."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from adapters.engagement.messaging import hear_rewards
from adapters.engagement.postgres.messages import PostgresMessages, parked_messages, shops_with_due
from adapters.engagement.postgres.work import begin_work
from adapters.host.composition import Hosted, Installation
from adapters.shared.ids import new_id
from adapters.shared.postgres.known_shop import LEARN, learn_parameters
from adapters.shared.postgres.unit import Unit
from engagement.application.send_messages import BATCH, HOLD, SendMessages
from engagement.domain.message import TRIES, Message, Recipient
from engagement.ports import Delivery, Mail, Work
from kernel.errors import DomainError
from kernel.events import Envelope
from kernel.ids import CustomerId, EventId, RewardId, ShopId
from tests.engagement.samples import NOW, message, recipient, writer
from tests.support import database as support
from tests.support.statements import noted

SHOP = ShopId(new_id())
FACTS = {
    "revision": 1, "slug": "nordlicht", "title": "Nordlicht", "country": "DE", "currency": "EUR",
    "locales": ["de", "en"], "default_locale": "de", "time_zone": "Europe/Berlin", "test_mode": False,
    "clock_offset_s": 0, "storefront_url": "https://nordlicht.example",
}  # fmt: skip


@pytest.fixture
def quiet(quiet_database: str, tmp_path: Path) -> Callable[[Callable[["Bench"], Awaitable[None]]], None]:
    """Runs a test on a database on which no worker works."""

    def run(test: Callable[[Bench], Awaitable[None]]) -> None:
        async def inside() -> None:
            installation = Installation(support.test_settings(outbox_folder=tmp_path), quiet_database)
            bench = Bench(installation.contexts["engagement"])
            try:
                await bench.open()
                await test(bench)
            finally:
                await installation.close()

        asyncio.run(inside())

    return run


@dataclass
class FakePost:
    """Takes mails as it is told; refuses to work inside a transaction."""

    bench: "Bench"
    results: list[str] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    crash: bool = False

    async def deliver(self, mails: Sequence[Mail]) -> Sequence[Delivery]:
        assert not self.bench.in_a_transaction(), "no network call inside a transaction"
        self.mails += mails
        if self.crash:
            raise Crash
        await asyncio.sleep(0)
        results = [self.results.pop(0) if self.results else "accepted" for _ in mails]
        return [
            Delivery(message_id=mail.message_id, result=result, error="" if result == "accepted" else "smtp_451")  # type: ignore[arg-type]
            for mail, result in zip(mails, results, strict=True)
        ]


class Crash(BaseException):
    """The process ends here."""


class Away(DomainError):
    code = "temporarily_unavailable"
    kind = "unavailable"


class Bench:
    def __init__(self, hosted: Hosted) -> None:
        self.units = hosted.units
        self.relay = hosted.relay_database
        self._open: set[Any] = set()
        self.questions = 0
        self.vault_away = False
        self.post = FakePost(self)

    async def open(self) -> None:
        async with self.units.unknown(SHOP) as unit:
            await unit.raw.execute(LEARN.encode(), learn_parameters(SHOP, msgspec.json.encode(FACTS)))

    @asynccontextmanager
    async def begin(self, shop_id: ShopId) -> AsyncIterator[Work]:
        async with begin_work(self.units)(shop_id) as work:
            self._open.add(asyncio.current_task())
            try:
                yield work
            finally:
                self._open.discard(asyncio.current_task())

    def in_a_transaction(self) -> bool:
        return asyncio.current_task() in self._open

    async def look_up(self, _: ShopId, customer_ids: Sequence[CustomerId]) -> Mapping[CustomerId, Recipient]:
        assert not self.in_a_transaction()
        self.questions += 1
        if self.vault_away:
            raise Away
        return {customer_id: recipient(customer_id=customer_id) for customer_id in customer_ids}

    def sender(self, *, configured: bool = True) -> SendMessages:
        post = self.post if configured else None
        return SendMessages(self.begin, self.look_up, writer(), post, b"key")

    async def queue(self, *messages: Message) -> None:
        async with self.units(SHOP) as unit:
            await PostgresMessages(unit).queue(messages)

    async def rows(self) -> list[tuple[Any, ...]]:
        async with self.units(SHOP) as unit:
            cursor = await unit.raw.execute(
                "SELECT state, reason, tries, kind FROM message WHERE shop_id = %s ORDER BY revision", (SHOP,)
            )
            return await cursor.fetchall()

    async def make_due(self) -> None:
        async with self.units(SHOP) as unit:
            await unit.raw.execute("UPDATE message SET due_at = now() WHERE state IN ('queued', 'sending')")


def about(reward: int, revision: int = 1, **changes: Any) -> Message:
    return message(reward_id=RewardId(UUID(int=reward)), revision=revision, changed_at=datetime.now(UTC), **changes)


def facts(count: int) -> list[Envelope]:
    sample = msgspec.to_builtins(about(1))
    envelopes = []
    for number in range(count):
        payload = sample | {"reward_id": str(UUID(int=number)), "change": "pending", "reason": "x", "state": "pending"}
        envelopes.append(
            Envelope(
                event_id=EventId(new_id()),
                shop_id=SHOP,
                name="referral.reward_changed",
                version=1,
                occurred_at=NOW,
                payload=msgspec.Raw(msgspec.json.encode(payload)),
            )
        )
    return envelopes


def test_many_facts_cost_few_statements(quiet: Any) -> None:
    async def test(bench: Bench) -> None:
        heard = facts(500)

        async def hear(unit: Unit) -> None:
            await hear_rewards(0.0)(unit, heard)

        async with bench.units(SHOP) as unit:
            ours = id(unit.raw.pgconn)  # others in this process send theirs meanwhile
            with noted() as sent:
                await hear(unit)
        assert 0 < len([each for each in sent if each.connection == ours]) <= 5
        async with bench.units(SHOP) as unit:
            await hear(unit)
            assert not unit.jobs, "a repetition queues nothing"
        assert len(await bench.rows()) == 500

    quiet(test)


def test_a_batch_asks_the_vault_once(quiet: Any) -> None:
    async def test(bench: Bench) -> None:
        await bench.queue(*(about(number) for number in range(BATCH)))
        assert await bench.sender()(SHOP) == BATCH
        assert bench.questions == 1
        assert {row[0] for row in await bench.rows()} == {"sent"}
        assert await bench.sender()(SHOP) == 0

    quiet(test)


def test_two_senders_send_each_message_once(quiet: Any) -> None:
    async def test(bench: Bench) -> None:
        await bench.queue(*(about(number) for number in range(BATCH * 3)))
        await asyncio.gather(*(bench.sender()(SHOP) for _ in range(4)))
        sent = [mail.message_id for mail in bench.post.mails]
        assert len(sent) == len(set(sent)) == BATCH * 3

    quiet(test)


def test_after_a_crash_the_same_mail_leaves_again(quiet: Any) -> None:
    async def test(bench: Bench) -> None:
        await bench.queue(about(1))
        bench.post.crash = True
        with pytest.raises(Crash):
            await bench.sender()(SHOP)
        bench.post.crash = False
        assert await bench.sender()(SHOP) == 0, "it is held while its sender may still be at work"
        assert HOLD.total_seconds() >= 60
        await bench.make_due()
        assert await shops_with_due(bench.relay) == [SHOP]
        assert await bench.sender()(SHOP) == 1
        first, second = bench.post.mails
        assert first.message_id == second.message_id

    quiet(test)


def test_the_newest_news_overtakes_what_still_waits(quiet: Any) -> None:
    async def test(bench: Bench) -> None:
        await bench.queue(about(1, 1, kind="reward_pending"))
        await bench.queue(about(1, 3))
        await bench.queue(about(1, 2, kind="reward_reduced"))
        assert await bench.sender()(SHOP) == 1
        assert [mail.template for mail in bench.post.mails] == ["reward_issued"]
        assert [(row[0], row[1]) for row in await bench.rows()] == [("skipped", "superseded"), ("sent", "")]

    quiet(test)


def test_a_server_that_stays_away_is_given_up_and_can_be_tried_anew(quiet: Any) -> None:
    async def test(bench: Bench) -> None:
        await bench.queue(about(1))
        bench.post.results = ["try_again"] * TRIES
        for tries in range(1, TRIES + 1):
            assert await bench.sender()(SHOP) == 0
            ((state, reason, counted, _),) = await bench.rows()
            assert (reason, counted) == ("smtp_451", tries)
            assert state == ("parked" if tries == TRIES else "queued")
            await bench.make_due()
        parked = parked_messages(bench.relay)
        (item,) = await parked.list()
        assert (item.shop_id, item.tries, item.error) == (str(SHOP), TRIES, "smtp_451")
        assert await parked.replay(item.item) == 1
        assert await bench.sender()(SHOP) == 1

    quiet(test)


def test_a_refused_mail_is_not_tried_again(quiet: Any) -> None:
    async def test(bench: Bench) -> None:
        await bench.queue(about(1))
        bench.post.results = ["refused"]
        assert await bench.sender()(SHOP) == 0
        assert [(row[0], row[2]) for row in await bench.rows()] == [("parked", 1)]

    quiet(test)


def test_a_vault_that_is_away_delays_the_batch(quiet: Any) -> None:
    async def test(bench: Bench) -> None:
        await bench.queue(about(1), about(2))
        bench.vault_away = True
        assert await bench.sender()(SHOP) == 0
        assert {(row[0], row[1]) for row in await bench.rows()} == {("queued", "temporarily_unavailable")}
        bench.vault_away = False
        await bench.make_due()
        assert await bench.sender()(SHOP) == 2

    quiet(test)


def test_without_any_way_out_messages_are_skipped_and_say_so(quiet: Any) -> None:
    async def test(bench: Bench) -> None:
        await bench.queue(about(1))
        assert await bench.sender(configured=False)(SHOP) == 0
        assert [(row[0], row[1]) for row in await bench.rows()] == [("skipped", "mail_not_configured")]
        assert bench.questions == 0

    quiet(test)
