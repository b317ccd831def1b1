"""Stores' files in PostgreSQL: in parts of the text, so that nobody ever holds a whole one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.unit import Unit, Units
from adapters.tracking.postgres.lookup import all_rows
from kernel.ids import ShopId
from tracking.domain.upload import Fault, Upload, UploadId, UploadNotFound

_FIELDS = (
    "shop_id", "upload_id", "file_name", "store", "dry_run", "state", "created_at", "size", "bytes_read",
    "fingerprint", "rows_read", "rows_taken", "rows_refused", "code", "reason", "finished_at",
)  # fmt: skip
_COLUMNS = ", ".join(_FIELDS)

UNFINISHED = """
SELECT count(*) FROM upload WHERE shop_id = %s
    AND (state IN ('waiting', 'reading') OR state = 'receiving' AND opened_at > now() - interval '1 hour')
"""
ADD = """
INSERT INTO upload (shop_id, upload_id, file_name, store, dry_run, state, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
KEEP_PART = """
INSERT INTO upload_part (shop_id, upload_id, number, text) VALUES (%s, %s, %s, %b) ON CONFLICT DO NOTHING
"""
ONE = f"SELECT {_COLUMNS} FROM upload WHERE shop_id = %s AND upload_id = %s"
FOR_UPDATE = f"{ONE} FOR UPDATE"
TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 43))"
LIKE = f"""
SELECT {_COLUMNS} FROM upload
WHERE shop_id = %s AND fingerprint = %b AND state IN ('waiting', 'reading', 'done') ORDER BY upload_id LIMIT 1
"""
SAVE = """
UPDATE upload SET state = %s, size = %s, bytes_read = %s, fingerprint = %b, rows_read = %s, rows_taken = %s,
    rows_refused = %s, code = %s, reason = %s, finished_at = %s
WHERE shop_id = %s AND upload_id = %s
"""
ADD_FAULTS = """
INSERT INTO upload_fault (shop_id, upload_id, row_number, column_name, code, detail, order_number)
SELECT %s, %s, * FROM unnest(%b::int[], %b::text[], %b::text[], %b::text[], %b::text[]) ON CONFLICT DO NOTHING
"""
DROP_TEXT = "DELETE FROM upload_part WHERE shop_id = %s AND upload_id = %s"
DROP = "DELETE FROM upload WHERE shop_id = %s AND upload_id = %s"
PART = "SELECT text FROM upload_part WHERE shop_id = %s AND upload_id = %s AND number = %s"
PAGE = f"SELECT {_COLUMNS} FROM upload WHERE shop_id = %s AND upload_id < %s ORDER BY upload_id DESC LIMIT %s"
FAULTS = """
SELECT row_number, column_name, code, detail, order_number FROM upload_fault
WHERE shop_id = %s AND upload_id = %s AND row_number > %s ORDER BY row_number LIMIT %s
"""
CLAIM = """
UPDATE upload SET claimed_until = now() + make_interval(secs => %s)
WHERE (shop_id, upload_id) = (
    SELECT shop_id, upload_id FROM upload WHERE state IN ('waiting', 'reading') AND claimed_until < now()
    ORDER BY claimed_until, upload_id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING shop_id, upload_id
"""
HOLD = """
UPDATE upload SET claimed_until = now() + make_interval(secs => %s) WHERE shop_id = %s AND upload_id = %s
RETURNING upload_id
"""
PURGE = """
DELETE FROM upload WHERE (state = 'receiving' AND opened_at < now() - interval '1 day')
    OR (state IN ('done', 'failed') AND opened_at < now() - interval '90 days') RETURNING upload_id
"""
_LATEST = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class PostgresUploads:
    """`Uploads` of the unit's shop."""

    unit: Unit

    async def unfinished(self) -> int:
        rows = await self._rows(UNFINISHED, (self.unit.shop_id,))
        return int(rows[0][0])

    async def add(self, upload: Upload) -> None:
        values = (upload.file_name, upload.store, upload.dry_run, upload.state, upload.created_at)
        await self.unit.raw.execute(ADD, (upload.shop_id, upload.upload_id, *values))

    async def keep_part(self, upload_id: UploadId, number: int, text: bytes) -> None:
        await self.unit.raw.execute(KEEP_PART, (self.unit.shop_id, upload_id, number, text))

    async def get(self, upload_id: UUID) -> Upload:
        return await self._one(ONE, upload_id)

    async def for_update(self, upload_id: UploadId) -> Upload:
        return await self._one(FOR_UPDATE, upload_id)

    async def like(self, fingerprint: bytes) -> Upload | None:
        await self.unit.raw.execute(TAKE_TURNS, (f"tracking.upload:{self.unit.shop_id}",))
        rows = await self._rows(LIKE, (self.unit.shop_id, fingerprint))
        return _upload(rows[0]) if rows else None

    async def save(self, upload: Upload, faults: Sequence[Fault]) -> None:
        key = (self.unit.shop_id, upload.upload_id)
        counts = (upload.rows_read, upload.rows_taken, upload.rows_refused)
        ending = (upload.code, upload.reason, upload.finished_at)
        values = (upload.state, upload.size, upload.bytes_read, upload.fingerprint, *counts, *ending)
        await self.unit.raw.execute(SAVE, (*values, *key))
        if faults:
            rows = [(fault.row, fault.column, fault.code, fault.detail, fault.order) for fault in faults]
            await self.unit.raw.execute(ADD_FAULTS, (*key, *(list(column) for column in zip(*rows, strict=True))))
        if upload.finished_at is not None:
            await self.unit.raw.execute(DROP_TEXT, key)

    async def drop(self, upload_id: UploadId) -> None:
        await self.unit.raw.execute(DROP, (self.unit.shop_id, upload_id))

    async def part(self, upload_id: UUID, number: int) -> bytes | None:
        """A part of the text, counted from 0; None past the last."""
        rows = await self._rows(PART, (self.unit.shop_id, upload_id, number))
        return bytes(rows[0][0]) if rows else None

    async def page(self, before: UUID | None, most: int) -> list[Upload]:
        return [_upload(row) for row in await self._rows(PAGE, (self.unit.shop_id, before or _LATEST, most))]

    async def faults(self, upload_id: UUID, after: int, most: int) -> list[Fault]:
        rows = await self._rows(FAULTS, (self.unit.shop_id, upload_id, after, most))
        return [Fault(row=row[0], column=row[1], code=row[2], detail=row[3], order=row[4]) for row in rows]

    async def _one(self, statement: str, upload_id: UUID) -> Upload:
        rows = await self._rows(statement, (self.unit.shop_id, upload_id))
        if not rows:
            raise UploadNotFound
        return _upload(rows[0])

    async def _rows(self, statement: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        return list(await (await self.unit.raw.execute(statement.encode(), parameters)).fetchall())


def _upload(row: tuple[Any, ...]) -> Upload:
    return Upload(**dict(zip(_FIELDS, row, strict=True)))


@dataclass(frozen=True, slots=True)
class UploadReads:
    """Reads for the API, each one transaction."""

    units: Units

    async def one(self, shop_id: ShopId, upload_id: UUID) -> Upload:
        async with self.units(shop_id) as unit:
            return await PostgresUploads(unit).get(upload_id)

    async def page(self, shop_id: ShopId, before: UUID | None, most: int) -> list[Upload]:
        async with self.units(shop_id) as unit:
            return await PostgresUploads(unit).page(before, most)

    async def faults(self, shop_id: ShopId, upload_id: UUID, after: int, most: int) -> list[Fault]:
        async with self.units(shop_id) as unit:
            uploads = PostgresUploads(unit)
            await uploads.get(upload_id)
            return await uploads.faults(upload_id, after, most)


@dataclass(frozen=True, slots=True)
class WaitingUploads:
    """The uploads of all shops, for the worker: as the relay role, which sees no text."""

    relay: Database

    async def claim(self, lease_s: int) -> tuple[ShopId, UploadId] | None:
        """One that waits or that somebody died with, held for `lease_s` seconds."""
        rows = await all_rows(self.relay, CLAIM, (lease_s,))
        return (ShopId(rows[0][0]), UploadId(rows[0][1])) if rows else None

    async def hold(self, shop_id: ShopId, upload_id: UploadId, lease_s: int) -> None:
        await all_rows(self.relay, HOLD, (lease_s, shop_id, upload_id))

    async def purge(self) -> None:
        """Drop what never arrived as a whole after a day, and what has ended after 90."""
        await all_rows(self.relay, PURGE, ())
