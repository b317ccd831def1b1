"""Make a short link to a page of the shop."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import LinkId, ProgrammeId, ShopId
from tracking.application.own_hosts import own_hosts
from tracking.domain.destination import ReadAddress, checked_destination
from tracking.domain.link import Link, Plan, checked_vanity
from tracking.ports import BeginWork, NewCode, NewId


class CreateShortLink(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    destination: str
    title: str = ""
    vanity: str | None = None
    programme_id: ProgrammeId | None = None
    plan: Plan = Plan()


@dataclass(frozen=True, slots=True)
class CreateLink:
    """Every address must be on one of the shop's own hosts or on this installation: we are nobody's open redirect."""

    begin: BeginWork
    new_id: NewId
    new_code: NewCode
    base_url: str
    read: ReadAddress

    async def __call__(self, command: CreateShortLink) -> Link:
        async with self.begin(command.shop_id) as work:
            if command.programme_id is not None:
                await work.chains.expect(command.programme_id, "/programme_id", live=False)
            hosts = await own_hosts(work, self.base_url, self.read)
            link = Link(
                link_id=LinkId(self.new_id()),
                shop_id=command.shop_id,
                code=self.new_code(),
                destination=checked_destination(command.destination, hosts, self.read),
                programme_id=command.programme_id,
                created_at=work.now(),
                title=command.title,
                vanity=checked_vanity(command.vanity) if command.vanity is not None else None,
            ).planned(command.plan, hosts, self.read)
            await work.links.add([link])
        return link
