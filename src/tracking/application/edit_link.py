"""Change a link: what is left out of the command stays as it is."""

from dataclasses import dataclass

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from kernel.ids import LinkId, ProgrammeId, ShopId
from tracking.application.own_hosts import own_hosts
from tracking.domain.destination import ReadAddress
from tracking.domain.link import Link, LinkChanged, checked_vanity
from tracking.ports import BeginWork


class ChangeLink(Struct, frozen=True, kw_only=True):
    """`plan` names the fields of `Plan` that change."""

    shop_id: ShopId
    link_id: LinkId
    version: int | None
    """The version that the change was made on; None overwrites whatever there is."""
    destination: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    vanity: str | UnsetType | None = UNSET
    programme_id: ProgrammeId | UnsetType | None = UNSET
    plan: dict[str, object]


@dataclass(frozen=True, slots=True)
class EditLink:
    """Every address that is new to the link is checked; redirects check those that stay."""

    begin: BeginWork
    base_url: str
    read: ReadAddress

    async def __call__(self, command: ChangeLink) -> Link:
        async with self.begin(command.shop_id) as work:
            link = await work.links.for_update(command.link_id)
            if command.version is not None and command.version != link.version:
                raise LinkChanged
            if command.programme_id is not UNSET and command.programme_id != link.programme_id:
                link = link.counted_for(command.programme_id)
                if command.programme_id is not None:
                    await work.chains.expect(command.programme_id, "/programme_id", live=False)
            hosts = await own_hosts(work, self.base_url, self.read)
            if command.destination is not UNSET:
                link = link.led_to(command.destination, hosts, self.read)
            link = link.planned(replace(link.plan, **command.plan), hosts, self.read)
            changed = replace(link, version=link.version + 1, **_given(command))
            await work.links.save(changed)
        return changed


def _given(command: ChangeLink) -> dict[str, object]:
    """The link's own fields that the command changes, checked."""
    given: dict[str, object] = {}
    if command.title is not UNSET:
        given["title"] = command.title
    if command.vanity is not UNSET:
        given["vanity"] = checked_vanity(command.vanity) if command.vanity is not None else None
    return given
