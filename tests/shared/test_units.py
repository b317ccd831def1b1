"""A unit of work is all or nothing, of one shop, on the shop's clock."""

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from adapters.shared.ids import new_id
from adapters.shared.postgres.errors import ShopUnknown, TooSlow, Unavailable, is_away
from kernel.ids import ShopId
from tests.shared.toolkit import Happened, Toolkit, with_toolkit


def test_state_and_facts_are_committed_together(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        async with kit.units(shop) as unit:
            unit.publish(Happened(number=1), Happened(number=2))
        assert kit.sql("SELECT count(*) FROM shops.outbox WHERE shop_id = %s", shop) == [(2,)]
        assert (await kit.relay.backlog())[0] == 2

    with_toolkit(quiet_database, scenario)


def test_an_error_leaves_nothing(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        with pytest.raises(RuntimeError):
            async with kit.units(shop) as unit:
                unit.publish(Happened(number=1))
                unit.enqueue("job")
                await unit.raw.execute("UPDATE known_shop SET revision = 9")
                raise RuntimeError
        assert kit.sql("SELECT revision FROM shops.known_shop WHERE shop_id = %s", shop) == [(1,)]
        assert kit.sql("SELECT FROM shops.outbox WHERE shop_id = %s", shop) == []
        async with kit.units(shop) as unit:
            assert unit.shop.revision == 1

    with_toolkit(quiet_database, scenario)


def test_a_unit_sees_and_touches_its_own_shop_only(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        mine, other = await kit.new_shop(), await kit.new_shop()
        async with kit.units(mine) as unit:
            rows = await (await unit.raw.execute("SELECT shop_id FROM known_shop")).fetchall()
            assert rows == [(mine,)]
            touched = await unit.raw.execute("UPDATE known_shop SET revision = 7 WHERE shop_id = %s", (other,))
            assert touched.rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with kit.units(mine) as unit:
                await unit.raw.execute(
                    "INSERT INTO inbox (shop_id, event_id, handler) VALUES (%s, %s, 'x')", (other, new_id())
                )

    with_toolkit(quiet_database, scenario)


def test_asking_without_a_shop_raises(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        await kit.new_shop()
        async with await kit.database.raw() as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no shop"):
                await connection.execute("SELECT * FROM known_shop")

    with_toolkit(quiet_database, scenario)


def test_the_shop_does_not_leak_into_the_next_transaction(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        async with kit.units(shop):
            pass
        async with kit.database.engine.connect() as connection:
            raw = (await connection.get_raw_connection()).driver_connection
            assert raw is not None
            row = await (await raw.execute("SELECT current_setting('app.shop_id', true)")).fetchone()
            assert row in {("",), (None,)}

    with_toolkit(quiet_database, scenario)


def test_an_unknown_shop_is_said_to_be_unknown(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        with pytest.raises(ShopUnknown):
            async with kit.units(ShopId(new_id())):
                pass

    with_toolkit(quiet_database, scenario)


def test_the_clock_is_the_shops(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        kit.sql("UPDATE shops.known_shop SET facts = jsonb_set(facts::jsonb, '{clock_offset_s}', '86400')::json")
        async with kit.units(shop) as unit:
            assert abs(unit.now() - datetime.now(UTC) - timedelta(days=1)) < timedelta(seconds=5)

    with_toolkit(quiet_database, scenario)


def test_a_waiting_job_is_queued_once(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        for _ in range(3):
            async with kit.units(shop) as unit:
                unit.enqueue("greet", b"x", once="today")
                unit.enqueue("other", b"y")
        query = "SELECT entrypoint, count(*) FROM shops.pgqueuer WHERE substring(payload FOR 16) = %s GROUP BY 1"
        jobs = kit.sql(query, shop.bytes)
        assert dict(jobs) == {"greet": 1, "other": 3}

    with_toolkit(quiet_database, scenario)


def test_a_full_pool_is_unavailable_not_an_error(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        held = [kit.units(shop) for _ in range(3)]
        for unit in held:
            await unit.__aenter__()
        with pytest.raises(Unavailable):
            async with kit.units(shop):
                pass
        await asyncio.gather(*(unit.__aexit__(None, None, None) for unit in held))

    with_toolkit(quiet_database, scenario)


def test_a_statement_that_takes_too_long_is_said_to(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        with pytest.raises(TooSlow):
            async with kit.units(shop) as unit:
                await unit.raw.execute("SET LOCAL statement_timeout = '50ms'")
                await unit.raw.execute("SELECT pg_sleep(5)")

    with_toolkit(quiet_database, scenario)


def test_what_can_never_be_stored_is_nobodys_outage(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        with pytest.raises(psycopg.errors.ProgramLimitExceeded) as refused:
            async with kit.units(shop) as unit:
                huge = "".join(chr(0x20 + number * 7919 % 50_000) for number in range(200_000)).encode().hex()
                await unit.raw.execute(
                    "INSERT INTO inbox (shop_id, event_id, handler) VALUES (%s, %s, %s)", (shop, new_id(), huge)
                )
        assert not is_away(refused.value)

    with_toolkit(quiet_database, scenario)
