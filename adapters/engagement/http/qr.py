"""The QR code of an advocate's link, as SVG: public, and only for links that there are."""

import hashlib
import io
import re
from functools import lru_cache
from typing import Annotated, Final

import segno
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter

from adapters.engagement.postgres.facts import LinkCodes
from adapters.shared.http.problems import refusals
from adapters.shared.settings import AppSettings
from engagement.domain.sharing import tagged_link
from kernel.errors import DomainError

CACHED: Final = "public, max-age=86400"
MEDIA_TYPE: Final = "image/svg+xml"
_CODE: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")


class UnknownLink(DomainError):
    code = "unknown_link"
    kind = "not_found"
    title = "There is no such link"


@lru_cache(maxsize=1024)
def drawn(url: str) -> bytes:
    """Error correction M, dark on white with the quiet zone that scanners need, 8 pixels a module."""
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="svg", border=4, scale=8, light="#ffffff", xmldecl=False)
    return out.getvalue()


class QrController(Controller):
    path = "/qr"
    tags = ("engagement",)

    @get(
        "/{file_name:str}",
        operation_id="getQrCode",
        summary="The QR code of an advocate's link, as SVG",
        description="`file_name` is the link code with `.svg` at its end. Needs no key.",
        media_type=MEDIA_TYPE,
        security=[{}],
        responses={
            200: ResponseSpec(str, generate_examples=False, media_type=MEDIA_TYPE, description="The picture"),
            304: ResponseSpec(data_container=None, description="The picture that the client has"),
            **refusals(404),
        },
    )
    async def read(
        self,
        file_name: FromPath[str],
        link_codes: NamedDependency[LinkCodes],
        settings: NamedDependency[AppSettings],
        if_none_match: Annotated[str, HeaderParameter(name="if-none-match", required=False, max_length=500)] = "",
    ) -> Response[bytes]:
        link = await link_codes.find(_typed_code(file_name))
        if link is None:
            raise UnknownLink
        picture = drawn(tagged_link(settings.base_url, link.link_code, "qr", link.campaign))
        etag = f'"{hashlib.sha256(picture).hexdigest()[:20]}"'
        headers = {"cache-control": CACHED, "etag": etag}
        if etag in if_none_match:
            return Response(b"", status_code=304, headers=headers, media_type=MEDIA_TYPE)
        return Response(picture, headers=headers, media_type=MEDIA_TYPE)


def _typed_code(file_name: str) -> str:
    code, dot, ending = file_name.rpartition(".")
    if not dot or ending != "svg" or not _CODE.fullmatch(code):
        raise UnknownLink
    return code
