"""Addresses read by the WHATWG URL standard, as browsers read them."""

import ada_url

from tracking.domain.destination import Address


def read_address(text: str) -> Address | None:
    """`ReadAddress` by Ada, the parser that Node.js uses."""
    try:
        url = ada_url.URL(text)
    except (ValueError, UnicodeError):
        return None
    return Address(
        scheme=url.protocol.removesuffix(":"),
        host=url.host,
        has_user=bool(url.username or url.password),
        whole=url.href,
    )
