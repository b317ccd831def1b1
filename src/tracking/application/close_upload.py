"""A store's file is here as a whole: have it read, unless it was uploaded before."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ShopId
from tracking.domain.upload import Upload, UploadId
from tracking.ports import BeginWork


class Whole(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    upload_id: UploadId
    size: int
    fingerprint: bytes
    """Of the file and of how it was to be read: an upload with the same one changes nothing."""


class Closed(Struct, frozen=True, kw_only=True):
    upload: Upload
    repeated: bool
    """The file was uploaded before; `upload` is that one."""


@dataclass(frozen=True, slots=True)
class CloseUpload:
    begin: BeginWork

    async def __call__(self, command: Whole) -> Closed:
        async with self.begin(command.shop_id) as work:
            upload = (await work.uploads.for_update(command.upload_id)).closed(command.size, command.fingerprint)
            before = await work.uploads.like(command.fingerprint)
            if before is not None:
                await work.uploads.drop(command.upload_id)
                return Closed(upload=before, repeated=True)
            await work.uploads.save(upload, ())
        return Closed(upload=upload, repeated=False)
