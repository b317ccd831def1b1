"""End the exchange of the identify secret."""

from dataclasses import dataclass

from kernel.ids import ShopId
from tracking.domain.tag_settings import TagSettings
from tracking.ports import BeginWork


@dataclass(frozen=True, slots=True)
class DropOldIdentifySecret:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId, *, by: str) -> TagSettings:
        async with self.begin(shop_id) as work:
            before = await work.tag_settings.for_update()
            settings = before.without_old_secret(by=by, at=work.now())
            await work.tag_settings.save(settings)
        return settings
