"""Exports: rows and figures of a period as CSV or Parquet, streamed."""

import asyncio
import tempfile
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Final, Literal

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIResponse, Operation
from litestar.params import QueryParameter
from litestar.response import Stream

from adapters.shared.http.auth import Caller
from adapters.shared.http.problems import refusals
from adapters.tracking.http.report_shapes import From, To
from adapters.tracking.http.reports import begun
from adapters.tracking.http.shapes import READ
from adapters.tracking.reports.engine import Engine, chunks, columns_of
from adapters.tracking.reports.reads import ReportReads
from adapters.tracking.reports.rows import SHEETS, Sheet, ShopRows, Wanted, header
from kernel.ids import ShopId

What = Literal["clicks", "orders", "attributions", "referrals", "figures"]
AT_ONCE: Final = 2
_MEDIA: Final = {
    "csv": "text/csv",
    "csv.gz": "application/gzip",
    "parquet": "application/vnd.apache.parquet",
}
Make = Callable[[ShopRows, ShopId, Sheet, Wanted], AsyncIterator[bytes]]
_gate = asyncio.Semaphore(AT_ONCE)


@dataclass
class _GivesFile(Operation):
    """The file comes as one of several types, of which a handler can name one."""

    def __post_init__(self) -> None:
        found = (self.responses or {}).get("200")
        if isinstance(found, OpenAPIResponse) and found.content:
            found.content |= dict.fromkeys(_MEDIA.values(), found.content[_MEDIA["csv"]])


class ReportExportController(Controller):
    path = "/api/v1/reports/exports"
    tags = ("tracking",)

    @get(
        operation_id="exportReport",
        summary="Clicks, orders, attributions, referrals or figures as a file",
        guards=READ,
        operation_class=_GivesFile,
        responses=refusals(422)
        | {200: ResponseSpec(bytes, description="The file", generate_examples=False, media_type=_MEDIA["csv"])},
    )
    async def export(
        self,
        caller: NamedDependency[Caller],
        report_reads: NamedDependency[ReportReads],
        shop_rows: NamedDependency[ShopRows],
        report_engine: NamedDependency[Engine],
        what: Annotated[What, QueryParameter(required=False)] = "figures",
        since: From = None,
        until: To = None,
        file: Annotated[Literal["csv", "csv.gz", "parquet"], QueryParameter(required=False)] = "csv",
    ) -> Stream:
        """Times are UTC, as the columns' names say;
        the period is of days in the shop's time zone, which the header Grapevine-Time-Zone names. Clicks up to the
        moment in the header Grapevine-Rows-Since are no longer kept; without the header all of the period are there.

        In CSV a text that a spreadsheet would run as a formula has an apostrophe in front; in Parquet it has not.
        """
        sheet = SHEETS[what]
        _, asked = await begun(report_reads, caller.shop_id, since, until)
        as_of = await report_reads.as_of()
        since_rows = await report_reads.rows_since(caller.shop_id, asked.begins, what)
        wanted = Wanted(
            begins=asked.begins, ends=asked.ends, first=asked.first.isoformat(), last=asked.last.isoformat()
        )
        makers: dict[str, Make] = {"csv": _csv, "csv.gz": _zipped, "parquet": partial(_parquet, report_engine)}
        name = f"{what}_{asked.first}_{asked.last}.{file}"
        return Stream(
            makers[file](shop_rows, caller.shop_id, sheet, wanted),
            media_type=_MEDIA[file],
            headers={
                "content-disposition": f'attachment; filename="{name}"',
                "cache-control": "no-store",
                "grapevine-time-zone": asked.zone,
                "grapevine-as-of": as_of.isoformat(),
                **({"grapevine-rows-since": since_rows.isoformat()} if since_rows is not None else {}),
            },
        )


async def _csv(rows: ShopRows, shop_id: ShopId, sheet: Sheet, wanted: Wanted) -> AsyncIterator[bytes]:
    yield header(sheet)
    async for page in rows.pages(shop_id, sheet, wanted, safe=True):
        yield page


async def _zipped(rows: ShopRows, shop_id: ShopId, sheet: Sheet, wanted: Wanted) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    async for part in _csv(rows, shop_id, sheet, wanted):
        yield await asyncio.to_thread(packer.compress, part)
    yield packer.flush()


async def _parquet(
    engine: Engine, rows: ShopRows, shop_id: ShopId, sheet: Sheet, wanted: Wanted
) -> AsyncIterator[bytes]:
    # A Parquet file ends with its table of contents, so it is made whole first; at most two at once fill the disk.
    async with _gate:
        with tempfile.TemporaryDirectory(prefix="grapevine-export-") as folder:
            csv, made = Path(folder) / "rows.csv", Path(folder) / "rows.parquet"
            with csv.open("wb") as file:
                file.write(header(sheet))
                async for page in rows.pages(shop_id, sheet, wanted, safe=False):
                    await asyncio.to_thread(file.write, page)
            await engine.to_parquet(csv, made, columns_of(sheet))
            csv.unlink()
            async for chunk in chunks(made):
                yield chunk
