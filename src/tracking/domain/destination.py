"""Where links may lead: addresses on the shop's own hosts, taken apart once and put together again."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Literal
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from kernel.errors import DomainError

LONGEST_DESTINATION = 2048
_SCHEMES = ("http", "https")
_AUTHORITY_ENDS = re.compile(r"[/?#]")


class BadDestination(DomainError):
    code = "bad_destination"
    title = "This address cannot be a link's destination"


class Address(Struct, frozen=True, kw_only=True):
    """An address as the WHATWG URL standard reads it. `host` has its port when that is not the scheme's own."""

    scheme: str
    host: str
    has_user: bool
    whole: str
    """The address put together again: ASCII, lower-case host, no "..", nothing left to interpretation."""


ReadAddress = Callable[[str], Address | None]
"""Reads an absolute address by the WHATWG URL standard; None when it is none."""

HostUse = Literal["pages", "pages and links", "links"]
"""What lives on a host: pages only; pages, and links below /l/; links, whose paths may also stand alone."""
OwnHosts = Mapping[str, HostUse]
"""The hosts that a shop's links may lead to."""


def own_hosts(
    storefront: Address | None, ours: Address | None, proven: Iterable[str], serving: Collection[str]
) -> OwnHosts:
    """The storefront's, this installation's and the `proven` ones, of which links live on those that are `serving`."""
    hosts: dict[str, HostUse] = {host: "links" if host in serving else "pages" for host in proven}
    if storefront is not None:
        hosts[storefront.host] = "pages and links" if storefront.host in serving else "pages"
    if ours is not None:
        hosts[ours.host] = "pages and links"
    return hosts


def host_of(address: str) -> str:
    """The host (with its port, if any) of an http(s) address in lower case, or "" when there is none.

    For what others say of themselves, a referrer say; what a link may lead to is read by `ReadAddress`.
    """
    try:
        parts = urlsplit(address)
        return parts.netloc.rpartition("@")[2].lower() if parts.scheme in _SCHEMES else ""
    except ValueError:
        return ""


def checked_destination(text: str, hosts: OwnHosts, read: ReadAddress, *, pointer: str | None = "/destination") -> str:
    """The address put together again; BadDestination unless it is http(s) on one of `hosts`, and no link.

    Links that lead to links would go round in circles, and count one visit twice. What a browser would quietly repair
    (a backslash, a tab, a space) is refused, too: nobody writes that by mistake into a link that people are meant to
    trust.
    """
    if len(text) > LONGEST_DESTINATION:
        raise BadDestination("The destination is too long.", pointer=pointer)
    if not text.isprintable() or " " in text or "\\" in text:
        raise BadDestination("The destination holds characters that an address cannot have.", pointer=pointer)
    if not text.lower().startswith(("http://", "https://")):
        raise BadDestination("The destination is not an http or https address.", pointer=pointer)
    address = read(text)
    if address is None or address.scheme not in _SCHEMES:
        raise BadDestination("The destination is not an http or https address.", pointer=pointer)
    if address.has_user or "@" in _AUTHORITY_ENDS.split(text.partition("://")[2], maxsplit=1)[0]:
        raise BadDestination("The destination must not carry a user name.", pointer=pointer)
    if address.host not in hosts:
        raise BadDestination("The destination is not on one of the shop's verified domains.", pointer=pointer)
    if len(address.whole) > LONGEST_DESTINATION:
        raise BadDestination("The destination is too long.", pointer=pointer)
    if _is_link(address.whole, hosts[address.host]):
        raise BadDestination("The destination is a link itself.", pointer=pointer)
    return address.whole


def _is_link(address: str, use: HostUse) -> bool:
    parts = [part for part in unquote(urlsplit(address).path).split("/") if part]
    return (use != "pages" and len(parts) > 1 and parts[0] == "l") or (use == "links" and len(parts) == 1)
