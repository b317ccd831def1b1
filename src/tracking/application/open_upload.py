"""Begin to take a store's file in."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ShopId
from tracking.domain.upload import MOST_AT_ONCE, TooManyUploads, Upload, UploadId, fit_store
from tracking.ports import BeginWork, NewId


class NewUpload(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    file_name: str
    store: str
    dry_run: bool


@dataclass(frozen=True, slots=True)
class OpenUpload:
    begin: BeginWork
    new_id: NewId

    async def __call__(self, command: NewUpload) -> Upload:
        store = fit_store(command.store)
        async with self.begin(command.shop_id) as work:
            if await work.uploads.unfinished() >= MOST_AT_ONCE:
                raise TooManyUploads
            upload = Upload(
                shop_id=command.shop_id,
                upload_id=UploadId(self.new_id()),
                file_name=command.file_name,
                store=store,
                dry_run=command.dry_run,
                state="receiving",
                created_at=work.now(),
            )
            await work.uploads.add(upload)
        return upload
