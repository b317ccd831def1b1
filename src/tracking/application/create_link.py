"""Make a short link to a page of the shop."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import LinkId, ShopId
from tracking.domain.link import Link, checked_destination, host_of
from tracking.ports import BeginWork, NewCode, NewId


class CreateShortLink(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    destination: str


@dataclass(frozen=True, slots=True)
class CreateLink:
    """The destination must be on the shop's storefront or on this installation: we are nobody's open redirect."""

    begin: BeginWork
    new_id: NewId
    new_code: NewCode
    base_url: str

    async def __call__(self, command: CreateShortLink) -> Link:
        async with self.begin(command.shop_id) as work:
            hosts = {host for host in (host_of(work.shop.storefront_url), host_of(self.base_url)) if host}
            link = Link(
                link_id=LinkId(self.new_id()),
                shop_id=command.shop_id,
                code=self.new_code(),
                destination=checked_destination(command.destination, hosts),
                created_at=work.now(),
            )
            await work.links.add([link])
        return link
