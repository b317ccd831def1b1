"""A mail as RFC 5322 bytes, with headers that nothing a person typed can break.

Written by hand because the standard library's message classes take fifty times as long, and every reward makes a mail.
"""

import binascii
import re
from datetime import UTC
from email.utils import format_datetime, parseaddr
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from engagement.ports import Mail

_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_PLAIN: Final = re.compile(r"[A-Za-z0-9 .,:!'*+/-]{1,70}")
_CHUNK: Final = 45
"""Bytes in one encoded word: 60 letters of base64 and its frame stay under the 75 that RFC 2047 allows."""


class UnusableAddress(Exception):
    """No mail can be sent to this address."""


class Composed(NamedTuple):
    sender: str
    recipient: str
    content: bytes


def compose(mail: Mail, *, mail_from: str, base_url: str) -> Composed:
    """Headers, text part and HTML part. Raises UnusableAddress."""
    sender, recipient = usable(parseaddr(mail_from)[1]), usable(mail.to)
    boundary = f"part-{mail.message_id.hex}"
    headers = (
        f"From: {phrase(mail.sender_name)} <{sender}>",
        f"To: {recipient}",
        f"Subject: {encoded(mail.subject)}",
        f"Date: {format_datetime(mail.sent_at.astimezone(UTC))}",
        f"Message-ID: <{mail.message_id}@{urlsplit(base_url).hostname or 'localhost'}>",
        f"List-Unsubscribe: <{mail.unsubscribe_url}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        f"Content-Language: {mail.locale}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
    )
    parts = (
        b"\r\n".join(header.encode("ascii") for header in headers),
        b"",
        *_part(boundary, "text/plain", mail.text),
        *_part(boundary, "text/html", mail.html),
        f"--{boundary}--".encode(),
        b"",
    )
    return Composed(sender, recipient, b"\r\n".join(parts))


def usable(address: str) -> str:
    """The address with its domain in ASCII; a local part beyond ASCII needs SMTPUTF8, which few servers speak."""
    local, _, domain = address.strip().rpartition("@")
    try:
        ascii_domain = domain.lower().encode("idna").decode()
    except UnicodeError:
        raise UnusableAddress from None
    if len(local) > 64 or len(ascii_domain) > 253 or not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(ascii_domain)):
        raise UnusableAddress
    return f"{local}@{ascii_domain}"


def encoded(text: str) -> str:
    """Text for a header: plain where it is plain, else encoded words (RFC 2047), one a line."""
    if _PLAIN.fullmatch(text):
        return text.strip()
    words, chunk = [], b""
    for letter in text.encode("utf-8", "replace").decode():
        raw = letter.encode()
        if len(chunk) + len(raw) > _CHUNK:
            words.append(chunk)
            chunk = b""
        chunk += raw
    words.append(chunk)
    return "\r\n ".join(f"=?utf-8?b?{binascii.b2a_base64(word, newline=False).decode()}?=" for word in words)


def phrase(name: str) -> str:
    """A display name: quoted where it is plain."""
    return f'"{name.strip()}"' if _PLAIN.fullmatch(name) else encoded(name)


def _part(boundary: str, media_type: str, text: str) -> tuple[bytes, ...]:
    content = binascii.b2a_base64("\r\n".join(text.splitlines()).encode("utf-8", "replace"), newline=False)
    lines = (content[start : start + 76] for start in range(0, len(content), 76))
    return (
        f"--{boundary}".encode(),
        f"Content-Type: {media_type}; charset=utf-8".encode(),
        b"Content-Transfer-Encoding: base64",
        b"",
        *lines,
    )
