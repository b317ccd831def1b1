"""Where orders come in, put together: connections and stores' files, and what they add to the context's offer."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from litestar.types import ControllerRouterHandler

from adapters.shared.context import Lifespan, Loop
from adapters.shared.ids import new_id
from adapters.shared.postgres.bell import Bell
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.unit import Units
from adapters.shared.queue.jobs import Schedule
from adapters.shared.settings import AppSettings
from adapters.shared.tokens import Keys
from adapters.tracking.counted import DeliveryCounter
from adapters.tracking.http.connection_shapes import ConnectionDesk
from adapters.tracking.http.connections import ConnectionController
from adapters.tracking.http.parked import IntakeBell, ParkedController
from adapters.tracking.http.retention import RetentionController
from adapters.tracking.http.uploads import UploadController, UploadDesk
from adapters.tracking.postgres.connections import SealOldSecrets
from adapters.tracking.postgres.deliveries import ParkedReads
from adapters.tracking.postgres.health import ConnectionReads, purge_health
from adapters.tracking.postgres.retention import RetentionReads
from adapters.tracking.postgres.uploads import UploadReads, WaitingUploads
from adapters.tracking.remembered import Remembered
from adapters.tracking.retaining import Retaining
from adapters.tracking.sealed import SecretBox
from adapters.tracking.stores.reading import UploadReader
from tracking.application.change_connection import ChangeConnection
from tracking.application.change_retention import ChangeRetention
from tracking.application.close_upload import CloseUpload
from tracking.application.connect_platform import ConnectPlatform
from tracking.application.delete_old_clicks import DeleteOldClicks
from tracking.application.delete_old_events import DeleteOldEvents
from tracking.application.drop_old_secret import DropOldSecret
from tracking.application.drop_upload import DropUpload
from tracking.application.forget_buyers import ForgetBuyers
from tracking.application.keep_part import KeepPart
from tracking.application.note_forgotten import NoteForgotten
from tracking.application.note_rows import NoteRows
from tracking.application.open_upload import OpenUpload
from tracking.application.record_orders import RecordOrders
from tracking.application.remove_connection import RemoveConnection
from tracking.application.replay_deliveries import ReplayDeliveries
from tracking.application.rotate_secret import RotateSecret
from tracking.application.withdraw_secret import WithdrawSecret
from tracking.ports import BeginWork


@dataclass(frozen=True, slots=True)
class OrderParts:
    routes: Sequence[ControllerRouterHandler]
    dependencies: dict[str, Any]
    schedules: Sequence[Schedule]
    web_lifespans: Sequence[Lifespan]
    worker_loops: Sequence[Loop]


def secret_box(keys: Keys) -> SecretBox:
    return SecretBox(keys.derive("tracking.connection_secrets"))


def new_secret() -> str:
    """A signing secret by the Standard Webhooks specification: 24 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def build(
    *,
    settings: AppSettings,
    units: Units,
    relay: Database,
    database: Database,
    bell: Bell,
    begin: BeginWork,
    record: RecordOrders,
    remembered: Remembered,
    counter: DeliveryCounter,
    box: SecretBox,
) -> OrderParts:
    uploads = WaitingUploads(relay)
    return OrderParts(
        routes=[ConnectionController, ParkedController, RetentionController, UploadController],
        dependencies={
            "change_retention": ChangeRetention(begin),
            "retention_reads": RetentionReads(units),
            "upload_desk": _upload_desk(units, begin, bell),
            "connect_platform": ConnectPlatform(begin, new_id, new_secret),
            **_connection_changes(begin),
            "connection_reads": ConnectionReads(units),
            "parked_reads": ParkedReads(units),
            "replay_deliveries": ReplayDeliveries(begin),
            "intake_bell": IntakeBell(bell),
            "connection_desk": ConnectionDesk(settings.base_url, remembered.forget),
        },
        schedules=[
            Schedule("tracking.purge_uploads", "47 2 * * *", uploads.purge),
            Schedule("tracking.purge_health", "53 2 * * *", partial(purge_health, relay)),
            Schedule("tracking.retention", "11 3 * * *", retaining(relay, begin)),
            Schedule("tracking.seal_secrets", "*/10 * * * *", SealOldSecrets(relay, units, box)),
        ],
        web_lifespans=[counter.counting],
        worker_loops=[UploadReader(units, uploads, record, NoteRows(begin), database)],
    )


def _connection_changes(begin: BeginWork) -> dict[str, Any]:
    return {
        "change_connection": ChangeConnection(begin),
        "remove_connection": RemoveConnection(begin),
        "rotate_secret": RotateSecret(begin, new_secret),
        "drop_old_secret": DropOldSecret(begin),
        "withdraw_secret": WithdrawSecret(begin),
    }


def retaining(relay: Database, begin: BeginWork) -> Retaining:
    return Retaining(relay, ForgetBuyers(begin), DeleteOldClicks(begin), DeleteOldEvents(begin), NoteForgotten(begin))


def _upload_desk(units: Units, begin: BeginWork, bell: Bell) -> UploadDesk:
    return UploadDesk(
        OpenUpload(begin, new_id), KeepPart(begin), CloseUpload(begin), DropUpload(begin), UploadReads(units), bell
    )
