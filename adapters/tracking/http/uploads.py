"""Files of orders from physical stores: sent in one request, read by the worker, answered for row by row."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import InternalServerException
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.params import FromPath, QueryParameter
from msgspec import Meta

from adapters.shared.http.auth import Caller
from adapters.shared.http.bodies import Answer, decode_cursor, encode_cursor
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from adapters.shared.postgres.bell import Bell
from adapters.tracking.channels import UPLOADS
from adapters.tracking.http.shapes import READ, WRITE, Cursor, Limit, next_cursor, position
from adapters.tracking.platforms.reading import clean
from adapters.tracking.postgres.uploads import UploadReads
from adapters.tracking.stores.faults_file import faults_file
from tracking.application.close_upload import Closed, CloseUpload, Whole
from tracking.application.drop_upload import DropUpload
from tracking.application.keep_part import KeepPart
from tracking.application.open_upload import NewUpload, OpenUpload
from tracking.domain.upload import DEFAULT_STORE, MOST_BYTES, MOST_FAULTS, Upload, UploadCut, UploadIsForm

PART_BYTES: Final = 256 * 1024
_PREFIX: Final = "upl"
_EXAMPLE: Final = "store;order;date;total;tax;code\r\nMitte;1001;20.11.2026 14:05;119,00;19,00;7K2M-9QX0\r\n"
FileName = Annotated[str, QueryParameter(required=False, max_length=200)]
Store = Annotated[str, QueryParameter(required=False, max_length=60, description="The store of rows that name none.")]
DryRun = Annotated[bool, QueryParameter(required=False, description="Read and judge every row, and record nothing.")]


@dataclass
class _TakesFile(Operation):
    """The body is the file itself, which no handler's signature says."""

    def __post_init__(self) -> None:
        schema = Schema(type="string", format="binary", description="The file, at most 50 MB.")  # type: ignore[arg-type]
        media = {"text/csv": OpenAPIMediaType(schema=schema, example=_EXAMPLE)}
        self.request_body = RequestBody(content=media, required=True, description="The file as it is, not in a form.")


class FailureAnswer(Answer, frozen=True, kw_only=True):
    """Why the rest of the file could not be read. The rows before were dealt with."""

    code: Annotated[str, Meta(examples=["column_missing"])]
    detail: str


class UploadAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["upl_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    file_name: str
    store: str
    dry_run: bool
    state: Literal["receiving", "waiting", "reading", "done", "failed"]
    bytes: int
    bytes_read: int
    rows_read: int
    """Rows of the file that were dealt with, the header among them."""
    rows_taken: int
    """In a dry run: rows that would be taken."""
    rows_refused: int
    created_at: datetime
    finished_at: datetime | None
    failure: FailureAnswer | None


class ReceivedAnswer(UploadAnswer, frozen=True, kw_only=True):
    repeated: bool
    """This very file was uploaded before: nothing is done again, and this is that upload."""


class UploadList(Answer, frozen=True, kw_only=True):
    items: list[UploadAnswer]
    next_cursor: str | None


class FaultAnswer(Answer, frozen=True, kw_only=True):
    row: int
    """Counted from 1, the header among them, as spreadsheets count."""
    order: str
    column: str
    code: Annotated[str, Meta(examples=["bad_date"])]
    detail: str


class FaultList(Answer, frozen=True, kw_only=True):
    items: list[FaultAnswer]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class UploadDesk:
    """Takes a file in part by part, so that no process ever holds a whole one."""

    open: OpenUpload
    keep: KeepPart
    close: CloseUpload
    drop: DropUpload
    reads: UploadReads
    bell: Bell

    async def receive(self, wanted: NewUpload, chunks: AsyncIterator[bytes]) -> Closed:
        upload = await self.open(wanted)
        try:
            closed = await self._receive(upload, chunks)
        except BaseException:
            await self.drop(upload.shop_id, upload.upload_id)
            raise
        self.bell.ring(UPLOADS)
        return closed

    async def _receive(self, upload: Upload, chunks: AsyncIterator[bytes]) -> Closed:
        shop_id, upload_id = upload.shop_id, upload.upload_id
        seal = hashlib.sha256(f"{upload.store}\n{upload.dry_run}\n".encode())
        part, size, number = bytearray(), 0, 0
        async for chunk in chunks:
            seal.update(chunk)
            size += len(chunk)
            part += chunk
            if len(part) >= PART_BYTES:
                await self.keep(shop_id, upload_id, number, bytes(part))
                part, number = bytearray(), number + 1
        if part:
            await self.keep(shop_id, upload_id, number, bytes(part))
        whole = Whole(shop_id=shop_id, upload_id=upload_id, size=size, fingerprint=seal.digest())
        return await self.close(whole)


class UploadController(Controller):
    path = "/api/v1/order-uploads"
    tags = ("tracking",)

    @post(
        operation_id="uploadOrders",
        summary="Upload a file of orders from a physical store",
        description="CSV with a header, in UTF-8, UTF-16 or Windows-1252, separated by comma, semicolon, tab or bar. "
        "Answered when the file is stored; the worker reads it. The same file again changes nothing.",
        guards=WRITE,
        opt={"idempotency": "none"},
        request_max_body_size=MOST_BYTES,
        operation_class=_TakesFile,
        status_code=202,
        responses=refusals(409, 413, 422)
        | {200: ResponseSpec(ReceivedAnswer, description="The file was uploaded before", generate_examples=False)},
    )
    async def create(
        self,
        request: Request[Any, Any, Any],
        caller: NamedDependency[Caller],
        upload_desk: NamedDependency[UploadDesk],
        file_name: FileName = "",
        store: Store = DEFAULT_STORE,
        dry_run: DryRun = False,
    ) -> Response[ReceivedAnswer]:
        wanted = NewUpload(shop_id=caller.shop_id, file_name=clean(file_name), store=store, dry_run=dry_run)
        closed = await upload_desk.receive(wanted, _chunks(request))
        answer = ReceivedAnswer(**_fields(closed.upload), repeated=closed.repeated)
        return Response(answer, status_code=200 if closed.repeated else 202)

    @get(operation_id="listUploads", summary="Uploaded files, newest first", guards=READ, responses=refusals(404, 422))
    async def read_all(
        self,
        caller: NamedDependency[Caller],
        upload_desk: NamedDependency[UploadDesk],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> UploadList:
        found = await upload_desk.reads.page(caller.shop_id, position(cursor, _PREFIX), limit)
        last = found[-1].upload_id if found else None
        return UploadList(
            items=[UploadAnswer(**_fields(upload)) for upload in found],
            next_cursor=next_cursor(_PREFIX, last, len(found), limit),
        )

    @get(
        "/{upload_id:str}",
        operation_id="getUpload",
        summary="An uploaded file: how far it was read, and what came of it",
        guards=READ,
        responses=refusals(404),
    )
    async def read(
        self, upload_id: FromPath[str], caller: NamedDependency[Caller], upload_desk: NamedDependency[UploadDesk]
    ) -> UploadAnswer:
        return UploadAnswer(**_fields(await upload_desk.reads.one(caller.shop_id, from_wire(_PREFIX, upload_id))))

    @get(
        "/{upload_id:str}/errors",
        operation_id="listUploadErrors",
        summary="The rows that were refused, and why",
        guards=READ,
        responses=refusals(404, 422),
    )
    async def errors(
        self,
        upload_id: FromPath[str],
        caller: NamedDependency[Caller],
        upload_desk: NamedDependency[UploadDesk],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> FaultList:
        """The first 10,000 are kept."""
        decoded = decode_cursor(cursor, int)
        after = int(str(decoded[0])) if decoded else 0
        found = await upload_desk.reads.faults(caller.shop_id, from_wire(_PREFIX, upload_id), after, limit)
        items = [
            FaultAnswer(row=fault.row, order=fault.order, column=fault.column, code=fault.code, detail=fault.detail)
            for fault in found
        ]
        return FaultList(items=items, next_cursor=encode_cursor(items[-1].row) if len(items) == limit else None)

    @get(
        "/{upload_id:str}/errors.csv",
        operation_id="downloadUploadErrors",
        summary="The rows that were refused, as a file for spreadsheets",
        guards=READ,
        media_type="text/csv",
        responses=refusals(404),
    )
    async def download(
        self, upload_id: FromPath[str], caller: NamedDependency[Caller], upload_desk: NamedDependency[UploadDesk]
    ) -> Response[bytes]:
        found = await upload_desk.reads.faults(caller.shop_id, from_wire(_PREFIX, upload_id), 0, MOST_FAULTS)
        shown = {"content-disposition": 'attachment; filename="errors.csv"', "x-content-type-options": "nosniff"}
        return Response(faults_file(found), media_type="text/csv", headers=shown)


async def _chunks(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    if request.content_type[0].startswith("multipart/"):
        raise UploadIsForm
    try:
        async for chunk in request.stream():
            yield chunk
    except InternalServerException:  # what the framework calls a client that has gone away
        raise UploadCut from None


def _fields(upload: Upload) -> dict[str, Any]:
    failure = FailureAnswer(code=upload.code, detail=upload.reason or "") if upload.code else None
    named = (
        "file_name", "store", "dry_run", "state", "bytes_read", "rows_read", "rows_taken", "rows_refused",
        "created_at", "finished_at",
    )  # fmt: skip
    shown = {name: getattr(upload, name) for name in named}
    return shown | {"id": to_wire(_PREFIX, upload.upload_id), "bytes": upload.size, "failure": failure}
