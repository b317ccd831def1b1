"""Look for a domain's proofs, and write down what came of it."""

from dataclasses import dataclass

from kernel.ids import ShopId
from tracking.domain.shop_domain import DomainId, DomainNotFound
from tracking.ports import BeginWork, Proofs


@dataclass(frozen=True, slots=True)
class CheckDomain:
    """Reads the domain, looks outside without holding a transaction, and settles what it found in one of its own."""

    begin: BeginWork
    proofs: Proofs

    async def __call__(self, shop_id: ShopId, domain_id: DomainId) -> None:
        try:
            async with self.begin(shop_id) as work:
                asked = await work.domains.get(domain_id)
            proof = await self.proofs.of(asked)
            async with self.begin(shop_id) as work:
                domain = await work.domains.for_update(domain_id)
                await work.domains.save(domain.looked_at(proof, work.now()))
        except DomainNotFound:
            return  # it was removed meanwhile
