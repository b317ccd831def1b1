"""Keep one part of a store's file: what is kept is no longer in memory."""

from dataclasses import dataclass

from kernel.ids import ShopId
from tracking.domain.upload import UploadId
from tracking.ports import BeginWork


@dataclass(frozen=True, slots=True)
class KeepPart:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId, upload_id: UploadId, number: int, text: bytes) -> None:
        async with self.begin(shop_id) as work:
            await work.uploads.keep_part(upload_id, number, text)
