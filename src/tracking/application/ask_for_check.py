"""Have a domain's proofs looked for."""

from dataclasses import dataclass

from kernel.ids import ShopId
from tracking.domain.shop_domain import DomainId, ShopDomain
from tracking.ports import BeginWork


@dataclass(frozen=True, slots=True)
class AskForCheck:
    """The look itself goes out into the network, so it happens afterwards and outside of this transaction."""

    begin: BeginWork

    async def __call__(self, shop_id: ShopId, domain_id: DomainId) -> ShopDomain:
        async with self.begin(shop_id) as work:
            domain = await work.domains.for_update(domain_id)
            work.domains.look_soon(domain_id)
        return domain
