"""What was refused of a shop's events, summed up by reason, so that whoever installs the tag sees it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import structlog

from adapters.shared.background import every
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY
from kernel.ids import ShopId

EVERY_S: Final = 1.0
MOST_KEPT: Final = 20_000
_log = structlog.get_logger()
ADD = """
INSERT INTO tag_refusal AS kept (shop_id, code, count, last_at, pointer, host)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[])
ON CONFLICT (shop_id, code) DO UPDATE SET
    count = kept.count + excluded.count, last_at = greatest(kept.last_at, excluded.last_at),
    pointer = excluded.pointer, host = excluded.host
"""


class Refusals:
    """Counts in memory, and writes what came together every second. The last second's counts die with the process."""

    def __init__(self, relay: Database) -> None:
        self._relay = relay
        self._counts: dict[tuple[ShopId, str], tuple[int, datetime, str, str]] = {}

    def note(self, shop_id: ShopId, code: str, *, at: datetime, pointer: str, host: str, count: int = 1) -> None:
        """`pointer` and `host` of the last one are kept as an example."""
        key = (shop_id, code)
        before = self._counts.get(key)
        if before is None and len(self._counts) >= MOST_KEPT:
            return
        self._counts[key] = (count + (before[0] if before else 0), at, pointer[:200], host[:255])

    async def write(self) -> None:
        counts, self._counts = self._counts, {}
        rows = [(shop_id, code, *values) for (shop_id, code), values in sorted(counts.items())]
        try:
            async with self._relay.engine.connect() as connection:
                raw = (await connection.get_raw_connection()).driver_connection
                await raw.execute(ADD, [list(column) for column in zip(*rows, strict=True)])  # type: ignore[union-attr]
        except AWAY as error:
            for (shop_id, code), (count, at, pointer, host) in counts.items():
                self.note(shop_id, code, at=at, pointer=pointer, host=host, count=count)
            _log.warning("tag_refusals.database_away", error=type(error).__name__)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        try:
            async with every(EVERY_S, self._write_some, "tag refusals"):
                yield
        finally:
            await self._write_some()

    async def _write_some(self) -> None:
        if self._counts:
            await self.write()
