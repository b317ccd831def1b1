"""Uploads: a file of orders from a physical store, kept in parts, read row by row, answered for row by row."""

from datetime import datetime
from typing import Final, Literal, NewType, Self
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kernel.errors import DomainError
from kernel.ids import ShopId

UploadId = NewType("UploadId", UUID)
State = Literal["receiving", "waiting", "reading", "done", "failed"]

MOST_BYTES: Final = 50 * 1024 * 1024
MOST_ROWS: Final = 500_000
MOST_AT_ONCE: Final = 5
MOST_FAULTS: Final = 10_000
"""How many faults are kept of one upload; the counts go on."""
DEFAULT_STORE: Final = "store"


class UploadNotFound(DomainError):
    code = "unknown_upload"
    kind = "not_found"
    title = "There is no such upload"


class TooManyUploads(DomainError):
    code = "too_many_uploads"
    kind = "conflict"
    title = f"{MOST_AT_ONCE} uploads are still on their way; wait until one is done"


class UploadEmpty(DomainError):
    code = "upload_empty"
    title = "The file is empty"


class UploadCut(DomainError):
    code = "upload_cut"
    title = "The file ended early"


class UploadIsForm(DomainError):
    code = "upload_is_form"
    title = "The file is the body itself, not a part of a form: send it with --data-binary"


class StoreUnfit(DomainError):
    code = "store_unfit"
    title = "A store has a name of 1 to 60 characters without a slash"


class Unreceived(DomainError):
    code = "upload_not_open"
    kind = "conflict"
    title = "The upload takes no more"


class Fault(Struct, frozen=True, kw_only=True):
    """What is wrong with one row. `row` counts from 1 with the header; `order` is the row's order number, if any."""

    row: int
    column: str
    code: str
    detail: str
    order: str = ""


class Step(Struct, frozen=True, kw_only=True):
    """What came of the rows up to and with `row`. `failure` (code, reason) is why the rest cannot be read."""

    row: int
    bytes_read: int
    taken: int
    refused: int
    faults: tuple[Fault, ...] = ()
    last: bool = False
    failure: tuple[str, str] | None = None


class Upload(Struct, frozen=True, kw_only=True):
    """One file. `rows_read` is the last row that was dealt with: whoever goes on after a crash starts behind it."""

    shop_id: ShopId
    upload_id: UploadId
    file_name: str
    store: str
    """The store of rows that name none."""
    dry_run: bool
    """Read and judged, and nothing recorded."""
    state: State
    created_at: datetime
    size: int = 0
    """In bytes."""
    bytes_read: int = 0
    fingerprint: bytes | None = None
    rows_read: int = 0
    rows_taken: int = 0
    rows_refused: int = 0
    code: str | None = None
    reason: str | None = None
    finished_at: datetime | None = None

    def closed(self, size: int, fingerprint: bytes) -> Self:
        """The whole file is here. Refuses an empty one, and one that was closed before."""
        if self.state != "receiving":
            raise Unreceived
        if size == 0:
            raise UploadEmpty
        return replace(self, state="waiting", size=size, fingerprint=fingerprint)

    def stepped(self, step: Step, at: datetime) -> Self:
        """After some rows more. A step that was counted before changes nothing."""
        if self.state not in {"waiting", "reading"} or (step.row <= self.rows_read and not step.last):
            return self
        ended = step.last or step.failure is not None
        state: State = "failed" if step.failure else "done" if ended else "reading"
        return replace(
            self,
            state=state,
            bytes_read=self.size if step.last else step.bytes_read,
            rows_read=max(self.rows_read, step.row),
            rows_taken=self.rows_taken + step.taken,
            rows_refused=self.rows_refused + step.refused,
            code=step.failure[0] if step.failure else None,
            reason=step.failure[1] if step.failure else None,
            finished_at=at if ended else None,
        )


def fit_store(name: str) -> str:
    """The store's name, part of what its orders are known by."""
    text = name.strip()
    if not 1 <= len(text) <= 60 or "/" in text or not text.isprintable():
        raise StoreUnfit(pointer="/store")
    return text
