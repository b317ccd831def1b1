"""Rows that arrive together are committed together, and each is answered after its commit."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg
import pytest

from adapters.shared.ids import new_id
from adapters.shared.postgres.arrays import texts, uuids
from adapters.shared.postgres.errors import Unavailable
from adapters.shared.postgres.group_commit import GroupCommit, ToParameters, Unstorable, in_columns
from adapters.shared.postgres.prepared import PreparedStatement
from tests.shared.toolkit import Toolkit, with_toolkit

SQL = "INSERT INTO public.seen SELECT * FROM unnest($1::uuid[], $2::text[])"
Row = tuple[UUID, str]
TO_PARAMETERS: ToParameters[Row] = in_columns(lambda row: row, uuids, texts)


@asynccontextmanager
async def _recorder(kit: Toolkit) -> AsyncIterator[GroupCommit[Row]]:
    kit.sql("CREATE TABLE public.seen (id uuid PRIMARY KEY, text text NOT NULL CHECK (text <> 'taken'))")
    kit.sql("GRANT USAGE ON SCHEMA public TO grapevine_shops; GRANT INSERT ON public.seen TO grapevine_shops")
    recorder: GroupCommit[Row] = GroupCommit(kit.database, SQL, TO_PARAMETERS)
    await recorder.start()
    try:
        yield recorder
    finally:
        await recorder.stop()


def test_every_answered_row_is_stored(fresh_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        async with _recorder(kit) as recorder:
            await asyncio.gather(*(recorder.record((new_id(), str(number))) for number in range(1500)))
            assert kit.sql("SELECT count(*) FROM public.seen") == [(1500,)]

    with_toolkit(fresh_database, scenario)


def test_what_can_wait_is_done_while_the_database_writes(fresh_database: str) -> None:
    """Not before a row is on its way, and before it is answered; what fails there costs nobody their row."""
    done: list[str] = []

    def broken() -> None:
        done.append("broken")
        raise ZeroDivisionError

    async def scenario(kit: Toolkit) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda *_: done.append("heard of"))
        async with _recorder(kit) as recorder:
            await recorder.record((new_id(), "connected"))
            to_parameters = recorder._to_parameters

            def noted(rows: list[Row]) -> Sequence[bytes]:
                done.append("sent")
                return to_parameters(rows)

            recorder._to_parameters = noted
            await recorder.record((new_id(), "first"), lambda: done.append("worked"))
            assert done == ["sent", "worked"]
            done.clear()
            await asyncio.gather(recorder.record((new_id(), "second"), broken), recorder.record((new_id(), "third")))
            assert done == ["sent", "broken", "heard of"]
            assert kit.sql("SELECT count(*) FROM public.seen") == [(4,)]

    with_toolkit(fresh_database, scenario)


@pytest.mark.parametrize("bad", ["bad\x00", "bad\ud800", "taken"])
def test_a_row_that_cannot_be_stored_hurts_nobody_else(fresh_database: str, bad: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        async with _recorder(kit) as recorder:
            texts = ["good", bad, "good", "good"]
            results = await asyncio.gather(
                *(recorder.record((new_id(), text)) for text in texts), return_exceptions=True
            )
            assert [type(result) for result in results] == [type(None), Unstorable, type(None), type(None)]
            assert kit.sql("SELECT count(*) FROM public.seen") == [(3,)]

    with_toolkit(fresh_database, scenario)


def test_an_outage_is_said_and_survived(fresh_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        async with _recorder(kit) as recorder:
            await recorder.record((new_id(), "before"))
            kit.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'grapevine_shops'"
                " AND datname = current_database()"
            )
            with pytest.raises(Unavailable):
                await recorder.record((new_id(), "during"))
            await recorder.record((new_id(), "after"))
            assert sorted(kit.sql("SELECT text FROM public.seen")) == [("after",), ("before",)]

    with_toolkit(fresh_database, scenario)


def test_too_many_waiting_are_turned_away(fresh_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        recorder: GroupCommit[Row] = GroupCommit(kit.database, SQL, TO_PARAMETERS, most_waiting=2)
        waiting = [asyncio.create_task(recorder.record((new_id(), "x"))) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await recorder.record((new_id(), "x"))
        await recorder.stop()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(result, Unavailable) for result in results)

    with_toolkit(fresh_database, scenario)


def test_what_waits_is_written_before_the_stop(fresh_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        async with _recorder(kit) as recorder:
            waiting = [asyncio.create_task(recorder.record((new_id(), "x"))) for _ in range(100)]
            await asyncio.sleep(0)
            await recorder.stop()
            await asyncio.gather(*waiting)
            assert kit.sql("SELECT count(*) FROM public.seen") == [(100,)]

    with_toolkit(fresh_database, scenario)


def test_the_connection_is_the_roles_own(fresh_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        async with await kit.database.raw() as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute("CREATE TABLE shops.mine (x int)")

    with_toolkit(fresh_database, scenario)


def test_a_lost_connections_number_may_be_anothers_by_then(fresh_database: str) -> None:
    async def scenario(kit: Toolkit) -> None:
        ours, theirs = socket.socketpair()
        statement = await PreparedStatement.open(kit.database, b"SELECT 1")
        number = statement._socket
        kit.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'grapevine_shops'"
            " AND datname = current_database()"
        )
        while not statement.closed:  # noqa: ASYNC110 (nothing tells of it)
            await asyncio.sleep(0.01)
        with ours, theirs, socket.socket(fileno=os.dup2(ours.fileno(), number)) as another:
            came = asyncio.Event()
            asyncio.get_running_loop().add_reader(another, came.set)
            await statement.close()
            theirs.send(b"x")
            await asyncio.wait_for(came.wait(), 1)
            asyncio.get_running_loop().remove_reader(another)

    with_toolkit(fresh_database, scenario)
