"""The visitor's address: who connected, or what a proxy that the operator trusts says of whom it speaks for."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import AF_INET6, inet_ntop, inet_pton
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the settings are read by processes that serve no HTTP
    from litestar.types import Scope

AddressOf = Callable[["Scope"], str]
_MAPPED = bytes(10) + b"\xff\xff"
"""How the IPv6 address of a socket for both begins that names IPv4."""


def address_reader(trusted_proxies: str) -> AddressOf:
    """Reads a request's address. `trusted_proxies` are networks by comma; empty: nobody speaks for others.

    Of X-Forwarded-For the last address that is no trusted proxy counts: whatever stands before it was written by
    whoever connected there, and could be anything.
    """
    networks = networks_of(trusted_proxies)
    if not networks:
        return _connected

    @lru_cache(maxsize=8192)
    def resolved(peer: str, forwarded: bytes) -> str:
        return _resolve(peer, forwarded.decode("latin-1").split(","), networks)

    def address_of(scope: "Scope") -> str:
        forwarded = b",".join([value for name, value in scope["headers"] if name == b"x-forwarded-for"])
        peer = _connected(scope)
        return resolved(peer, forwarded[-512:]) if forwarded else peer

    return address_of


def sender_of(address: str) -> str:
    """Whom attempts and visits are counted for: who holds one IPv6 address holds its /64 (RFC 6177), and may use
    each once.

    Every redirect asks, mostly of an address that nobody asked of before, and `ipaddress` takes ten times as long.
    """
    if ":" not in address:
        return address
    try:
        packed = inet_pton(AF_INET6, address.partition("%")[0])
    except (OSError, ValueError):  # no address
        return address
    if packed.startswith(_MAPPED):
        return address
    return f"{inet_ntop(AF_INET6, packed[:8] + bytes(8))}/64"


def networks_of(trusted_proxies: str) -> list[IPv4Network | IPv6Network]:
    """Raises ValueError for what is no network."""
    return [ip_network(part.strip()) for part in trusted_proxies.split(",") if part.strip()]


def _connected(scope: "Scope") -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _resolve(peer: str, forwarded: Sequence[str], networks: Sequence[IPv4Network | IPv6Network]) -> str:
    found = peer
    for said in reversed(forwarded):
        if not _is_in(found, networks):
            return found
        try:
            found = str(ip_address(said.strip()))
        except ValueError:
            return found
    return found


def _is_in(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:  # how a socket for both names IPv4
        found = found.ipv4_mapped
    return any(found in network for network in networks)
