"""Add a domain that the shop says is its own."""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ShopId
from tracking.domain.destination import ReadAddress
from tracking.domain.shop_domain import MOST_DOMAINS, DomainId, ShopDomain, TooManyDomains, checked_domain
from tracking.ports import BeginWork, NewId


class NewDomain(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    host: str


@dataclass(frozen=True, slots=True)
class AddDomain:
    """The domain is pending, with the token that the shop is to show on it."""

    begin: BeginWork
    new_id: NewId
    new_token: Callable[[], str]
    base_url: str
    read: ReadAddress

    async def __call__(self, command: NewDomain) -> ShopDomain:
        ours = self.read(self.base_url)
        host = checked_domain(command.host, self.read, ours=ours.host if ours else "")
        async with self.begin(command.shop_id) as work:
            if len(await work.domains.all()) >= MOST_DOMAINS:
                raise TooManyDomains
            domain = ShopDomain(
                shop_id=command.shop_id,
                domain_id=DomainId(self.new_id()),
                host=host,
                token=self.new_token(),
                added_at=work.now(),
            )
            await work.domains.add(domain)
        return domain
