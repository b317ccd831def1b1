"""Passing a deal on: the channels, and the addresses that open them with the text filled in.

Everything that goes into an address is percent-encoded by RFC 3986 with nothing left over: a space is `%20`, never
`+`, because mail and messaging programs do not decode forms.
"""

import re
import unicodedata
from datetime import datetime
from typing import Final, get_args
from urllib.parse import quote
from uuid import UUID

from msgspec import Struct

from engagement.events import Channel, DealShared
from kernel.errors import DomainError
from kernel.ids import AdvocateId
from kernel.texts import can_be_seen

CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
LONGEST_TEXT: Final = 1000

_HIDDEN: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class MalformedText(DomainError):
    code = "malformed_text"
    title = "The text cannot be shared"


class Words(Struct, frozen=True, kw_only=True):
    """What to say through one channel, in one language. `subject` is used by e-mail and the native share sheet."""

    label: str
    subject: str
    text: str
    disclosure: str


class ReadyShare(Struct, frozen=True, kw_only=True):
    """One channel, ready: `text` holds everything but the link; `address` opens the channel, empty where a script
    must do it (native share sheet, copy)."""

    channel: Channel
    label: str
    subject: str
    text: str
    link: str
    address: str


def clean_text(edited: str) -> str:
    """An advocate's own text: trimmed, line ends as "\\n", without control and direction-changing characters."""
    text = _HIDDEN.sub("", edited.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not can_be_seen(text):
        raise MalformedText("The text is empty.", pointer="/text")
    if len(text) > LONGEST_TEXT:
        raise MalformedText(f"The text is longer than {LONGEST_TEXT} characters.", pointer="/text")
    return text


def slug(title: str) -> str:
    """A title as a UTM value: "Freunde werben Größe!" becomes "freunde-werben-grosse"."""
    plain = unicodedata.normalize("NFKD", title.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "refer-a-friend"


def tagged_link(base_url: str, link_code: str, channel: Channel, campaign: str) -> str:
    """The advocate's link with UTM values that name the channel."""
    return (
        f"{base_url}/l/{encoded(link_code)}"
        f"?utm_source={channel}&utm_medium=referral&utm_campaign={encoded(slug(campaign))}"
    )


def encoded(text: str) -> str:
    """Percent-encoded UTF-8 with only RFC 3986's unreserved characters left as they are."""
    return quote(text, safe="", errors="replace")


def make_ready(channel: Channel, words: Words, link: str, *, qr_url: str) -> ReadyShare:
    """The channel's text with its disclosure, and the address that opens it."""
    text = f"{words.text}\n{words.disclosure}" if words.disclosure else words.text
    return ReadyShare(
        channel=channel,
        label=words.label,
        subject=words.subject,
        text=text,
        link=link,
        address=qr_url if channel == "qr" else address(channel, subject=words.subject, text=text, link=link),
    )


def address(channel: Channel, *, subject: str, text: str, link: str) -> str:
    """The address that opens a channel with everything filled in; empty where there is none.

    Sources: mailto RFC 6068 (line ends are %0D%0A); sms RFC 5724, whose `?&body=` is read by iOS and Android alike;
    wa.me by WhatsApp's click-to-chat; sharer.php takes only an address and reads the page's Open Graph tags;
    fb-messenger opens the app; x.com/intent/tweet by X's web intents.
    """
    spoken = f"{text}\n{link}"
    body = encoded(spoken.replace("\n", "\r\n"))
    addresses: dict[Channel, str] = {
        "email": f"mailto:?subject={encoded(subject)}&body={body}",
        "sms": f"sms:?&body={encoded(spoken)}",
        "whatsapp": f"https://wa.me/?text={encoded(spoken)}",
        "facebook": f"https://www.facebook.com/sharer/sharer.php?u={encoded(link)}",
        "messenger": f"fb-messenger://share/?link={encoded(link)}",
        "x": f"https://x.com/intent/tweet?text={encoded(text)}&url={encoded(link)}",
    }
    return addresses.get(channel, "")


class Share(Struct, frozen=True, kw_only=True):
    """An advocate passed the deal on, as far as the shop's page could tell."""

    share_id: UUID
    advocate_id: AdvocateId
    channel: Channel
    locale: str
    shared_at: datetime

    def event(self) -> DealShared:
        return DealShared(
            share_id=self.share_id,
            advocate_id=self.advocate_id,
            channel=self.channel,
            locale=self.locale,
            shared_at=self.shared_at,
        )
