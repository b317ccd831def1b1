"""Who is the same person: canonical e-mail addresses, and the keyed ids that stand for people elsewhere."""

import hashlib
import hmac
import re
import unicodedata
from functools import lru_cache
from typing import Final
from uuid import UUID

from msgspec import Struct

from kernel.ids import CustomerId, PersonId, ShopId

MAILBOX_ALIASES: Final = {
    "googlemail.com": "gmail.com",
    "protonmail.com": "proton.me",
    "pm.me": "proton.me",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
}
"""Domains whose names reach the same mailboxes as another domain's."""

IGNORES_DOTS: Final = frozenset({"gmail.com"})
"""Providers for which a.d.a and ada are one mailbox."""

_LIVE: Final = ("com", "de", "fr", "it", "nl", "se", "dk", "no", "at", "be", "fi", "ch")
TAGGED_BY_PLUS: Final = frozenset(
    {"gmail.com", "proton.me", "icloud.com", "fastmail.com", "fastmail.fm", "mailbox.org", "posteo.de", "tutanota.com"}
    | {f"{brand}.{end}" for brand in ("outlook", "hotmail", "live") for end in _LIVE}
)
"""Providers that deliver ada+anything to ada."""

_FORBIDDEN: Final = frozenset('()<>[]:;@\\,"')
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_TYPED_LIMIT: Final = 320


class Email(Struct, frozen=True):
    """`address` is where mail goes; `canonical` is the same for every spelling of one mailbox."""

    address: str
    canonical: str


def parse_email(text: str | None) -> Email | None:
    """Read an address as people type it; None when it is none. Never refuses."""
    if not text or len(text) > _TYPED_LIMIT:
        return None
    local, at, host = unicodedata.normalize("NFKC", text.strip()).rpartition("@")
    domain = _ascii_domain(host)
    if not at or domain is None or not _is_local(local):
        return None
    canonical = _canonical(local, domain)
    address = f"{local}@{domain}"
    if canonical is None or len(address.encode()) > 254:
        return None
    return Email(address, canonical)


def person_by_email(key: bytes, shop_id: ShopId, email: Email) -> PersonId:
    """The person behind an address, within one shop. `key` is secret: without it nobody can try addresses."""
    return _keyed(key, b"email", shop_id, email.canonical.encode())


def person_by_reference(key: bytes, shop_id: ShopId, reference: str) -> PersonId:
    """The person behind the shop's own customer reference, when no address is known."""
    return _keyed(key, b"reference", shop_id, reference.encode())


def person_of_record(key: bytes, shop_id: ShopId, customer_id: CustomerId) -> PersonId:
    """A person known by nothing but this record: the same as nobody else."""
    return _keyed(key, b"record", shop_id, customer_id.bytes)


def _keyed(key: bytes, kind: bytes, shop_id: ShopId, content: bytes) -> PersonId:
    """A UUID of version 8 (RFC 9562) from HMAC-SHA256 over kind, shop and content."""
    digest = hmac.new(key, b"\0".join((kind, shop_id.bytes, content)), hashlib.sha256).digest()
    number = int.from_bytes(digest[:16], "big")
    number = number & ~(0xF << 76) | 8 << 76
    number = number & ~(0x3 << 62) | 2 << 62
    return PersonId(UUID(int=number))


def _canonical(local: str, domain: str) -> str | None:
    domain = MAILBOX_ALIASES.get(domain, domain)
    local = _folded(local)
    if domain in TAGGED_BY_PLUS:
        local = local.partition("+")[0]
    if domain in IGNORES_DOTS:
        local = local.replace(".", "")
    return f"{local}@{domain}" if _is_local(local) else None


def _folded(text: str) -> str:
    """NFKC and case folding, repeated until nothing changes: some letters need two rounds."""
    for _ in range(4):
        folded = unicodedata.normalize("NFKC", text.casefold())
        if folded == text:
            break
        text = folded
    return text


def _is_local(local: str) -> bool:
    return (
        local.isprintable()
        and not any(letter in _FORBIDDEN or letter.isspace() for letter in local)
        and all(local.split("."))
        and 1 <= len(local.encode(errors="replace")) <= 64
    )


@lru_cache(maxsize=4096)
def _ascii_domain(host: str) -> str | None:
    """The domain in small ASCII letters, each foreign label in punycode (RFC 5891, without its mapping tables)."""
    labels = [_ascii_label(label) for label in host.lower().replace("\u3002", ".").split(".")]
    domain = ".".join(label or "" for label in labels)
    return domain if len(labels) >= 2 and all(labels) and len(domain) <= 253 else None


def _ascii_label(label: str) -> str | None:
    if not label.isascii():
        if not all(letter.isalnum() or letter == "-" or unicodedata.combining(letter) for letter in label):
            return None
        label = "xn--" + unicodedata.normalize("NFC", label).encode("punycode").decode("ascii")
    return label if _LABEL.fullmatch(label) else None
