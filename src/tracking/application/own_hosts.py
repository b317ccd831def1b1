"""The hosts that a shop's links may lead to."""

from tracking.domain.destination import ReadAddress
from tracking.ports import Work


async def own_hosts(work: Work, base_url: str, read: ReadAddress) -> set[str]:
    """The storefront's, this installation's, and those of the shop's verified domains."""
    addresses = (read(work.shop.storefront_url), read(base_url))
    return {address.host for address in addresses if address} | set(await work.domains.verified())
