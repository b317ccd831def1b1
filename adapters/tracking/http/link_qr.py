"""QR codes of links: for screens as SVG and PNG, for print in millimetres as SVG, PNG and PDF."""

import hashlib
import io
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

import segno
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from adapters.shared.http.auth import Caller
from adapters.shared.http.ids import from_wire
from adapters.shared.http.problems import refusals
from adapters.tracking.http.shapes import READ
from adapters.tracking.link_places import LinkPlaces
from adapters.tracking.postgres.reads import Reads
from tracking.domain.link import Link

Format = Literal["svg", "png", "pdf"]
MEDIA_TYPES: Final[dict[Format, str]] = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}
LEAST_MM: Final = 15
MOST_MM: Final = 500
_QUIET: Final = 4
"""Modules of quiet zone on each side that ISO/IEC 18004 asks for."""
_MM_PER_INCH: Final = 25.4
_POINTS_PER_INCH: Final = 72
_PRINT_DPI: Final = 300
_SCREEN_SCALE: Final = 8
SizeMm = Annotated[int | None, QueryParameter(required=False, ge=LEAST_MM, le=MOST_MM)]
"""Width on paper, quiet zone included."""
Channel = Annotated[str, QueryParameter(required=False, pattern=r"^[a-z0-9_-]{0,40}$(?!\n)")]
"""What the link's utm_source says of those who scan it; empty: nothing."""


@lru_cache(maxsize=512)
def qr_of(address: str, kind: Format, size_mm: int | None) -> bytes:
    """The code with its quiet zone, dark on white, error correction M; `size_mm` is its width on paper.

    A PNG for print has at least 300 dots an inch, as many whole pixels a module as that takes.
    """
    code = segno.make(address, error="m", micro=False)
    modules = code.symbol_size(border=_QUIET)[0]
    out = io.BytesIO()
    if kind == "pdf":
        width = (size_mm or 50) / _MM_PER_INCH * _POINTS_PER_INCH
        code.save(out, kind="pdf", border=_QUIET, scale=width / modules, light="#ffffff", compresslevel=9)
    elif kind == "png" and size_mm is not None:
        scale = -(-round(size_mm / _MM_PER_INCH * _PRINT_DPI) // modules)
        dpi = round(scale * modules / (size_mm / _MM_PER_INCH))
        code.save(out, kind="png", border=_QUIET, scale=scale, dpi=dpi)
    elif kind == "png":
        code.save(out, kind="png", border=_QUIET, scale=_SCREEN_SCALE)
    elif size_mm is not None:
        scale_mm = size_mm / modules
        code.save(out, kind="svg", border=_QUIET, scale=scale_mm, unit="mm", light="#ffffff", xmldecl=False)
    else:
        code.save(out, kind="svg", border=_QUIET, scale=_SCREEN_SCALE, light="#ffffff", xmldecl=False)
    return out.getvalue()


def _documented(kind: Format) -> dict[int, ResponseSpec]:
    picture = ResponseSpec(str, generate_examples=False, media_type=MEDIA_TYPES[kind], description="The picture")
    return {200: picture, **refusals(404, 422)}


def _route(kind: Format, summary: str) -> HTTPRouteHandler:
    @get(
        f"/api/v1/links/{{link_id:str}}/qr.{kind}",
        operation_id=f"getLinkQr{kind.title()}",
        summary=summary,
        tags=["tracking"],
        guards=READ,
        media_type=MEDIA_TYPES[kind],
        responses=_documented(kind),
    )
    async def draw(
        link_id: FromPath[str],
        caller: NamedDependency[Caller],
        tracking_reads: NamedDependency[Reads],
        size_mm: SizeMm = None,
        channel: Channel = "qr",
    ) -> Response[bytes]:
        found = await tracking_reads.link(caller.shop_id, from_wire("lnk", link_id))
        return _picture(*found, kind, size_mm, channel)

    return draw


LINK_QR_ROUTES: Final = (
    _route("svg", "The link as a QR code for screens, or with size_mm for print"),
    _route("png", "The link as a QR code for screens, or with size_mm for print at 300 dots an inch or more"),
    _route("pdf", "The link as a QR code for print, 50 mm wide unless size_mm says otherwise"),
)


def _picture(link: Link, places: LinkPlaces, kind: Format, size_mm: int | None, channel: str) -> Response[Any]:
    address = places.urls(link)[0] + (f"?utm_source={channel}" if channel else "")
    drawn = qr_of(address, kind, size_mm)
    headers = {
        "etag": f'"{hashlib.sha256(drawn).hexdigest()[:20]}"',
        "cache-control": "private, max-age=300",
        "content-disposition": f'inline; filename="{link.vanity or link.code}.{kind}"',
    }
    return Response(drawn, headers=headers, media_type=MEDIA_TYPES[kind])
