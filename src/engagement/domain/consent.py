"""Consent and suppression: what people allowed, and the list of addresses that get nothing more."""

import hashlib
import hmac
import re
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from kernel.errors import DomainError
from kernel.ids import CustomerId, ShopId

Purpose = Literal["rewards", "reminders", "marketing", "invitations"]
"""`rewards` are service mails: they need no grant, but a withdrawal or a suppression stops them."""
Scope = Literal["all", "rewards", "reminders", "marketing", "invitations"]
Decision = Literal["granted", "withdrawn"]
ConsentChannel = Literal["email", "sms", "push"]
Why = Literal["unsubscribed", "bounced", "complained", "requested"]

_HASH: Final = re.compile(r"[0-9a-f]{64}")


class MalformedAddress(DomainError):
    code = "malformed_email"
    title = "This is not an e-mail address"


class NotSuppressed(DomainError):
    code = "not_suppressed"
    kind = "not_found"
    title = "The address is not on the suppression list"


class Consent(Struct, frozen=True, kw_only=True):
    """One entry of a customer's consent history; the latest per purpose and channel counts.

    `text_version` names the text the customer saw, `proof` how it can be shown (a form's id, a log's reference):
    never personal data.
    """

    consent_id: UUID
    customer_id: CustomerId
    purpose: Purpose
    channel: ConsentChannel
    decision: Decision
    text_version: str
    country: str
    proof: str
    decided_at: datetime


class Suppression(Struct, frozen=True, kw_only=True):
    """An address, known only by its keyed hash, that gets no mail of this scope."""

    address_hash: str
    scope: Scope
    why: Why
    since: datetime


def parsed_hash(typed: str) -> str:
    """An address hash as the list gives it out; anything else is on no list: NotSuppressed."""
    if not _HASH.fullmatch(typed):
        raise NotSuppressed
    return typed


def canonical_address(email: str) -> str:
    """The address in the one form that is hashed: lower case, domain in ASCII (IDNA)."""
    email = email.strip()
    local, at, domain = email.rpartition("@")
    try:
        ascii_domain = domain.lower().rstrip(".").encode("idna").decode()
    except UnicodeError:
        raise MalformedAddress(pointer="/email") from None
    if not (at and local and ascii_domain) or len(email) > 320 or any(c.isspace() or ord(c) < 32 for c in email):
        raise MalformedAddress(pointer="/email")
    return f"{local.lower()}@{ascii_domain}"


def address_hash(key: bytes, shop_id: ShopId, email: str) -> str:
    """HMAC-SHA256 over shop and canonical address, in hex: without the key it says nothing about the address."""
    return hmac.digest(key, shop_id.bytes + canonical_address(email).encode(), hashlib.sha256).hex()
