"""The server side of the tag put together: what it adds to the context's offer."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from litestar.types import ControllerRouterHandler

from adapters.shared.context import Ask, Lifespan, Loop
from adapters.shared.http.client_address import address_reader
from adapters.shared.postgres.bell import Bell
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.unit import Units
from adapters.shared.queue.jobs import Schedule
from adapters.shared.settings import AppSettings
from adapters.shared.tokens import Keys
from adapters.tracking.customers import VaultNameKeys
from adapters.tracking.http.redirect import DailyHash
from adapters.tracking.http.tag import TagController, TagDesk
from adapters.tracking.http.tag_config import TagConfigDoor, tag_config_route
from adapters.tracking.http.tag_events import TagEventDoor, tag_event_route
from adapters.tracking.postgres.lookup import first_row
from adapters.tracking.postgres.tag_events import TagEventWriter
from adapters.tracking.postgres.tag_reads import TagReads
from adapters.tracking.postgres.tag_work import WaitingTagEvents
from adapters.tracking.rate import RateLimit, SharedLimit
from adapters.tracking.remembered import Remembered
from adapters.tracking.sealed import SecretBox
from adapters.tracking.tag_keys import TagKeys
from adapters.tracking.tag_refusals import Refusals
from adapters.tracking.tag_tokens import JwtIdentifyTokens, TagTokens
from adapters.tracking.tag_worker import TagWorker
from adapters.tracking.tokens import CLAIM_PURPOSE, CLICK_PURPOSE
from tracking.application.change_tag import ChangeTag
from tracking.application.drop_old_identify_secret import DropOldIdentifySecret
from tracking.application.note_order_hints import NoteOrderHints
from tracking.application.rotate_identify_secret import RotateIdentifySecret
from tracking.application.tie_visitors import TieVisitors
from tracking.ports import BeginWork, Customers, NameKeys

EVENTS_PER_SECOND: Final = 5_000.0
"""What one shop may send to one process in the long run; four times that in a burst."""
EVENTS_OF_ONE_SENDER: Final = 1_000.0
"""Of these what may come from one address once half of a burst is used up: the key stands in pages, for anybody."""


@dataclass(frozen=True, slots=True)
class TagParts:
    routes: Sequence[ControllerRouterHandler]
    dependencies: dict[str, Any]
    web_lifespans: Sequence[Lifespan]
    worker_loops: Sequence[Loop]


def new_identify_secret() -> str:
    """256 random bits, as many as HS256 can use."""
    return "gvid_" + secrets.token_urlsafe(32)


def schedule(relay: Database) -> Schedule:
    async def keep_partitions() -> None:
        await first_row(relay, "SELECT tracking.keep_tag_event_partitions()", ())

    return Schedule("tracking.tag_event_partitions", "29 2 * * *", keep_partitions)


def build(
    *,
    settings: AppSettings,
    keys: Keys,
    units: Units,
    relay: Database,
    recorder: Database,
    bell: Bell,
    ask: Ask,
    remembered: Remembered,
    begin: BeginWork,
    customers: Customers,
    database: Database,
    box: SecretBox,
) -> TagParts:
    tag_keys = TagKeys(ask, units, settings.base_url)
    remembered.also(tag_keys.clear)
    writer = TagEventWriter(recorder, linger_s=0.004)
    refusals = Refusals(relay)
    door = TagEventDoor(
        tag_keys,
        writer,
        TagTokens(keys.signer(CLICK_PURPOSE), keys.signer(CLAIM_PURPOSE)),
        refusals,
        bell,
        DailyHash(keys.derive("click address")),
        _limit(),
        address_reader(settings.trusted_proxies),
    )
    return TagParts(
        routes=[tag_event_route(door), tag_config_route(TagConfigDoor(tag_keys)), TagController],
        dependencies={
            "tag_reads": TagReads(units, box),
            "tag_desk": TagDesk(remembered.forget),
            **_use_cases(begin),
        },
        web_lifespans=[writer.running, refusals.writing],
        worker_loops=[_worker(relay, units, begin, customers, VaultNameKeys(ask), database)],
    )


def _limit() -> SharedLimit:
    return SharedLimit(
        RateLimit(per_second=EVENTS_PER_SECOND, burst=4 * EVENTS_PER_SECOND),
        RateLimit(per_second=EVENTS_OF_ONE_SENDER, burst=EVENTS_OF_ONE_SENDER),
    )


def _use_cases(begin: BeginWork) -> dict[str, Any]:
    return {
        "change_tag": ChangeTag(begin),
        "rotate_identify_secret": RotateIdentifySecret(begin, new_identify_secret),
        "drop_old_identify_secret": DropOldIdentifySecret(begin),
    }


def _worker(
    relay: Database, units: Units, begin: BeginWork, customers: Customers, names: NameKeys, listens: Database
) -> TagWorker:
    waiting = WaitingTagEvents(relay, units)
    tie = TieVisitors(begin, customers, JwtIdentifyTokens())
    return TagWorker(waiting, names, NoteOrderHints(begin), tie, listens)
