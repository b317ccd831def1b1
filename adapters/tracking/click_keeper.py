"""Where clicks go: into the database by group commit, and onto disk while that is away."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec
import structlog
from prometheus_client import Counter, Gauge

from adapters.shared.background import in_background
from adapters.shared.postgres.errors import Unavailable
from adapters.shared.postgres.group_commit import GroupCommit, Unstorable, Work
from adapters.tracking.spool import Spool, SpoolFile
from kernel.ids import ClickId, ShopId
from tracking.domain.click import Click

_SPOOLED: Final = Counter("grapevine_clicks_spooled_total", "Clicks kept on disk because the database was away")
_TAKEN_IN: Final = Counter("grapevine_clicks_taken_in_total", "Clicks taken from disk into the database")
_REFUSED: Final = Counter("grapevine_clicks_refused_total", "Clicks on disk that the database refuses to store")
_BYTES: Final = Gauge("grapevine_click_spool_bytes", "Bytes of clicks that wait on disk")
_LIMIT: Final = Gauge("grapevine_click_spool_limit_bytes", "Bytes that clicks on disk may take")
_AT_ONCE: Final = 500
_AGAIN_S: Final = 0.5
_LOOK_S: Final = 20.0
_STUCK_S: Final = 3.0
_log = structlog.get_logger()
TakenIn = Callable[[ShopId, Sequence[ClickId]], Awaitable[None]]
_decoder = msgspec.json.Decoder(Click)


class ClickKeeper:
    """Stands where a group commit stands, and takes a click when that cannot.

    A click that is taken in again after all (its answer was lost, the process died in between) is recognised by its id.
    """

    def __init__(
        self, writer: GroupCommit[Click], taker: GroupCommit[Click], spool: Spool, taken_in: TakenIn | None = None
    ) -> None:
        """`taken_in` hears which clicks of a shop came from the disk, once or more often."""
        self._taken_in = taken_in
        self._writer = writer
        self._taker = taker
        self._spool = spool
        self._away = False
        self._outages = 0
        self._wake = asyncio.Event()
        _LIMIT.set(spool.most_bytes)

    async def record(self, click: Click, meanwhile: Work | None = None) -> None:
        """Returns when the click is in the database or safe on disk; Unavailable when neither can be.

        `meanwhile` may be called while the click is on its way (see `GroupCommit.record`).
        """
        if not self._away:
            try:
                await self._writer.record(click, meanwhile)
            except Unavailable:
                self._went_away()
            else:
                return
        await self._spool.keep(msgspec.json.encode(click))
        _SPOOLED.inc()
        _BYTES.set(self._spool.size)

    def condition(self) -> Mapping[str, int | str]:
        """For /health/ready."""
        return {
            "clicks": "kept on disk" if self._away else "kept in the database",
            "click_spool_bytes": self._spool.size,
            "click_spool_limit_bytes": self._spool.most_bytes,
        }

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take in what is on disk whenever the database is there, and notice when it no longer answers."""
        try:
            async with (
                in_background(self._take_in_always(), "click spool"),
                in_background(self._watch(), "click watch"),
            ):
                yield
        finally:
            await self._spool.close()

    def _went_away(self) -> None:
        if not self._away:
            self._away = True
            self._outages += 1
            self._wake.set()
            _log.warning("clicks.database_away")

    async def _take_in_always(self) -> None:
        while True:
            self._wake.clear()
            again = False
            try:
                await self._take_in_all()
            except Unavailable:
                again = True
            except Exception:
                _log.exception("clicks.taking_in_failed")
                again = True
            _BYTES.set(self._spool.size)
            if again:
                await asyncio.sleep(_AGAIN_S)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _LOOK_S)

    async def _take_in_all(self) -> None:
        outages = self._outages
        while (file := await self._spool.take()) is not None:
            await self._take_in(file)
        if outages == self._outages:  # else it went away while we looked
            self._away = False

    async def _take_in(self, file: SpoolFile) -> None:
        pieces = file.documents()
        while (documents := await asyncio.to_thread(next, pieces, None)) is not None:
            for start in range(0, len(documents), _AT_ONCE):
                await self._store(documents[start : start + _AT_ONCE])
        await self._spool.done_with(file)
        _log.info("clicks.taken_in", file=file.path.name)

    async def _store(self, documents: list[bytes]) -> None:
        clicks = [click for document in documents if (click := _read(document)) is not None]
        outcomes = await asyncio.gather(*map(self._taker.record, clicks), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Unstorable):
                _REFUSED.inc()
            elif isinstance(outcome, BaseException):
                raise outcome
        await self._tell(clicks)
        _TAKEN_IN.inc(len(clicks))
        self._away = False

    async def _tell(self, clicks: Sequence[Click]) -> None:
        """Orders may have come before the clicks that they name."""
        by_shop: dict[ShopId, list[ClickId]] = defaultdict(list)
        for click in clicks:
            by_shop[click.shop_id].append(click.click_id)
        if self._taken_in is not None:
            for shop_id, ids in by_shop.items():
                await self._taken_in(shop_id, ids)

    async def _watch(self) -> None:
        """A database that neither answers nor refuses is away too."""
        while True:
            await asyncio.sleep(_STUCK_S / 6)
            for writer in (self._writer, self._taker):
                if writer.busy_for_s() > _STUCK_S:
                    _log.warning("clicks.database_silent")
                    await writer.give_up()


def _read(document: bytes) -> Click | None:
    try:
        return _decoder.decode(document)
    except msgspec.MsgspecError:
        _REFUSED.inc()
        _log.error("clicks.unreadable_on_disk")
        return None
