"""What the taking in of stores' files offers to tracking's container."""

from adapters.shared.ids import new_id
from adapters.shared.postgres.bell import Bell
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.unit import Units
from adapters.shared.queue.jobs import Schedule
from adapters.tracking.http.uploads import UploadDesk
from adapters.tracking.postgres.uploads import UploadReads, WaitingUploads
from adapters.tracking.postgres.work import begin_work
from adapters.tracking.stores.reading import UploadReader
from tracking.application.close_upload import CloseUpload
from tracking.application.drop_upload import DropUpload
from tracking.application.keep_part import KeepPart
from tracking.application.note_rows import NoteRows
from tracking.application.open_upload import OpenUpload
from tracking.application.record_orders import RecordOrders


def upload_desk(units: Units, bell: Bell) -> UploadDesk:
    begin = begin_work(units)
    return UploadDesk(
        OpenUpload(begin, new_id), KeepPart(begin), CloseUpload(begin), DropUpload(begin), UploadReads(units), bell
    )


def upload_reader(units: Units, relay: Database, database: Database, record: RecordOrders) -> UploadReader:
    return UploadReader(units, WaitingUploads(relay), record, NoteRows(begin_work(units)), database)


def upload_purge(relay: Database) -> Schedule:
    return Schedule("tracking.purge_uploads", "47 2 * * *", WaitingUploads(relay).purge)
