"""Take a domain away: links that lead to it lead nowhere from then on."""

from dataclasses import dataclass

from kernel.ids import ShopId
from tracking.domain.shop_domain import DomainId
from tracking.ports import BeginWork


@dataclass(frozen=True, slots=True)
class RemoveDomain:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId, domain_id: DomainId) -> None:
        async with self.begin(shop_id) as work:
            await work.domains.remove(await work.domains.for_update(domain_id))
