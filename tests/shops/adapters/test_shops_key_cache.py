"""A warm request asks the database nothing, and a revoked key opens nothing two seconds later."""

import asyncio
from uuid import UUID

from adapters.shops import key_cache
from adapters.shops.key_cache import TTL_S, CachedKeyLookup
from kernel.ids import ShopId
from shops.domain.api_key import KeyId
from shops.ports import Authenticated

SOMEBODY = Authenticated(
    shop_id=ShopId(UUID(int=1)), key_id=KeyId(UUID(int=2)), kind="secret", scopes=frozenset({"shops:read"})
)


class Table:
    """Stands for the table of keys; counts how often it is asked."""

    def __init__(self) -> None:
        self.keys: dict[bytes, Authenticated] = {}
        self.asked = 0
        self.broken = False

    async def find(self, fingerprint: bytes) -> Authenticated | None:
        self.asked += 1
        await asyncio.sleep(0)
        if self.broken:
            raise ConnectionError
        return self.keys.get(fingerprint)


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_key_is_looked_up_once_in_two_seconds() -> None:
    async def scenario() -> None:
        table, time = Table(), Time()
        table.keys[b"k"] = SOMEBODY
        lookup = CachedKeyLookup(table, clock=time)
        assert await asyncio.gather(*(lookup.find(b"k") for _ in range(50))) == [SOMEBODY] * 50
        assert table.asked == 1
        del table.keys[b"k"]
        time.now += TTL_S - 0.01
        assert await lookup.find(b"k") == SOMEBODY
        time.now += 0.02
        assert await lookup.find(b"k") is None
        assert table.asked == 2

    asyncio.run(scenario())


def test_a_revoked_key_is_forgotten_at_once() -> None:
    async def scenario() -> None:
        table = Table()
        table.keys[b"k"] = SOMEBODY
        lookup = CachedKeyLookup(table, clock=Time())
        assert await lookup.find(b"k") == SOMEBODY
        del table.keys[b"k"]
        lookup.forget(SOMEBODY.key_id)
        assert await lookup.find(b"k") is None

    asyncio.run(scenario())


def test_an_answer_of_before_a_revocation_is_not_kept() -> None:
    async def scenario() -> None:
        table = Table()
        table.keys[b"k"] = SOMEBODY
        lookup = CachedKeyLookup(table, clock=Time())
        answer = asyncio.Event()
        read = table.find

        async def slowly(fingerprint: bytes) -> Authenticated | None:
            found = await read(fingerprint)
            await answer.wait()
            return found

        lookup._keys.find = slowly  # type: ignore[method-assign]
        early = asyncio.create_task(lookup.find(b"k"))
        await asyncio.sleep(0.01)
        del table.keys[b"k"]
        lookup.forget(SOMEBODY.key_id)
        answer.set()
        await early
        assert await lookup.find(b"k") is None

    asyncio.run(scenario())


def test_wrong_keys_are_remembered_but_not_without_bound() -> None:
    async def scenario() -> None:
        table = Table()
        table.keys[b"k"] = SOMEBODY
        lookup = CachedKeyLookup(table, clock=Time())
        await lookup.find(b"k")
        for number in range(key_cache.MOST_UNKNOWN + 500):
            await lookup.find(b"wrong%d" % number)
        assert len(lookup._unknown) == key_cache.MOST_UNKNOWN
        asked = table.asked
        await lookup.find(b"wrong%d" % (key_cache.MOST_UNKNOWN + 499))
        assert await lookup.find(b"k") == SOMEBODY
        assert table.asked == asked

    asyncio.run(scenario())


def test_a_failure_is_not_remembered() -> None:
    async def scenario() -> None:
        table = Table()
        table.keys[b"k"] = SOMEBODY
        table.broken = True
        lookup = CachedKeyLookup(table, clock=Time())
        answers = await asyncio.gather(lookup.find(b"k"), lookup.find(b"k"), return_exceptions=True)
        assert all(isinstance(answer, ConnectionError) for answer in answers)
        table.broken = False
        assert await lookup.find(b"k") == SOMEBODY

    asyncio.run(scenario())
