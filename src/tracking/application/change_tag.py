"""Change what a shop decided about its tag, its switch above all."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ShopId
from tracking.domain.tag_event import Consent
from tracking.domain.tag_settings import TagChanged, TagSettings
from tracking.ports import BeginWork


class TagChange(Struct, frozen=True, kw_only=True):
    """None leaves a thing as it is. `version` is of the settings that the change was made on; None for any."""

    shop_id: ShopId
    by: str
    version: int | None = None
    turned_on: bool | None = None
    cookie_days: int | None = None
    hosts: tuple[str, ...] | None = None
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class ChangeTag:
    begin: BeginWork

    async def __call__(self, command: TagChange) -> TagSettings:
        async with self.begin(command.shop_id) as work:
            before = await work.tag_settings.for_update()
            if command.version is not None and command.version != before.version:
                raise TagChanged
            settings = before.changed(
                turned_on=command.turned_on,
                cookie_days=command.cookie_days,
                hosts=command.hosts,
                consent=command.consent,
                by=command.by,
                at=work.now(),
            )
            await work.tag_settings.save(settings)
        return settings
