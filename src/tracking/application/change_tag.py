"""Change what a shop decided about its tag, its switch above all."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ShopId
from tracking.domain.tag_event import Consent
from tracking.domain.tag_settings import TagSettings
from tracking.ports import BeginWork


class TagChange(Struct, frozen=True, kw_only=True):
    """None leaves a thing as it is."""

    shop_id: ShopId
    by: str
    turned_on: bool | None = None
    cookie_days: int | None = None
    hosts: tuple[str, ...] | None = None
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class ChangeTag:
    begin: BeginWork

    async def __call__(self, command: TagChange) -> TagSettings:
        async with self.begin(command.shop_id) as work:
            settings = (await work.tag_settings.for_update()).changed(
                turned_on=command.turned_on,
                cookie_days=command.cookie_days,
                hosts=command.hosts,
                consent=command.consent,
                by=command.by,
                at=work.now(),
            )
            await work.tag_settings.save(settings)
        return settings
