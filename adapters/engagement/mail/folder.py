"""Writes mails into a folder instead of sending them: for the demo, and where no SMTP server is configured.

Each mail is three files named by its message id: `.eml`, `.html`, and `.json` for the list. Writing the same mail
again replaces it. The `.eml` is the mail: it is on disk before it counts as sent; the other two only show it.
"""

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.engagement.mail.envelope import UnusableAddress, compose
from engagement.ports import Delivery, Mail


class Listed(Struct, frozen=True, kw_only=True):
    """One mail in the outbox folder."""

    message_id: UUID
    template: str
    locale: str
    to: str
    sender: str
    subject: str
    sent_at: datetime


class FolderPost:
    """`engagement.ports.Post` into a folder."""

    def __init__(self, folder: Path, *, mail_from: str, base_url: str) -> None:
        self._folder = folder
        self._mail_from = mail_from
        self._base_url = base_url

    async def deliver(self, mails: Sequence[Mail]) -> Sequence[Delivery]:
        return await asyncio.to_thread(self._write_all, mails)

    def _write_all(self, mails: Sequence[Mail]) -> list[Delivery]:
        deliveries = []
        for mail in mails:
            try:
                self._write(mail)
            except UnusableAddress:
                deliveries.append(Delivery(message_id=mail.message_id, result="refused", error="unusable_address"))
            except OSError as error:
                deliveries.append(Delivery(message_id=mail.message_id, result="try_again", error=type(error).__name__))
            else:
                deliveries.append(Delivery(message_id=mail.message_id, result="accepted"))
        if any(delivery.result == "accepted" for delivery in deliveries):
            _sync_folder(self._folder)
        return deliveries

    def _write(self, mail: Mail) -> None:
        composed = compose(mail, mail_from=self._mail_from, base_url=self._base_url)
        listed = Listed(
            message_id=mail.message_id,
            template=mail.template,
            locale=mail.locale,
            to=mail.to,
            sender=mail.sender_name,
            subject=mail.subject,
            sent_at=mail.sent_at,
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        stem = self._folder / str(mail.message_id)
        _write_whole(stem.with_suffix(".eml"), composed.content, durable=True)
        _write_whole(stem.with_suffix(".html"), mail.html.encode())
        _write_whole(stem.with_suffix(".json"), msgspec.json.encode(listed))


def listed(folder: Path, limit: int = 200) -> list[Listed]:
    """The newest mails first; message ids are ordered by time."""
    if not folder.is_dir():
        return []
    newest = sorted(folder.glob("*.json"), key=lambda path: path.name, reverse=True)[:limit]
    return [entry for entry in map(_entry, newest) if entry is not None]


def _entry(path: Path) -> Listed | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Listed)
    except (OSError, msgspec.DecodeError):
        return None


def read(folder: Path, message_id: UUID, suffix: str) -> bytes | None:
    """One of the files of a mail, or None when there is no such mail."""
    path = folder / f"{message_id}{suffix}"
    return path.read_bytes() if path.is_file() else None


def _write_whole(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write so that a reader sees the whole file or none; `durable`: so does a machine that lost its power."""
    unfinished = path.with_suffix(f"{path.suffix}.part")
    with unfinished.open("wb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    unfinished.replace(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
