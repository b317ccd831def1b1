"""Looks for a domain's proofs: a DNS record, a file, a meta tag. Goes nowhere inside the operator's own network."""

import asyncio
import html
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final, Protocol

import httpx2

from tracking.domain.shop_domain import META_NAME, Proof, ShopDomain

WITHIN_S: Final = 5.0
MOST_BYTES: Final = 262_144
MOST_ADDRESSES: Final = 4
_META: Final = re.compile(rb"<meta\s[^>]{0,500}>", re.IGNORECASE)
_FIELD: Final = re.compile(rb"""(name|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)


class Names(Protocol):
    """What DNS says. An answer that does not come is an empty one."""

    async def texts(self, name: str) -> Sequence[str]:
        """The TXT records of a name, each put together."""
        ...

    async def addresses(self, host: str) -> Sequence[str]:
        """The A and AAAA records of a host."""
        ...


class PublicNames:
    """`Names` by the machine's resolver, which is looked for when it is first needed."""

    async def texts(self, name: str) -> Sequence[str]:
        records = await self._ask(name, "TXT")
        return [b"".join(record.strings).decode("utf-8", "replace") for record in records]

    async def addresses(self, host: str) -> Sequence[str]:
        four, six = await asyncio.gather(self._ask(host, "A"), self._ask(host, "AAAA"))
        return [record.address for record in (*four, *six)]

    async def _ask(self, name: str, kind: str) -> list[Any]:
        # Imported when a domain is first checked: web never does, and most workers seldom.
        import dns.asyncresolver
        import dns.exception

        try:
            resolver = dns.asyncresolver.Resolver()
            return list(await resolver.resolve(name, kind, search=False, lifetime=WITHIN_S))
        except dns.exception.DNSException:
            return []


def is_public(address: str) -> bool:
    """True for an address of the open internet, also when it hides in an IPv6 one (mapped, 6to4, Teredo, NAT64)."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in _inside(found))


def _inside(found: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    if isinstance(found, IPv4Address):
        return [found]
    if found.ipv4_mapped is not None:
        return [found.ipv4_mapped]
    hidden: list[IPv4Address | IPv6Address] = [found]
    if found.sixtofour is not None:
        hidden.append(found.sixtofour)
    if found.teredo is not None:
        hidden += found.teredo
    if found in _NAT64:
        hidden = [IPv4Address(int(found) & 0xFFFF_FFFF)]
    return hidden


class _Nat64:
    """64:ff9b::/96 of RFC 6052: the last 32 bits are the IPv4 address that is meant."""

    def __contains__(self, address: IPv6Address) -> bool:
        return int(address) >> 32 == 0x0064FF9B_0000_0000_0000_0000


_NAT64: Final = _Nat64()


@dataclass(frozen=True, slots=True)
class PublicProofs:
    """`Proofs` over DNS and HTTPS.

    A page is fetched from the very address that was checked to be public (the name is not asked for a second time),
    with the certificate checked for the domain, without following redirects, at most 256 kB in 5 seconds.
    """

    names: Names
    transport: httpx2.AsyncBaseTransport | None = None

    async def of(self, domain: ShopDomain) -> Proof:
        if domain.record_text in [text.strip() for text in await self.names.texts(domain.record_name)]:
            return Proof(found="dns")
        addresses = await self.names.addresses(domain.host)
        if not addresses:
            return Proof(found=None, reason="There is no such DNS record, and the domain has no address.")
        if not all(is_public(address) for address in addresses):
            return Proof(found=None, reason="The domain leads into a private network, where we do not go.")
        for address in addresses[:MOST_ADDRESSES]:
            page = await self._page(domain, address, domain.file_path)
            if page is not None and page.strip() == domain.token.encode():
                return Proof(found="file")
            page = await self._page(domain, address, "/")
            if page is not None and has_tag(page, domain.token):
                return Proof(found="meta")
        return Proof(found=None, reason="Neither the DNS record nor the file nor the meta tag was found.")

    async def _page(self, domain: ShopDomain, address: str, path: str) -> bytes | None:
        host = f"[{address}]" if ":" in address else address
        try:
            async with (
                asyncio.timeout(WITHIN_S),
                httpx2.AsyncClient(transport=self.transport, verify=_tls(), trust_env=False) as client,
                client.stream(
                    "GET",
                    f"https://{host}{path}",
                    headers={
                        "host": domain.host,
                        "user-agent": "Grapevine domain check",
                        "accept-encoding": "identity",
                    },
                    extensions={"sni_hostname": domain.host},
                    follow_redirects=False,
                ) as answer,
            ):
                plain = "content-encoding" not in answer.headers
                return await _start_of(answer) if answer.status_code == 200 and plain else None
        except (httpx2.HTTPError, TimeoutError, OSError, ValueError):
            return None


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Every root certificate of the machine, a megabyte: not before a page is fetched."""
    return ssl.create_default_context()


async def _start_of(answer: httpx2.Response) -> bytes:
    page = b""
    async for chunk in answer.aiter_bytes():
        page += chunk
        if len(page) >= MOST_BYTES:
            break
    return page[:MOST_BYTES]


def has_tag(page: bytes, token: str) -> bool:
    """True when the page holds our meta tag with the token."""
    for tag in _META.finditer(page):
        fields = {
            name.lower(): html.unescape((double or single or bare).decode("utf-8", "replace"))
            for name, double, single, bare in _FIELD.findall(tag[0])
        }
        if fields.get(b"name") == META_NAME and fields.get(b"content") == token:
            return True
    return False
