"""Rows kept in columns are thrown away after a day, whether their shop asks again or not."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from adapters.tracking.reports import columns as parts
from adapters.tracking.reports.columns import KEPT, SHAPE, Columns, Contents

NOBODY: Any = None  # neither the database nor the engine is asked
OLD, NEW = UUID(int=1), UUID(int=2)


def test_what_is_a_day_old_goes_without_anybody_asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "TIDY_S", 0.01)
    now = datetime.now(UTC)
    for shop, begun in ((OLD, now - KEPT - timedelta(minutes=1)), (NEW, now)):
        (tmp_path / str(shop)).mkdir()
        for name in ("facts", "visitors", "counted"):
            (tmp_path / str(shop) / name).touch()
        contents = Contents(begun=begun, shape=SHAPE, facts="facts", visitors="visitors", counted="counted")
        (tmp_path / str(shop) / "contents.json").write_bytes(msgspec.json.encode(contents))
    (tmp_path / "spill-1").mkdir()

    async def wait() -> None:
        async with Columns(NOBODY, NOBODY, NOBODY, tmp_path).tidied():
            await asyncio.sleep(0.1)

    asyncio.run(wait())
    assert {path.name for path in tmp_path.iterdir()} == {str(NEW), "spill-1"}
