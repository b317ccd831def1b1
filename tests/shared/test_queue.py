"""Facts arrive: at least once on the way, exactly once in effect, and one that is poison stops nobody."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from adapters.shared.postgres.errors import Unavailable
from adapters.shared.postgres.sweep import drop_old
from adapters.shared.queue.outbox import TOGETHER
from adapters.shared.queue.purge import JOBS, purge_schedule
from adapters.shared.queue.relay import MOST_TRIES, Relay
from kernel.errors import DomainError
from kernel.events import Envelope
from kernel.ids import ShopId
from tests.shared.toolkit import CONTEXT, Happened, Toolkit, envelope, with_toolkit


class Poison(DomainError):
    code = "poison"


async def _publish(kit: Toolkit, shop: ShopId, numbers: Sequence[int]) -> None:
    async with kit.units(shop) as unit:
        unit.publish(*(Happened(number=number) for number in numbers))


async def _make_due(kit: Toolkit, shop: ShopId) -> None:
    kit.sql("UPDATE shops.delivery SET available_at = now() WHERE shop_id = %s", shop)


def _waiting(kit: Toolkit, shop: ShopId) -> list[tuple[Any, ...]]:
    return kit.sql("SELECT tries, parked_at IS NOT NULL, last_error FROM shops.delivery WHERE shop_id = %s", shop)


def test_what_is_published_is_heard_once_and_in_order(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        await _publish(kit, shop, range(20))
        await kit.relay.carry()
        assert sorted(kit.heard) == list(range(20))
        assert _waiting(kit, shop) == []
        assert kit.sql("SELECT count(*) FROM shops.outbox WHERE shop_id = %s", shop) == [(20,)]

    with_toolkit(quiet_database, scenario)


def test_facts_of_one_transaction_travel_together_in_bundles(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        await _publish(kit, shop, range(2 * TOGETHER + 1))
        assert (await kit.relay.backlog())[0] == 2 * TOGETHER + 1
        assert await kit.relay.carry() == (3, 2 * TOGETHER + 1)
        assert sorted(kit.heard) == list(range(2 * TOGETHER + 1))

    with_toolkit(quiet_database, scenario)


def test_what_waits_in_a_bundle_is_not_purged(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        await _publish(kit, shop, range(3))
        kit.sql("UPDATE shops.outbox SET recorded_at = now() - interval '31 days' WHERE shop_id = %s", shop)
        schedule = purge_schedule(CONTEXT, kit.database, kit.relay_database)
        await schedule.run()
        await kit.relay.carry()
        assert sorted(kit.heard) == [0, 1, 2]
        await schedule.run()
        assert kit.sql("SELECT FROM shops.outbox WHERE shop_id = %s", shop) == []

    with_toolkit(quiet_database, scenario)


def test_what_is_past_its_time_goes_in_batches_and_nothing_else(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        for days in (29, 31, 32, 33, 34, 35):
            job = "INSERT INTO shops.pgqueuer_log (created, job_id, status, priority, entrypoint)"
            kit.sql(f"{job} VALUES (now() - make_interval(days => %s), 1, 'successful', 0, 'mail')", days)
        await drop_old(kit.database, *JOBS, most=2)
        ages = "SELECT extract(day FROM now() - created)::int FROM shops.pgqueuer_log"
        assert kit.sql(ages) == [(29,)]

    with_toolkit(quiet_database, scenario)


@pytest.mark.parametrize("poison", [10, 13])
def test_what_fails_for_one_whose_lease_ran_out_is_lost_by_nobody(quiet_database: str, poison: int) -> None:
    """Two relays hold one bundle. The slow one fails with a fact, while the other has not finished."""

    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        await _publish(kit, shop, range(10, 16))
        quick_has_it, slow_is_done = asyncio.Event(), asyncio.Event()

        async def slow(unit: Any, envelopes: Sequence[Envelope]) -> None:
            kit.sql("UPDATE shops.delivery SET leased_until = now() WHERE shop_id = %s", shop)
            await asyncio.wait_for(quick_has_it.wait(), 5)
            if any(e.decode(Happened).number == poison for e in envelopes):
                raise Poison
            await kit.hear(unit, envelopes)

        async def quick(shop_id: ShopId, envelopes: Sequence[Envelope]) -> None:
            quick_has_it.set()
            await slow_is_done.wait()
            await kit.receivers["ear"](shop_id, envelopes)

        receiver = kit.receiver("ear", slow)
        first = asyncio.create_task(Relay(CONTEXT, kit.relay_database, {"ear": receiver.receive}).carry())
        await asyncio.sleep(0.2)
        second = asyncio.create_task(Relay(CONTEXT, kit.relay_database, {"ear": quick}).carry())
        await first
        assert poison not in kit.heard
        slow_is_done.set()
        await second
        await _make_due(kit, shop)
        await kit.relay.carry()
        assert sorted(kit.heard) == list(range(10, 16))
        assert _waiting(kit, shop) == []

    with_toolkit(quiet_database, scenario)


def test_two_relays_share_the_work_and_repeat_nothing(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shops = [await kit.new_shop() for _ in range(5)]
        for shop in shops:
            await _publish(kit, shop, range(50))
        other = Relay(CONTEXT, kit.relay_database, kit.receivers)
        await asyncio.gather(kit.relay.carry(), other.carry(), kit.relay.carry(), other.carry())
        assert Counter(kit.heard) == Counter(dict.fromkeys(range(50), 5))

    with_toolkit(quiet_database, scenario)


def test_a_repeated_delivery_has_no_second_effect(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        receiver = kit.receiver("again", kit.hear)
        facts = [envelope(shop, number) for number in range(3)]
        await asyncio.gather(*(receiver.receive(shop, facts) for _ in range(3)))
        await receiver.receive(shop, facts[::-1])
        assert sorted(kit.heard) == [0, 1, 2]

    with_toolkit(quiet_database, scenario)


def test_one_poison_fact_is_parked_and_the_others_arrive(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        async def picky(unit: Any, envelopes: Sequence[Envelope]) -> None:
            if any(e.decode(Happened).number == 13 for e in envelopes):
                raise Poison("Thirteen is not taken.")
            await kit.hear(unit, envelopes)

        kit.receivers["ear"] = kit.receiver("picky", picky).receive
        relay = Relay(CONTEXT, kit.relay_database, kit.receivers)
        shop = await kit.new_shop()
        await _publish(kit, shop, range(10, 16))
        for _ in range(MOST_TRIES):
            await relay.carry()
            await _make_due(kit, shop)
        assert sorted(kit.heard) == [10, 11, 12, 14, 15]
        assert _waiting(kit, shop) == [(MOST_TRIES, True, "poison: poison: Thirteen is not taken.")]
        assert (await relay.backlog())[0] == 0

        parked = [item for item in await relay.parked().list() if item.shop_id == str(shop)]
        assert len(parked) == 1
        kit.receivers["ear"] = kit.receiver("picky", kit.hear).receive
        healed = Relay(CONTEXT, kit.relay_database, kit.receivers)
        assert await healed.parked().replay(parked[0].item) == 1
        await healed.carry()
        await healed.carry()
        assert kit.heard.count(13) == 1
        assert _waiting(kit, shop) == []

    with_toolkit(quiet_database, scenario)


def test_an_outage_of_the_subscriber_costs_no_tries(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        async def away(_: ShopId, __: Sequence[Envelope]) -> None:
            raise Unavailable

        shop = await kit.new_shop()
        await _publish(kit, shop, [1])
        relay = Relay(CONTEXT, kit.relay_database, {"ear": away})
        for _ in range(MOST_TRIES + 3):
            await relay.carry()
            await _make_due(kit, shop)
        assert [(tries, parked) for tries, parked, _ in _waiting(kit, shop)] == [(0, False)]

    with_toolkit(quiet_database, scenario)


def test_the_patient_are_told_by_themselves(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        await _publish(kit, shop, range(3))
        relay = Relay(CONTEXT, kit.relay_database, kit.receivers, patient=["slow"])
        assert [(await relay.carry(patient=patient)).facts for patient in (True, False)] == [3, 3]
        assert await relay.carry() == (0, 0)

    with_toolkit(quiet_database, scenario, subscribers=("ear", "slow"))


@pytest.mark.parametrize("known", [True, False])
def test_what_nobody_here_carries_is_parked_for_people(quiet_database: str, *, known: bool) -> None:
    """Whoever should hear it lives where we know no way to, or has been given up since it was told."""

    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        await _publish(kit, shop, [1])
        ears = ["ear", "gone"] if known else ["ear"]
        relay = Relay(CONTEXT, kit.relay_database, {"ear": kit.receivers["ear"]}, ears=ears)
        stop = asyncio.Event()
        running = asyncio.create_task(relay(stop))
        for _ in range(100):
            await asyncio.sleep(0.05)
            if _waiting(kit, shop) and _waiting(kit, shop)[0][0]:
                break
        stop.set()
        await running
        assert kit.heard == [1]
        [(tries, _, error)] = _waiting(kit, shop)
        assert tries
        assert error.endswith("Nobody here carries facts to gone.")

    with_toolkit(quiet_database, scenario, subscribers=("ear", "gone"))


def test_a_failing_handler_leaves_no_note_in_the_inbox(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        async def fails(unit: Any, _: Sequence[Envelope]) -> None:
            await unit.raw.execute("UPDATE known_shop SET revision = 5")
            raise Poison

        shop = await kit.new_shop()
        fact = envelope(shop, 1)
        with pytest.raises(Poison):
            await kit.receiver("ear", fails).receive(shop, [fact])
        assert kit.sql("SELECT FROM shops.inbox WHERE shop_id = %s", shop) == []
        await kit.receiver("ear", kit.hear).receive(shop, [fact])
        assert kit.heard == [1]

    with_toolkit(quiet_database, scenario)


def test_the_relay_wakes_up_when_something_is_published(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(kit.relay(stop))
        shop = await kit.new_shop()
        await asyncio.sleep(0.2)
        await _publish(kit, shop, [1])
        async with asyncio.timeout(5):
            while not kit.heard:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        stop.set()
        await asyncio.wait_for(running, 5)

    with_toolkit(quiet_database, scenario)
