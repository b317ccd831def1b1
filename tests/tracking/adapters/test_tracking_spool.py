"""Clicks on disk: safe once answered, bounded, taken in exactly once, whoever died in between."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from adapters.shared.ids import new_id
from adapters.shared.postgres.errors import Unavailable
from adapters.shared.postgres.group_commit import Unstorable
from adapters.tracking import click_keeper
from adapters.tracking.click_keeper import ClickKeeper
from adapters.tracking.spool import Spool, SpoolFile, as_line, from_line
from kernel.ids import ClickId, LinkId, ShopId
from tracking.domain.click import Click


def spool(folder: Path, most_bytes: int = 1_000_000) -> Spool:
    return Spool(folder / "spool", "clicks-x", most_bytes=most_bytes)


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(story())  # type: ignore[arg-type]


def documents(file: SpoolFile) -> list[bytes]:
    return [document for piece in file.documents() for document in piece]


def click(**changes: Any) -> Click:
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "shop_id": ShopId(uuid4()), "click_id": ClickId(new_id()), "link_id": LinkId(uuid4()), "recorded_at": now,
        "clicked_at": now, "visitor": "person", "query": b"a=\xff", "referrer_host": "", "language": "de",
        "address_hash": b"\x01" * 16, "agent_hash": -5, "device": "phone", "click_ids": {"gclid": "x"}, "visit": True,
    }  # fmt: skip
    return Click(**values | changes)


def test_a_click_survives_its_way_through_the_disk() -> None:
    made = click(utm=("a", None, None, None, None, ""))
    assert msgspec.json.decode(msgspec.json.encode(made), type=Click) == made


def test_lines_that_were_cut_or_spoiled_are_recognised() -> None:
    line = as_line(b'{"a":1}').removesuffix(b"\n")
    assert from_line(line) == b'{"a":1}'
    assert from_line(line[:-1]) is None
    assert from_line(line.replace(b"1", b"2")) is None
    assert from_line(b"") is None


def test_what_is_answered_was_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fdatasync

    def sync(descriptor: int) -> None:
        real(descriptor)
        synced.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(os, "fdatasync", sync)

    async def story() -> None:
        kept = spool(tmp_path)
        await asyncio.gather(*(kept.keep(b"%d" % number) for number in range(200)))
        assert synced[-1] == kept.size
        assert len(synced) < 20, "rows that arrive together share an fsync"
        file = await kept.take()
        assert file is not None
        assert sorted(documents(file)) == sorted(b"%d" % number for number in range(200))
        await kept.close()

    run(story)


def test_the_spool_is_bounded(tmp_path: Path) -> None:
    async def story() -> None:
        kept = spool(tmp_path, most_bytes=100)
        await kept.keep(b"x" * 80)
        with pytest.raises(Unavailable):
            await kept.keep(b"y" * 80)
        assert kept.size <= 100
        assert kept.lost_room == 1
        file = await kept.take()
        assert file is not None
        await kept.done_with(file)
        await kept.keep(b"y" * 80)
        await kept.close()

    run(story)


def test_a_full_disk_refuses_and_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        kept = spool(tmp_path)
        await kept.keep(b"first")
        real, calls = os.write, []

        def full(descriptor: int, data: bytes) -> int:
            calls.append(1)
            if len(calls) == 1:
                return real(descriptor, data[:4])
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", full)
            with pytest.raises(Unavailable):
                await kept.keep(b"second")
        await kept.keep(b"third")
        file = await kept.take()
        assert file is not None
        assert documents(file) == [b"first", b"third"]
        await kept.close()

    run(story)


def test_what_a_dead_process_left_is_taken_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    async def story() -> None:
        dead, alive, heir = spool(tmp_path), spool(tmp_path), spool(tmp_path)
        await dead.keep(b"of the dead")
        await alive.keep(b"of the living")
        with min((tmp_path / "spool").glob("*.spool")).open("ab") as file:
            file.write(as_line(b"never answered")[:9])
        await dead.close()
        taken = await heir.take()
        assert taken is not None
        assert documents(taken) == [b"of the dead"]
        await heir.done_with(taken)
        assert await heir.take() is None
        assert heir.size == alive.size > 0
        stranger = Spool(tmp_path / "spool", "clicks-y", most_bytes=100)
        await alive.close()
        assert await stranger.take() is None
        await heir.close()

    run(story)


class Writer:
    """A group commit whose database comes and goes. Stores each click once, as the table does."""

    def __init__(self) -> None:
        self.away = False
        self.stored: dict[ClickId, Click] = {}
        self.attempts = 0
        self.refuses: set[ClickId] = set()
        self.busy_s = 0.0
        self.gave_up = 0

    async def record(self, one: Click, meanwhile: object = None) -> None:
        self.attempts += 1
        await asyncio.sleep(0)
        if self.away:
            raise Unavailable
        if one.click_id in self.refuses:
            raise Unstorable
        self.stored[one.click_id] = one

    def busy_for_s(self) -> float:
        return self.busy_s

    async def give_up(self) -> None:
        self.gave_up += 1
        self.busy_s = 0.0


def keeper(writer: Any, kept: Spool) -> ClickKeeper:
    return ClickKeeper(writer, writer, kept)


async def until(check: Callable[[], bool]) -> None:
    async with asyncio.timeout(3):
        while not check():  # noqa: ASYNC110 - what is waited for happens on disk
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(click_keeper, "_AGAIN_S", 0.02)


def test_clicks_go_to_disk_while_the_database_is_away_and_come_back_once(tmp_path: Path) -> None:
    async def story() -> None:
        writer, kept = Writer(), spool(tmp_path)
        clicks = [click() for _ in range(1200)]
        keeping = keeper(writer, kept)
        async with keeping.running():
            await keeping.record(clicks[0])
            writer.away = True
            await asyncio.gather(*map(keeping.record, clicks[1:]))
            assert len(writer.stored) == 1
            assert keeping.condition()["clicks"] == "kept on disk"
            assert int(keeping.condition()["click_spool_bytes"]) > 100_000
            tries = writer.attempts
            await keeping.record(late := click())
            assert writer.attempts - tries <= 500, "while it is away only the spool's own tries ask for it"
            writer.away = False
            await until(lambda: kept.size == 0)
            assert {one.click_id for one in [*clicks, late]} == set(writer.stored)
            assert writer.stored[clicks[5].click_id] == clicks[5]
            assert keeping.condition()["clicks"] == "kept in the database"
            await keeping.record(click())
            assert kept.size == 0
        assert list((tmp_path / "spool").iterdir()) == []

    run(story)


def test_a_process_that_dies_while_taking_in_repeats_and_nothing_is_there_twice(tmp_path: Path) -> None:
    async def story() -> None:
        writer, dying = Writer(), spool(tmp_path)
        clicks = [click() for _ in range(700)]
        await asyncio.gather(*(dying.keep(msgspec.json.encode(one)) for one in clicks))
        for one in clicks[:500]:
            writer.stored[one.click_id] = one
        await dying.close()
        heir = spool(tmp_path)
        async with keeper(writer, heir).running():
            await until(lambda: len(writer.stored) == 700)
            await until(lambda: list((tmp_path / "spool").iterdir()) == [])

    run(story)


def test_a_click_that_cannot_be_stored_holds_nobody_up(tmp_path: Path) -> None:
    async def story() -> None:
        writer, kept = Writer(), spool(tmp_path)
        bad, good = click(), click()
        writer.refuses = {bad.click_id}
        for document in (msgspec.json.encode(bad), b'{"no": "click"}', msgspec.json.encode(good)):
            await kept.keep(document)
        async with keeper(writer, kept).running():
            await until(lambda: kept.size == 0)
        assert set(writer.stored) == {good.click_id}

    run(story)


def test_when_neither_takes_it_the_visitor_is_told(tmp_path: Path) -> None:
    async def story() -> None:
        writer, kept = Writer(), spool(tmp_path, most_bytes=10)
        writer.away = True
        with pytest.raises(Unavailable):
            await keeper(writer, kept).record(click())

    run(story)


def test_a_silent_database_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(click_keeper, "_STUCK_S", 0.06)

    async def story() -> None:
        writer = Writer()
        writer.busy_s = 1.0
        async with keeper(writer, spool(tmp_path)).running():
            await until(lambda: writer.gave_up > 0)

    run(story)
