"""The worker's reading of stores' files: batch by batch, each recorded before it is counted."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from typing import Final

import structlog

from adapters.shared.postgres.bell import Listener
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import TooSlow, is_away
from adapters.shared.postgres.outage import Outage
from adapters.shared.postgres.unit import Units
from adapters.tracking.channels import UPLOADS
from adapters.tracking.postgres.uploads import PostgresUploads, WaitingUploads
from adapters.tracking.stores.file import StoreFile
from adapters.tracking.stores.rows import Found
from kernel.errors import CurrencyMismatch, DomainError
from kernel.ids import ShopId
from tracking.application.note_rows import NoteRows
from tracking.application.record_orders import RecordOrders, Reported
from tracking.domain.delivery import GaveUp, Unreadable
from tracking.domain.upload import Fault, Step, Upload, UploadId

LEASE_S: Final = 30
HOLD_AFTER_S: Final = 8
BATCH: Final = 400
_log = structlog.get_logger()


class UploadReader:
    """A loop of the worker. Who dies with a file leaves it to the next, who goes on behind the last row counted.

    A batch that was recorded and not counted is recorded again, which changes nothing.
    """

    def __init__(
        self, units: Units, waiting: WaitingUploads, record: RecordOrders, note: NoteRows, listens: Database
    ) -> None:
        self._units = units
        self._waiting = waiting
        self._record = record
        self._note = note
        self._listens = listens
        self._outage = Outage()

    async def __call__(self, stop: asyncio.Event) -> None:
        listener = Listener(self._listens, UPLOADS, poll_s=2.0)
        try:
            while not stop.is_set():
                if not await self._one_or_pause(stop):
                    await listener.wait(stop)
        finally:
            await listener.close()

    async def _one_or_pause(self, stop: asyncio.Event) -> bool:
        try:
            found = await self.one(stop)
        except Exception as error:
            if not _passes(error):
                raise
            self._outage.begins(error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1)
            return True
        self._outage.ends()
        return found

    async def one(self, stop: asyncio.Event) -> bool:
        """Claim a file and read it to its end; False when none waits."""
        claimed = await self._waiting.claim(LEASE_S)
        if claimed is None:
            return False
        with structlog.contextvars.bound_contextvars(shop_id=str(claimed[0]), upload_id=str(claimed[1])):
            try:
                await self._read(*claimed, stop)
            except Exception as error:
                if _passes(error):
                    raise
                _log.exception("uploads.failed")
                await self._fail(*claimed, GaveUp("The file could not be read; what is odd about it was logged."))
        return True

    async def _fail(self, shop_id: ShopId, upload_id: UploadId, refusal: DomainError, *, row: int = 0) -> None:
        async with self._units(shop_id) as unit:
            upload = await PostgresUploads(unit).get(upload_id)
        failure = (refusal.code, refusal.detail)
        step = Step(
            row=max(row, upload.rows_read + 1), bytes_read=upload.bytes_read, taken=0, refused=0, failure=failure
        )
        await self._note(shop_id, upload_id, step)

    async def _read(self, shop_id: ShopId, upload_id: UploadId, stop: asyncio.Event) -> None:
        async with self._units(shop_id) as unit:
            upload = await PostgresUploads(unit).get(upload_id)
            currency, time_zone = unit.shop.currency, unit.shop.time_zone
        file = StoreFile(store=upload.store, currency=currency, time_zone=time_zone, at=upload.created_at)
        batch: list[Found] = []
        size, row = 0, 0
        try:
            async for part in self._parts(upload):
                size += len(part)
                for found in file.end() if not part else file.feed(part):
                    if len(batch) >= BATCH and found.upto != row:  # never between the rows of one order
                        await self._take(upload, batch, size, currency)
                        batch = []
                        if stop.is_set():
                            await self._waiting.hold(shop_id, upload_id, 0)
                            return
                    row = found.upto
                    if row > upload.rows_read:
                        batch.append(found)
                await asyncio.sleep(0)
        except Unreadable as refusal:
            await self._take(upload, batch, size, currency)
            await self._fail(shop_id, upload_id, refusal, row=row + 1)
            return
        await self._take(upload, batch, size, currency, last=True)

    async def _parts(self, upload: Upload) -> AsyncIterator[bytes]:
        """The parts in order, then an empty one; the lease is held meanwhile."""
        held, number = time.monotonic(), 0
        while True:
            async with self._units(upload.shop_id) as unit:
                part = await PostgresUploads(unit).part(upload.upload_id, number)
            yield part or b""
            if part is None:
                return
            number += 1
            if time.monotonic() - held > HOLD_AFTER_S:
                await self._waiting.hold(upload.shop_id, upload.upload_id, LEASE_S)
                held = time.monotonic()

    async def _take(
        self, upload: Upload, batch: Sequence[Found], size: int, currency: str, *, last: bool = False
    ) -> None:
        if not batch and not last:
            return
        faults = [fault for found in batch for fault in found.faults]
        told = [found for found in batch if found.report is not None]
        refusals = await self._judge(upload, told, currency)
        for found, refusal in zip(told, refusals, strict=True):
            if refusal is not None:
                faults += _faults_of(found, refusal)
        rows = sum(len(found.rows) for found in batch)
        refused = len({fault.row for fault in faults})
        step = Step(
            row=batch[-1].upto if batch else upload.rows_read,
            bytes_read=size,
            taken=rows - refused,
            refused=refused,
            faults=tuple(sorted(faults, key=lambda fault: fault.row)),
            last=last,
        )
        await self._note(upload.shop_id, upload.upload_id, step)
        await self._waiting.hold(upload.shop_id, upload.upload_id, LEASE_S)

    async def _judge(self, upload: Upload, told: Sequence[Found], currency: str) -> Sequence[DomainError | None]:
        if upload.dry_run:
            return [_checked(found, currency) for found in told]
        if not told:
            return ()
        try:
            return await self._recorded(upload.shop_id, told)
        except Exception as error:
            if _passes(error):
                raise
            _log.warning("uploads.batch_failed", rows=len(told), error=type(error).__name__)
        return [await self._alone(upload.shop_id, found) for found in told]

    async def _alone(self, shop_id: ShopId, found: Found) -> DomainError | None:
        try:
            return (await self._recorded(shop_id, [found]))[0]
        except Exception as error:
            if _passes(error):
                raise
            _log.warning("uploads.row_failed", row=found.rows[0], exc_info=error)
            return GaveUp("This row could not be recorded; what is odd about it was logged.")

    async def _recorded(self, shop_id: ShopId, told: Sequence[Found]) -> Sequence[DomainError | None]:
        reports = [Reported(report=found.report) for found in told if found.report is not None]
        return (await self._record(shop_id, reports)).refusals


def _passes(error: BaseException) -> bool:
    """What passes by itself: the file is tried again, and nothing is held against its rows."""
    return is_away(error) or isinstance(error, TooSlow)


def _checked(found: Found, currency: str) -> DomainError | None:
    try:
        if found.report is not None:
            found.report.check(currency)
    except DomainError as refusal:
        return refusal
    return None


def _faults_of(found: Found, refusal: DomainError) -> list[Fault]:
    """The refusal of an order, said of each of its rows."""
    column = "currency" if isinstance(refusal, CurrencyMismatch) else "total"
    said = found.cells.fault(column, refusal.code, refusal.detail)
    return [
        Fault(row=row, column=said.column, code=said.code, detail=said.detail, order=said.order) for row in found.rows
    ]
