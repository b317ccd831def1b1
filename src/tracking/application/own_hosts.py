"""The hosts that a shop's links may lead to."""

from tracking.domain import destination
from tracking.domain.destination import OwnHosts, ReadAddress
from tracking.ports import Work


async def own_hosts(work: Work, base_url: str, read: ReadAddress) -> OwnHosts:
    """The storefront's, this installation's, and those of the shop's verified domains."""
    domains = [domain for domain in await work.domains.all() if domain.state == "verified"]
    return destination.own_hosts(
        read(work.shop.storefront_url),
        read(base_url),
        [domain.host for domain in domains],
        {domain.host for domain in domains if domain.serves_links},
    )
