"""Fetching what messages only name: bounded, once for each order, outside of transactions, patient with the API."""

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest

from adapters.tracking.fetching import AT_ONCE, FetchingIntake
from adapters.tracking.platforms.bigcommerce import wanted
from adapters.tracking.platforms.sources import Access, SourceAway
from adapters.tracking.postgres.deliveries import StoredDelivery
from kernel.errors import DomainError
from tests.support.bigcommerce import STORE
from tracking.application.record_orders import RecordedReports
from tracking.domain.delivery import MAX_TRIES, DeliveryRef
from tracking.domain.order import OrderKey
from tracking.domain.report import OrderReport

SHOP: Any = UUID(int=1)
SHOPS_CONNECTION: Any = UUID(int=2)


class Source:
    """Answers after a moment; notes how it was asked."""

    def __init__(self, fails: dict[str, Exception] | None = None) -> None:
        self.fails = fails or {}
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0
        self.recording = False

    def names(self, body: bytes) -> str:
        return str(wanted(body).order_id)

    async def fetch(self, access: Access, body: bytes) -> OrderReport:
        assert not self.recording, "asked inside a transaction"
        name = self.names(body)
        self.asked.append(name)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.01)
        self.at_once -= 1
        if name in self.fails:
            raise self.fails[name]
        return OrderReport(key=OrderKey("bigcommerce", name), currency=None)

    async def close(self) -> None: ...


class Waiting:
    def __init__(self) -> None:
        self.said: dict[str, tuple[Any, ...]] = {}

    async def retry_later(self, ref: DeliveryRef, *, tries: int, pause_s: float, error: str) -> None:
        self.said[ref.delivery_key] = ("later", tries, pause_s)

    async def park(self, ref: DeliveryRef, *, tries: int, code: str, reason: str) -> None:
        self.said[ref.delivery_key] = ("parked", code)

    async def leave(self, ref: DeliveryRef, *, code: str, reason: str) -> None:
        self.said[ref.delivery_key] = ("unhandled", code)


class Accesses:
    def __init__(self, *known: Any) -> None:
        self.known = known
        self.times = 0

    async def of(self, shop_id: Any, connections: Any) -> dict[Any, Access]:
        self.times += 1
        return {each: Access(STORE, "token") for each in connections if each in self.known}


def delivery(number: int, key: str = "", tries: int = 0, connection: Any = SHOPS_CONNECTION) -> StoredDelivery:
    said = {"scope": "store/order/updated", "producer": f"stores/{STORE}", "data": {"type": "order", "id": number}}
    ref = DeliveryRef(shop_id=SHOP, connection_id=connection, delivery_key=key or str(number))
    return StoredDelivery(ref=ref, kind="bigcommerce", topic="x", body=json.dumps(said).encode(), tries=tries)


def taken_in(
    source: Source, *deliveries: StoredDelivery, accesses: Accesses | None = None, budget_s: float = 5.0
) -> tuple[list[list[str]], dict[str, tuple[Any, ...]]]:
    """What was recorded, by batch, and what was said of the other deliveries."""
    batches: list[list[str]] = []
    waiting: Any = Waiting()

    async def record(shop_id: Any, reported: Any) -> RecordedReports:
        source.recording = True
        batches.append([one.report.key.external_id for one in reported])
        await asyncio.sleep(0)
        source.recording = False
        return RecordedReports(orders={}, new=set(), refusals=[None] * len(reported))

    recording: Any = record
    known: Any = accesses or Accesses(SHOPS_CONNECTION)
    intake = FetchingIntake(waiting, recording, None, known, source, budget_s)  # type: ignore[arg-type]
    asyncio.run(intake._shop(SHOP, deliveries))
    return batches, waiting.said


def test_a_batch_is_fetched_at_once_but_not_too_much_at_once_and_recorded_together() -> None:
    source, accesses = Source(), Accesses(SHOPS_CONNECTION)
    batches, _ = taken_in(source, *map(delivery, range(1, 41)), accesses=accesses)
    assert batches == [[str(number) for number in range(1, 41)]]
    assert source.most_at_once == AT_ONCE
    assert accesses.times == 1


def test_an_order_that_several_messages_name_is_fetched_once() -> None:
    source = Source()
    batches, _ = taken_in(source, delivery(7, "a"), delivery(7, "b"), delivery(8), delivery(7, "c"))
    assert sorted(source.asked) == ["7", "8"]
    assert batches == [["7", "7", "8", "7"]]


def test_who_asks_for_a_pause_is_left_alone() -> None:
    source = Source({"1": SourceAway("429", pause_s=12.0)})
    batches, said = taken_in(source, *map(delivery, range(1, 60)))
    assert len(source.asked) <= AT_ONCE
    assert said["1"] == ("later", 1, 12.0)
    assert said["59"] == ("later", 1, 12.0)
    assert sum(map(len, batches)) + len(said) == 59


@pytest.mark.parametrize(("tries", "then", "pause_s"), [(0, 1, 2), (3, 4, 54), (MAX_TRIES, MAX_TRIES - 1, 900)])
def test_an_api_that_is_away_is_asked_less_often_and_never_given_up(tries: int, then: int, pause_s: int) -> None:
    _, said = taken_in(Source({"1": SourceAway("down")}), delivery(1, tries=tries))
    assert said == {"1": ("later", then, pause_s)}


def test_what_a_round_has_no_time_for_waits_for_the_next_without_counting() -> None:
    source = Source()
    batches, said = taken_in(source, delivery(1), delivery(2), budget_s=-1.0)
    assert (source.asked, batches) == ([], [])
    assert said == {"1": ("later", 0, 0.0), "2": ("later", 0, 0.0)}


def test_one_that_fails_stops_no_other() -> None:
    class Odd(DomainError):
        code = "odd"

    source = Source({"1": Odd(), "2": RuntimeError("a mistake")})
    strangers = delivery(4, connection=UUID(int=3))
    batches, said = taken_in(source, delivery(1), delivery(2), delivery(3), strangers, delivery(0, "none"))
    assert batches == [["3"]]
    assert said["1"] == ("parked", "odd")
    assert said["2"][:2] == ("later", 1)
    assert said["4"] == ("parked", "source_refused")
    assert said["none"] == ("parked", "unreadable_payload")


def test_a_slow_api_is_not_waited_for_in_turn() -> None:
    source = Source()
    taken_in(source, *map(delivery, range(1, AT_ONCE + 1)))
    assert source.most_at_once == AT_ONCE
