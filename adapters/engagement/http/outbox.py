"""The demo's outbox: the mails that were written into the folder, to look at. Only in the demo: it has no key."""

from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from adapters.engagement.mail.folder import listed, read
from adapters.engagement.pages.render import page
from adapters.shared.settings import AppSettings
from kernel.errors import DomainError

_TYPES: Final = {".html": "text/html", ".eml": "message/rfc822"}
_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:;"
        " sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


class NoSuchMail(DomainError):
    code = "no_such_mail"
    kind = "not_found"
    title = "There is no such mail"


class OutboxController(Controller):
    path = "/outbox"
    include_in_schema = False

    @get(sync_to_thread=True)
    def show(
        self,
        settings: NamedDependency[AppSettings],
        mail: Annotated[str | None, QueryParameter(required=False, max_length=64)] = None,
    ) -> Response[bytes]:
        mails = listed(_folder(settings))
        chosen = next((entry for entry in mails if str(entry.message_id) == mail), mails[0] if mails else None)
        return page("outbox.html", frames=True, mails=mails, chosen=chosen)

    @get("/{file_name:str}", sync_to_thread=True)
    def read_file(self, file_name: FromPath[str], settings: NamedDependency[AppSettings]) -> Response[bytes]:
        stem, suffix = Path(file_name).stem, Path(file_name).suffix
        try:
            content = read(_folder(settings), UUID(stem), suffix) if suffix in _TYPES else None
        except ValueError:
            content = None
        if content is None:
            raise NoSuchMail
        if suffix == ".html":
            content = content.replace(b"<head>", b'<head><base target="_blank">', 1)
        return Response(content, media_type=_TYPES[suffix], headers=_HEADERS)


def _folder(settings: AppSettings) -> Path:
    if settings.outbox_folder is None:
        raise NoSuchMail
    return settings.outbox_folder
