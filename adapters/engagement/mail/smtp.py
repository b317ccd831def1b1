"""Delivers mails by SMTP, one connection for a batch."""

import contextlib
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from adapters.engagement.mail.envelope import Composed, UnusableAddress, compose
from engagement.ports import Delivery, Mail

TIMEOUT_S: Final = 20.0
_log = structlog.get_logger()


class SmtpPost:
    """`engagement.ports.Post` over smtp:// (STARTTLS where offered) or smtps:// (TLS from the start).

    A password never travels in the clear, except to this machine itself.
    """

    def __init__(self, smtp_url: str, *, mail_from: str, base_url: str, timeout: float = TIMEOUT_S) -> None:
        parts = urlsplit(smtp_url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("The SMTP address must look like smtp[s]://user:password@host:port.")
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._tls else 587)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._mail_from = mail_from
        self._base_url = base_url
        self._timeout = timeout

    async def deliver(self, mails: Sequence[Mail]) -> Sequence[Delivery]:
        deliveries: list[Delivery] = []
        smtp: aiosmtplib.SMTP | None = None
        for mail in mails:
            try:
                composed = compose(mail, mail_from=self._mail_from, base_url=self._base_url)
            except UnusableAddress:
                deliveries.append(Delivery(message_id=mail.message_id, result="refused", error="unusable_address"))
                continue
            try:
                if smtp is None or not smtp.is_connected:
                    smtp = await self._connected()
                deliveries.append(await _send(smtp, mail, composed))
            except (aiosmtplib.SMTPException, OSError) as error:
                _log.warning("mail.not_delivered", error=type(error).__name__)
                deliveries += _away(mails[len(deliveries) :], type(error).__name__)
                break
        if smtp is not None and smtp.is_connected:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await smtp.quit()
        return deliveries

    async def _connected(self) -> aiosmtplib.SMTP:
        local = self._host in ("localhost", "127.0.0.1", "::1")
        smtp = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._tls,
            start_tls=None if self._tls or local or not self._user else True,
            timeout=self._timeout,
        )
        await smtp.connect()
        return smtp


def _away(mails: Sequence[Mail], error: str) -> list[Delivery]:
    return [Delivery(message_id=mail.message_id, result="try_again", error=error) for mail in mails]


async def _send(smtp: aiosmtplib.SMTP, mail: Mail, composed: Composed) -> Delivery:
    """A 5xx answer to this mail is final, a 4xx is not (RFC 5321, 4.2.1)."""
    try:
        await smtp.sendmail(composed.sender, [composed.recipient], composed.content)
    except aiosmtplib.SMTPRecipientsRefused as refused:
        return _answered(mail, max((recipient.code for recipient in refused.recipients), default=550))
    except aiosmtplib.SMTPResponseException as refused:
        return _answered(mail, refused.code)
    return Delivery(message_id=mail.message_id, result="accepted")


def _answered(mail: Mail, code: int) -> Delivery:
    final = 500 <= code < 600 and code not in (530, 535)
    return Delivery(message_id=mail.message_id, result="refused" if final else "try_again", error=f"smtp_{code}")
