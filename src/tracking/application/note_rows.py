"""Note how far a store's file was read, and what was wrong with its rows."""

from dataclasses import dataclass

from kernel.ids import ShopId
from tracking.domain.upload import MOST_FAULTS, Step, Upload, UploadId
from tracking.ports import BeginWork


@dataclass(frozen=True, slots=True)
class NoteRows:
    """Counts each row once: a step that was noted before changes nothing."""

    begin: BeginWork

    async def __call__(self, shop_id: ShopId, upload_id: UploadId, step: Step) -> Upload:
        async with self.begin(shop_id) as work:
            before = await work.uploads.for_update(upload_id)
            upload = before.stepped(step, work.now())
            if upload is not before:
                room = max(0, MOST_FAULTS - before.rows_refused)
                await work.uploads.save(upload, step.faults[:room])
        return upload
