"""Forget a store's file that did not arrive as a whole."""

from dataclasses import dataclass

from kernel.ids import ShopId
from tracking.domain.upload import UploadId
from tracking.ports import BeginWork


@dataclass(frozen=True, slots=True)
class DropUpload:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId, upload_id: UploadId) -> None:
        async with self.begin(shop_id) as work:
            await work.uploads.drop(upload_id)
