"""A mail as an RFC 5322 message, with headers that nothing a person typed can break."""

from datetime import UTC
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Final
from urllib.parse import urlsplit

from engagement.ports import Mail

_POLICY: Final = SMTP.clone(max_line_length=990)
"""Folding at 78 would cut the unsubscribe address into encoded words; RFC 5322 allows lines of 998."""


class UnusableAddress(Exception):
    """No mail can be sent to this address."""


def compose(mail: Mail, *, mail_from: str, base_url: str) -> EmailMessage:
    """Headers, text part and HTML part. Raises UnusableAddress."""
    message = EmailMessage(policy=_POLICY)
    sender = parseaddr(mail_from)[1]
    try:
        message["From"] = Address(display_name=mail.sender_name, addr_spec=sender)
        message["To"] = Address(addr_spec=_ascii(mail.to))
    except (MessageError, ValueError, IndexError, UnicodeError) as error:
        raise UnusableAddress from error
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.sent_at.astimezone(UTC))
    message["Message-ID"] = f"<{mail.message_id}@{urlsplit(base_url).hostname or 'localhost'}>"
    message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = mail.locale
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="base64")
    return message


def _ascii(address: str) -> str:
    """The address with its domain in ASCII; a local part beyond ASCII needs SMTPUTF8, which few servers speak."""
    local, _, domain = address.strip().rpartition("@")
    local.encode("ascii")
    return f"{local}@{domain.encode('idna').decode()}"
