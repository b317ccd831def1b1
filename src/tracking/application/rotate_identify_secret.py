"""Take a new identify secret in use, so that the shop's server can say who a visitor is."""

from dataclasses import dataclass

from kernel.ids import ShopId
from tracking.domain.tag_settings import TagSettings
from tracking.ports import BeginWork, NewCode


@dataclass(frozen=True, slots=True)
class RotateIdentifySecret:
    """The present secret, if any, stays valid beside the new one until `DropOldIdentifySecret`."""

    begin: BeginWork
    new_secret: NewCode

    async def __call__(self, shop_id: ShopId, *, by: str) -> TagSettings:
        async with self.begin(shop_id) as work:
            before = await work.tag_settings.for_update()
            settings = before.rotated(self.new_secret(), by=by, at=work.now())
            await work.tag_settings.save(settings)
        return settings
