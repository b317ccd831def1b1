"""A question is one shop's and only reads. A lost connection's ends at once, and leaves alone who gets its number."""

import asyncio
import socket
from typing import Any

import psycopg
import pytest

from adapters.shared.ids import new_id
from adapters.shared.postgres.exchange import Exchange
from adapters.shared.postgres.question import Line, Question
from kernel.ids import ShopId
from tests.shared.toolkit import Toolkit, with_toolkit

ENDLESS = Question.of("endless", "SELECT pg_sleep(60) WHERE %(shop)s IS NOT NULL")
WHOSE = Question.of("whose", "SELECT current_shop(), %(shop)s")
CHANGES = Question.of("changes", "UPDATE shop SET shop_id = %(shop)s RETURNING shop_id")


class Losing:
    """libpq's connection that is lost when the answer comes; `then` runs before whoever waits for the answer."""

    def __init__(self, number: int, then: Any) -> None:
        self.socket = number
        self._then = then

    pipeline_status = psycopg.pq.PipelineStatus.OFF

    def flush(self) -> int:
        return 0

    def consume_input(self) -> None:
        asyncio.get_running_loop().call_soon(self._then)
        raise psycopg.OperationalError("lost")


def test_the_next_one_with_the_sockets_number_is_watched() -> None:
    async def scenario() -> None:
        ours, theirs = socket.socketpair()
        came, loop = asyncio.Event(), asyncio.get_running_loop()
        losing: Any = Losing(ours.fileno(), lambda: loop.add_reader(ours, came.set))
        with ours, theirs:
            theirs.send(b"x")
            with pytest.raises(psycopg.OperationalError, match="lost"):
                await Exchange(losing).results()
            await asyncio.wait_for(came.wait(), 1)
            loop.remove_reader(ours)

    asyncio.run(scenario())


def test_whoever_stops_waiting_stops_watching(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        line = Line(await kit.database.raw())
        shop_id = kit.sql("SELECT gen_random_uuid()")[0][0]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.ask(shop_id, ENDLESS, {}), 0.2)
        assert not asyncio.get_running_loop().remove_reader(line._pg.socket)
        await line.close()

    with_toolkit(quiet_database, scenario)


def test_a_question_is_one_shops_and_the_next_one_another_shops(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        connection = await kit.database.raw()
        line = Line(connection)
        for shop_id in [ShopId(new_id()), ShopId(new_id())]:
            assert await line.ask(shop_id, WHOSE, {}) == [(shop_id, shop_id)]
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no shop is set"):
                await connection.execute("SELECT current_shop()")
        await line.close()

    with_toolkit(quiet_database, scenario)


def test_a_question_changes_nothing(quiet_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await kit.database.questions.ask(ShopId(new_id()), CHANGES, {})

    with_toolkit(quiet_database, scenario)
