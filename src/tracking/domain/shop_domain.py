"""Domains that a shop has proven to be its own: links may lead to them, and live on them."""

import re
from datetime import datetime
from typing import Literal, NewType, Self
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kernel.errors import DomainError
from kernel.ids import ShopId
from tracking.domain.destination import ReadAddress

DomainId = NewType("DomainId", UUID)
ProofKind = Literal["dns", "file", "meta"]
DomainState = Literal["pending", "verified"]
MOST_DOMAINS = 50
RECORD_PREFIX = "_grapevine"
META_NAME = "grapevine-verification"
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class BadDomain(DomainError):
    code = "bad_domain"
    title = "This is not a domain that a shop can have"


class DomainNotFound(DomainError):
    code = "unknown_domain"
    kind = "not_found"
    title = "The shop has no such domain"


class DomainKnown(DomainError):
    code = "domain_known"
    kind = "conflict"
    title = "The shop has this domain already"


class TooManyDomains(DomainError):
    code = "too_many_domains"
    kind = "conflict"
    title = f"A shop has at most {MOST_DOMAINS} domains"


class HostTaken(DomainError):
    code = "host_taken"
    kind = "conflict"
    title = "Another shop's links live on this domain already"


class NotVerified(DomainError):
    code = "domain_not_verified"
    kind = "conflict"
    title = "The domain is not verified yet"


class Proof(Struct, frozen=True, kw_only=True):
    """What came of looking for the proofs: the one that was found, or why none was."""

    found: ProofKind | None
    reason: str = ""
    """One sentence for people when nothing was found."""


class ShopDomain(Struct, frozen=True, kw_only=True):
    """A domain of a shop. It is `pending` until one of three proofs with `token` was found on it."""

    shop_id: ShopId
    domain_id: DomainId
    host: str
    """ASCII, lower case, without a port."""
    token: str
    state: DomainState = "pending"
    proof: ProofKind | None = None
    serves_links: bool = False
    """Links live on it: https://<host>/l/<path>."""
    added_at: datetime
    checked_at: datetime | None = None
    verified_at: datetime | None = None
    reason: str = ""
    """Why the last look found nothing."""

    @property
    def record_name(self) -> str:
        return f"{RECORD_PREFIX}.{self.host}"

    @property
    def record_text(self) -> str:
        return f"{META_NAME}={self.token}"

    @property
    def file_path(self) -> str:
        return f"/.well-known/{META_NAME}-{self.token}.txt"

    @property
    def meta_tag(self) -> str:
        return f'<meta name="{META_NAME}" content="{self.token}">'

    def looked_at(self, proof: Proof, at: datetime) -> Self:
        """After looking for proofs. What was verified stays so: a proof may be taken down afterwards."""
        if proof.found is None:
            return replace(self, checked_at=at, reason="" if self.state == "verified" else proof.reason)
        return replace(
            self,
            state="verified",
            proof=proof.found,
            checked_at=at,
            verified_at=self.verified_at or at,
            reason="",
        )

    def with_links(self, serves_links: bool) -> Self:
        """Let links live on the domain, or not any more. Only a verified one can."""
        if serves_links and self.state != "verified":
            raise NotVerified(pointer="/serves_links")
        return replace(self, serves_links=serves_links)


def checked_domain(typed: str, read: ReadAddress, *, ours: str) -> str:
    """The host as browsers know it, from what a person typed ("Nördlicht.example" becomes "xn--nrdlicht-n4a.example").

    Refuses addresses, ports, IP addresses, names without a dot and this installation's own host.
    """
    text = typed.strip().rstrip(".")
    if not text or len(text) > 253 or any(letter in "/\\@:?#%[] \t\r\n" or letter < " " for letter in text):
        raise BadDomain("Write the domain alone, without https:// and without a path.", pointer="/host")
    address = read(f"https://{text}/")
    if address is None or address.host == ours:
        raise BadDomain(pointer="/host")
    labels = address.host.split(".")
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise BadDomain(pointer="/host")
    if labels[-1] in {"localhost", "local", "internal", "arpa", "onion"}:
        raise BadDomain("This name exists in one network only.", pointer="/host")
    return address.host


def readable(host: str) -> str:
    """How people write the host; kept beside the ASCII form so that a look-alike letter shows."""
    labels = []
    for label in host.split("."):
        try:
            labels.append(label.encode().decode("idna") if label.startswith("xn--") else label)
        except UnicodeError:
            labels.append(label)
    return ".".join(labels)
