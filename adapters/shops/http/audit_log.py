"""The audit log, and whether it is intact."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from msgspec import Meta

from adapters.shared.http.auth import Caller, requires
from adapters.shared.http.bodies import Answer, decode_cursor, encode_cursor
from adapters.shared.http.ids import to_wire
from adapters.shared.http.problems import refusals
from adapters.shops.http.keys import Cursor, Limit
from shops.application.queries.read_audit_log import ReadAuditLog, VerifyAuditLog
from shops.domain.audit import Entry

Position = Annotated[int, Meta(ge=1, le=2**63 - 1)]
PREFIXES = {"shop": "shp", "key": "key", "customer": "cus", "programme": "prg", "order": "ord", "chain": "prg"}


class ActorAnswer(Answer, frozen=True, kw_only=True):
    kind: Annotated[str, Meta(examples=["key"])]
    id: Annotated[str, Meta(examples=["key_01k9z7d2m8f3rt5wq6x7y8z9ab"])]


class EntryAnswer(Answer, frozen=True, kw_only=True):
    position: int
    at: datetime
    actor: ActorAnswer
    action: Annotated[str, Meta(examples=["shop.changed"])]
    subject: Annotated[str, Meta(examples=["shp_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    details: dict[str, Any]


class EntryList(Answer, frozen=True, kw_only=True):
    items: list[EntryAnswer]
    next_cursor: str | None


class VerdictAnswer(Answer, frozen=True, kw_only=True):
    intact: bool
    broken_at: int | None
    """Position of the first entry that was changed, removed or put in between; null if the log is intact."""
    entries: int
    """Entries that hold, from the first one on."""
    seal: Annotated[str, Meta(examples=["9f86d081884c7d65"])]
    """Stands for all of them: keep it elsewhere to prove later that nothing was replaced."""


class AuditLogController(Controller):
    path = "/api/v1/audit-log"
    tags = ("shops",)

    @get(
        operation_id="listAuditLog",
        summary="Who did what, newest first",
        guards=[requires("shops:read")],
        responses=refusals(422),
    )
    async def read(
        self,
        caller: NamedDependency[Caller],
        read_audit_log: NamedDependency[ReadAuditLog],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> EntryList:
        entries = await read_audit_log(caller.shop_id, before=_position(cursor), limit=limit)
        more = len(entries) == limit and entries[-1].position > 1
        return EntryList(
            items=[_answer(entry) for entry in entries],
            next_cursor=encode_cursor(entries[-1].position) if more else None,
        )

    @get(
        "/verification",
        operation_id="verifyAuditLog",
        summary="Whether the audit log is as it was written",
        guards=[requires("shops:read")],
        responses=refusals(),
    )
    async def verify(
        self, caller: NamedDependency[Caller], verify_audit_log: NamedDependency[VerifyAuditLog]
    ) -> VerdictAnswer:
        verdict = await verify_audit_log(caller.shop_id)
        return VerdictAnswer(
            intact=verdict.broken_at is None,
            broken_at=verdict.broken_at,
            entries=verdict.entries,
            seal=verdict.seal.hex(),
        )


def _position(cursor: str | None) -> int | None:
    position = decode_cursor(cursor, Position)
    return int(str(position[0])) if position else None


def _answer(entry: Entry) -> EntryAnswer:
    return EntryAnswer(
        position=entry.position,
        at=entry.at,
        actor=ActorAnswer(kind=entry.actor.kind, id=entry.actor.id),
        action=entry.action,
        subject=_subject(entry),
        details=_details(entry),
    )


# An entry that was tampered with may hold anything, and must still be shown.


def _subject(entry: Entry) -> str:
    try:
        return to_wire(PREFIXES[entry.action.partition(".")[0]], UUID(entry.subject))
    except (KeyError, ValueError):
        return entry.subject


def _details(entry: Entry) -> dict[str, Any]:
    try:
        return msgspec.json.decode(entry.details, type=dict[str, Any])
    except msgspec.DecodeError:
        return {"unreadable": entry.details}
