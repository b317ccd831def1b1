"""Short links: a code that leads to a destination, with everything the visitor's address carried kept as it was."""

from collections.abc import Collection
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from msgspec import Struct

from kernel.errors import DomainError
from kernel.ids import AdvocateId, LinkId, ProgrammeId, ShopId

LONGEST_DESTINATION = 2048


class LinkNotFound(DomainError):
    code = "unknown_link"
    kind = "not_found"
    title = "There is no such link"


class BadDestination(DomainError):
    code = "bad_destination"
    title = "This address cannot be a link's destination"


class Link(Struct, frozen=True, kw_only=True):
    """One short link. `destination` is None for an advocate's link: it follows the shop's landing page address."""

    link_id: LinkId
    shop_id: ShopId
    code: str
    destination: str | None
    advocate_id: AdvocateId | None = None
    programme_id: ProgrammeId | None = None
    advocate_code: str | None = None
    created_at: datetime


def advocate_destination(base_url: str, slug: str, advocate_code: str) -> str:
    """The landing page of an advocate's deal."""
    return f"{base_url}/d/{slug}/{advocate_code}"


def host_of(address: str) -> str:
    """The host (with its port, if any) of an http(s) address in lower case, or "" when there is none."""
    try:
        parts = urlsplit(address)
        return parts.netloc.rpartition("@")[2].lower() if parts.scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def checked_destination(address: str, hosts: Collection[str]) -> str:
    """The address, taken apart and put together again; BadDestination unless it is http(s) on one of `hosts`."""
    if len(address) > LONGEST_DESTINATION:
        raise BadDestination("The destination is too long.", pointer="/destination")
    if any(letter <= " " or letter in {"\x7f", "\\"} for letter in address) or not address.isascii():
        raise BadDestination("The destination holds characters that an address cannot have.", pointer="/destination")
    try:
        parts = urlsplit(address)
        named = parts.hostname is not None and (parts.port is None or parts.port > 0)
    except ValueError:
        named = False
    if not named or parts.scheme not in {"http", "https"}:
        raise BadDestination("The destination is not an http or https address.", pointer="/destination")
    if parts.username is not None or parts.password is not None:
        raise BadDestination("The destination must not carry a user name.", pointer="/destination")
    if parts.netloc.lower() not in hosts:
        raise BadDestination("The destination is not on the shop's own storefront.", pointer="/destination")
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, parts.fragment))


def redirect_target(destination: bytes, incoming: bytes, click_token: str | None) -> bytes:
    """The destination with the incoming query appended byte for byte and, for a person, the signed click last.

    `destination` is a checked address and `incoming` the raw query string without its question mark.
    """
    address, mark, fragment = destination.partition(b"#")
    added = b"&".join(part for part in (incoming, b"gv_click=" + click_token.encode() if click_token else b"") if part)
    if added:
        joint = b"&" if b"?" in address and not address.endswith((b"?", b"&")) else b"" if b"?" in address else b"?"
        address += joint + added
    return address + mark + fragment
