"""The door by itself: how much a key may send, how much may wait, and what the database takes for no event."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from litestar.types import ASGIApp

from adapters.shared.http.client_address import address_reader
from adapters.shared.http.ids import to_wire
from adapters.shared.ids import new_id
from adapters.shared.postgres.errors import Unavailable
from adapters.shared.postgres.group_commit import Unstorable
from adapters.tracking.http.redirect import DailyHash
from adapters.tracking.http.tag_batch import Refused, read_batch
from adapters.tracking.http.tag_events import MOST_BYTES_WAITING, TagEventDoor
from adapters.tracking.http.webhooks import KnownConnection, WebhookDoor
from adapters.tracking.platforms import PLATFORMS
from adapters.tracking.postgres.tag_events import Arrival, count_duplicates
from adapters.tracking.rate import MOST_BUCKETS, RateLimit, SharedLimit
from adapters.tracking.tag_keys import KnownTag
from kernel.ids import ShopId
from tests.tracking.tagging import event

TAG = KnownTag(
    shop_id=ShopId(new_id()), turned_on=True, hosts=frozenset(), ahead=timedelta(), config=b"{}", etag=b'"x"'
)

CONNECTION = to_wire("con", new_id())


class Stub:
    """Stands for everything behind the door; `record` does what it is told."""

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.stored: list[UUID] = []
        self.addresses: list[bytes] = []
        self.noted: list[str] = []
        self.gate: asyncio.Event | None = None

    async def find(self, _: str) -> KnownTag:
        return TAG

    async def record(self, arrival: Arrival) -> None:
        if self.gate is not None:
            await self.gate.wait()
        if any(str(one.event_id) in self.failing for one in arrival.events):
            raise Unstorable
        self.stored += [one.event_id for one in arrival.events]
        self.addresses += [one.address_hash for one in arrival.events]

    def note(self, _: ShopId, code: str, **__: Any) -> None:
        self.noted.append(code)

    def ring(self, _: str) -> None:
        """Nobody listens."""


def door(stub: Stub, *, burst: float = 1000, each: float = 1000, trusted: str = "") -> TagEventDoor:
    limit = SharedLimit(RateLimit(per_second=0.001, burst=burst), RateLimit(per_second=0.001, burst=each))
    behind: Any = stub
    return TagEventDoor(behind, behind, behind, behind, behind, DailyHash(b"k" * 32), limit, address_reader(trusted))


async def post(
    through: TagEventDoor, events: Sequence[Any], peer: str = "127.0.0.1", forwarded: str = ""
) -> tuple[int, dict[str, str], Any]:
    body = json.dumps({"key": "gv_pub_x", "events": events}).encode()
    message = {"type": "http.request", "body": body, "more_body": False}
    return await send_through(through, message, peer, [(b"x-forwarded-for", forwarded.encode())] if forwarded else [])


async def send_through(
    through: ASGIApp, message: Any, peer: str = "127.0.0.1", sent: Sequence[Any] = ()
) -> tuple[int, dict[str, str], Any]:
    said: list[Any] = []

    async def receive() -> Any:
        return message

    async def send(message: Any) -> None:
        said.append(message)

    scope: Any = {"type": "http", "method": "POST", "headers": sent, "client": (peer, 1), "path": f"/{CONNECTION}"}
    await through(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in said[0]["headers"]}
    return said[0]["status"], headers, json.loads(said[1]["body"])


def test_a_key_that_sends_too_much_is_told_when_to_come_again() -> None:
    async def story() -> None:
        through = door(Stub(), burst=5)
        assert (await post(through, [event(), event(), event()]))[0] == 200
        status, headers, problem = await post(through, [event()])
        assert (status, problem["code"]) == (429, "too_many_events_per_second")
        assert int(headers["retry-after"]) > 0
        assert headers["access-control-allow-origin"] == "*"

    asyncio.run(story())


def test_one_sender_cannot_use_up_what_the_others_need() -> None:
    async def story() -> None:
        through = door(Stub(), burst=20, each=4)
        greedy = [(await post(through, [event()], f"2001:db8::{number}"))[0] for number in range(12)]
        assert greedy == [200] * 8 + [429] * 4  # six while nobody is counted, and what one sender may
        assert (await post(through, [event()], "2001:db8:0:1::1"))[0] == 200

    asyncio.run(story())


def test_buckets_fill_up_again_and_are_bounded() -> None:
    now = [0.0]
    limit = RateLimit(per_second=2, burst=4, clock=lambda: now[0])
    assert [limit.takes("a", 3), limit.takes("a", 3), limit.takes("b", 3)] == [True, False, True]
    now[0] = 1.0
    assert [limit.takes("a", 3), limit.takes("a", 1)] == [True, False]
    now[0] = 1000.0
    assert [limit.takes("a", 4), limit.takes("a", 1)] == [True, False]
    for number in range(MOST_BUCKETS + 10):
        limit.takes(str(number), 1)
    assert len(limit._buckets) <= MOST_BUCKETS


def test_what_waits_is_bounded_in_bytes() -> None:
    async def story() -> None:
        stub = Stub()
        through = door(stub)
        through._bytes_waiting = MOST_BYTES_WAITING
        status, headers, problem = await post(through, [event()])
        assert (status, problem["code"], int(headers["retry-after"]) > 0) == (503, "temporarily_unavailable", True)
        through._bytes_waiting = 0
        stub.gate = asyncio.Event()
        waiting = asyncio.create_task(post(through, [event()]))
        await asyncio.sleep(0.01)
        assert through._bytes_waiting > 100
        stub.gate.set()
        assert (await waiting)[0] == 200
        assert through._bytes_waiting == 0

    asyncio.run(story())


def test_visitors_behind_a_trusted_proxy_are_told_apart_and_nobody_else_speaks_for_others() -> None:
    async def story() -> None:
        stub = Stub()
        through = door(stub, trusted="10.0.0.0/8")
        for peer, forwarded in (
            ("192.0.2.1", ""),
            ("10.0.0.1", "192.0.2.1"),
            ("10.0.0.2", "203.0.113.9, 192.0.2.1"),
            ("192.0.2.1", "203.0.113.9"),  # forged: no proxy that the operator trusts
            ("10.0.0.1", "203.0.113.9"),
        ):
            assert (await post(through, [event()], peer, forwarded))[0] == 200
        assert [one == stub.addresses[0] for one in stub.addresses] == [True, True, True, True, False]
        untrusting = Stub()
        for forwarded in ("", "192.0.2.1"):
            await post(door(untrusting), [event()], "10.0.0.1", forwarded)
        assert len(set(untrusting.addresses)) == 1

    asyncio.run(story())


def test_an_event_that_the_database_takes_for_none_keeps_no_other_out() -> None:
    async def story() -> None:
        events = [event(), event(), event()]
        stub = Stub(events[1]["id"])
        _, __, receipt = await post(door(stub), events)
        assert receipt == {
            "accepted": 2,
            "duplicates": 0,
            "refused": [{"id": events[1]["id"], "code": "unstorable_input", "pointer": "/events"}],
        }
        assert [str(one) for one in stub.stored] == [events[0]["id"], events[2]["id"]]
        assert stub.noted == ["unstorable_input"]

    asyncio.run(story())


@pytest.mark.parametrize("failure", [Unavailable, RuntimeError])
def test_a_page_never_sees_a_failure_of_ours(failure: type[Exception]) -> None:
    class Failing(Stub):
        async def record(self, arrival: Arrival) -> None:
            raise failure

    async def story() -> None:
        through = door(Failing())
        status, headers, _ = await post(through, [event()])
        assert (status, int(headers["retry-after"]) > 0) == (503, True)
        assert through._bytes_waiting == 0

    asyncio.run(story())


def test_duplicates_are_counted_for_whoever_came_later() -> None:
    class One:
        def __init__(self, number: int) -> None:
            self.shop_id, self.event_id = TAG.shop_id, UUID(int=number)

    made: list[Any] = [[One(1), One(2)], [One(2), One(1), One(3)], [One(3)]]
    arrivals = [Arrival(events) for events in made]
    key = str(TAG.shop_id).encode()
    count_duplicates(arrivals, [(key, str(UUID(int=n)).encode()) for n in (1, 3)])
    assert [one.duplicates for one in arrivals] == [1, 2, 1]


def test_a_group_is_bounded_by_its_events_and_never_empty() -> None:
    from adapters.tracking.postgres.tag_events import LARGEST_GROUP, TagEventWriter

    async def story() -> None:
        nowhere: Any = None
        writer = TagEventWriter(nowhere)
        some: Any = [None] * 50
        loop = asyncio.get_running_loop()
        writer._waiting = [(Arrival(some), loop.create_future(), None) for _ in range(300)]
        assert writer._size_of_group() == LARGEST_GROUP // 50
        huge: Any = [None] * (LARGEST_GROUP + 1)
        writer._waiting = [(Arrival(huge), loop.create_future(), None) for _ in range(2)]
        assert writer._size_of_group() == 1
        writer._waiting = [(Arrival(some), loop.create_future(), None)]
        assert writer._size_of_group() == 1

    asyncio.run(story())


def test_a_body_that_breaks_off_is_refused_and_never_left_without_an_answer() -> None:
    """A server makes a failure of ours of a request that nobody answers: a broken chunk comes to the door like this."""
    gone = {"type": "http.disconnect"}
    status, _, problem = asyncio.run(send_through(door(Stub()), gone))
    assert (status, problem["code"]) == (422, "body_cut")
    status, _, problem = asyncio.run(send_through(webhooks(), gone))
    assert (status, problem["code"]) == (422, "body_cut")


def webhooks() -> ASGIApp:
    class Known:
        async def get(self, connection: Any) -> KnownConnection:
            return KnownConnection(ShopId(new_id()), connection, "generic", ("s",))

    known: Any = Known()
    through = WebhookDoor(known, known, known, "https://refer.example", known)
    return partial(through.take, PLATFORMS["generic"])


def test_half_a_character_costs_nobody_an_event() -> None:
    """JSON of a page that cut a text within an emoji: the half becomes U+FFFD; whole ones and backslashes stay."""
    cut, kept = r"Lamp \ud83d", r"\ud83d\ude00 \\ud83d"
    body = f'{{"key":"k","events":[{json.dumps(event(title="FIRST"))},{json.dumps(event(title="SECOND"))}]}}'
    batch = read_batch(body.replace("FIRST", cut).replace("SECOND", kept).encode())
    assert [one.title for one in batch.events if not isinstance(one, Refused)] == ["Lamp \ufffd", "\U0001f600 \\ud83d"]
