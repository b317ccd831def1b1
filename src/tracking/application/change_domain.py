"""Let links live on a verified domain, or not any more."""

from dataclasses import dataclass

from kernel.ids import ShopId
from tracking.domain.shop_domain import DomainId, ShopDomain
from tracking.ports import BeginWork


@dataclass(frozen=True, slots=True)
class ChangeDomain:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId, domain_id: DomainId, *, serves_links: bool) -> ShopDomain:
        async with self.begin(shop_id) as work:
            domain = (await work.domains.for_update(domain_id)).with_links(serves_links)
            await work.domains.save(domain)
        return domain
