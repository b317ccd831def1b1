"""Statements sent together are answered together, and what goes wrong leaves a connection that is whole or closed."""

import asyncio
import os
import socket
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from adapters.shared.postgres.errors import Unavailable
from adapters.shared.postgres.prepared import PreparedStatement
from tests.shared.toolkit import Happened, Toolkit, with_toolkit

ONE = UUID(int=1)


def test_each_statement_has_its_answer(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        wire = await kit.database.raw()
        numbers, same, percents, nothing, rows = await wire.pipe.send(
            [
                (b"SELECT %s::int + %b::int", (1, 2)),
                (b"SELECT %(a)s::uuid, %(b)s::text, %(a)s::uuid", {"b": "x%", "a": ONE, "more": 1}),
                (b"SELECT '50 %%' || %s::text", (None,)),
                (b"SELECT 1 WHERE false", ()),
                (b"SELECT '5 %', unnest($1::text[]), $2::timestamptz", (["a", "b"], datetime(2026, 1, 1, tzinfo=UTC))),
            ]
        )
        assert numbers.rows == [(3,)]
        assert same.rows == [(ONE, "x%", ONE)]
        assert percents.rows == [(None,)]
        assert (nothing.rows, nothing.touched) == ([], 0)
        assert rows.rows == [("5 %", name, datetime(2026, 1, 1, tzinfo=UTC)) for name in "ab"]
        await wire.close()

    with_toolkit(quiet_database, scenario)


def test_a_statement_is_prepared_once_for_each_kind_of_parameters(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        wire = await kit.database.raw()
        for number in (1, 2, 70_000, 5_000_000_000, 3):
            [answer] = await wire.pipe.send([(b"SELECT %s", (number,))])
            assert answer.rows == [(number,)]
        cursor = await wire.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1'")
        assert await cursor.fetchall() == [(3,)]
        await wire.close()

    with_toolkit(quiet_database, scenario)


def test_what_comes_after_an_error_has_not_run_and_the_connection_goes_on(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        with pytest.raises(psycopg.errors.UndefinedColumn):
            async with kit.units(shop) as unit:
                unit.later(b"UPDATE known_shop SET revision = 7 WHERE shop_id = %s", (shop,))
                await unit.read_all((b"SELECT no_such_column FROM known_shop", ()), (b"SELECT 1", ()))
        async with kit.units(shop) as unit:
            assert unit.shop.revision == 1
            assert await unit.write(b"UPDATE known_shop SET slug = 'south' WHERE shop_id = %s", (shop,)) == 1
            assert await unit.read_all((b"SELECT slug FROM known_shop", ()), (b"SELECT 1", ())) == [
                [("south",)],
                [(1,)],
            ]

    with_toolkit(quiet_database, scenario)


def test_a_text_that_cannot_be_stored_is_refused_before_anything_is_sent(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        wire = await kit.database.raw()
        with pytest.raises(psycopg.DataError):
            await wire.pipe.send([(b"SELECT 1", ()), (b"SELECT %s::text", ("a\x00b",))])
        assert [answer.rows for answer in await wire.pipe.send([(b"SELECT 2", ())])] == [[(2,)]]
        await wire.close()

    with_toolkit(quiet_database, scenario)


def test_what_is_prepared_outlives_a_rollback_beside_psycopgs_own(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        for _ in range(8):  # psycopg prepares what it is asked five times
            with pytest.raises(RuntimeError):
                async with kit.units(shop) as unit:
                    await unit.raw.execute("SELECT %s::int", (1,))
                    assert await unit.read(b"SELECT %s::int", (2,)) == [(2,)]
                    raise RuntimeError

    with_toolkit(quiet_database, scenario)


def test_who_stops_waiting_closes_the_connection_and_the_next_gets_another(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        for _ in range(4):  # more than the pool holds
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1), kit.units(shop) as unit:
                    await unit.read(b"SELECT pg_sleep(30)", ())
            async with kit.units(shop) as unit:
                unit.publish(Happened(number=1))
        assert kit.sql("SELECT count(*) FROM shops.outbox WHERE shop_id = %s", shop) == [(4,)]

    with_toolkit(quiet_database, scenario)


def test_a_connection_that_the_server_closes_is_the_databases_absence(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        shop = await kit.new_shop()
        with pytest.raises(Unavailable):
            async with kit.units(shop) as unit:
                [(backend,)] = await unit.read(b"SELECT pg_backend_pid()", ())
                kit.sql("SELECT pg_terminate_backend(%s)", backend)
                await unit.read(b"SELECT 1", ())
        async with kit.units(shop) as unit:
            assert await unit.read(b"SELECT 1", ()) == [(1,)]

    with_toolkit(quiet_database, scenario)


@pytest.mark.parametrize("after_s", [None, 0.0, 0.1])
def test_a_connection_that_is_cut_is_an_error_and_no_endless_wait(quiet_database: str, after_s: float | None) -> None:
    async def scenario(kit: Toolkit) -> None:
        wire = await kit.database.raw()
        ours = socket.socket(fileno=os.dup(wire.pgconn.socket))
        with ours:
            if after_s is None:
                ours.shutdown(socket.SHUT_RDWR)
            else:
                asyncio.get_running_loop().call_later(after_s, ours.shutdown, socket.SHUT_RDWR)
            async with asyncio.timeout(5):
                with pytest.raises(psycopg.OperationalError):
                    await wire.pipe.send([(b"SELECT pg_sleep(1)", ()), (b"SELECT 1", ())])
        assert wire.closed

    with_toolkit(quiet_database, scenario)


def test_who_is_no_longer_watched_is_looked_at_again(quiet_database: str) -> None:
    """Somebody else's late farewell to a closed socket hits the number of ours."""

    async def scenario(kit: Toolkit) -> None:
        wire = await kit.database.raw()
        statement = await PreparedStatement.open(kit.database, b"SELECT pg_sleep(0.2)")
        loop = asyncio.get_running_loop()
        for number in (wire.pgconn.socket, statement._socket):
            loop.call_later(0.1, loop.remove_reader, number)
        async with asyncio.timeout(5):
            await asyncio.gather(wire.pipe.send([(b"SELECT pg_sleep(0.2)", ())]), statement.run(()))
        await wire.close()
        await statement.close()

    with_toolkit(quiet_database, scenario)


def test_much_goes_to_and_fro_at_once(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        wire = await kit.database.raw()
        long = "x" * 3_000_000
        asked = [(b"SELECT %s::text", (long,)) for _ in range(5)]
        assert {answer.rows[0][0] for answer in await wire.pipe.send(asked)} == {long}
        await wire.close()

    with_toolkit(quiet_database, scenario)
