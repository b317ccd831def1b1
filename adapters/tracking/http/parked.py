"""Deliveries that were given up, for the shop's own people: what they said, why they were parked, and try again."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from adapters.shared.http.auth import Caller
from adapters.shared.http.bodies import Answer, Body, decode_cursor, encode_cursor
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from adapters.shared.postgres.bell import Bell
from adapters.tracking.channels import FETCH, INTAKE
from adapters.tracking.http.shapes import READ, WRITE, Cursor, Limit
from adapters.tracking.postgres.deliveries import ParkedReads
from kernel.ids import ShopId
from tracking.application.replay_deliveries import Replay, ReplayDeliveries
from tracking.domain.connection import ConnectionId, Kind
from tracking.domain.delivery import DeliveryNotFound, DeliveryRef

_PREFIX = "dlv_"
ConnectionIdText = Annotated[str, Meta(max_length=40, examples=["con_01k9z7d2m8f3rt5wq6x7y8z9ab"])]


@dataclass(frozen=True, slots=True)
class IntakeBell:
    """Wakes the worker's intakes."""

    bell: Bell

    def ring(self) -> None:
        self.bell.ring(INTAKE)
        self.bell.ring(FETCH)


class ParkedAnswer(Answer, frozen=True, kw_only=True):
    """A message that was taken in and could not be recorded."""

    id: Annotated[str, Meta(examples=["dlv_AaIBdHM8dB-vMXDhWNtUrjM0bXNnXzE"])]
    connection_id: str
    kind: Kind
    delivery_key: str
    """The platform's own id of the message."""
    topic: str
    received_at: datetime
    parked_at: datetime
    tries: int
    code: Annotated[str, Meta(examples=["currency_mismatch"])]
    reason: str
    bytes: int


class ParkedBodyAnswer(ParkedAnswer, frozen=True, kw_only=True):
    body: str
    """As it came; what is no UTF-8 is replaced."""


class ParkedList(Answer, frozen=True, kw_only=True):
    items: list[ParkedAnswer]
    next_cursor: str | None


class ReplayRequest(Body, frozen=True, kw_only=True):
    """Of one connection; of all when none is named."""

    connection_id: ConnectionIdText | None = None


class ReplayAnswer(Answer, frozen=True, kw_only=True):
    replayed: int
    """How many wait again."""


class ParkedController(Controller):
    path = "/api/v1/parked-deliveries"
    tags = ("tracking",)

    @get(
        operation_id="listParkedDeliveries",
        summary="Messages of platforms that were given up, and why",
        guards=READ,
        responses=refusals(404, 422),
    )
    async def read_all(
        self,
        caller: NamedDependency[Caller],
        parked_reads: NamedDependency[ParkedReads],
        connection_id: Annotated[str | None, QueryParameter(required=False, max_length=40)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> ParkedList:
        of = from_wire("con", connection_id) if connection_id is not None else None
        decoded = decode_cursor(cursor, UUID, str)
        after = (UUID(str(decoded[0])), str(decoded[1])) if decoded else None
        rows = await parked_reads.page(caller.shop_id, of, after, limit)
        more = encode_cursor(rows[-1][0], rows[-1][1]) if len(rows) == limit else None
        return ParkedList(items=[ParkedAnswer(**_fields(row)) for row in rows], next_cursor=more)

    @get(
        "/{delivery_id:str}",
        operation_id="getParkedDelivery",
        summary="A message that was given up, with its text",
        description="The text may name customers, so that a key needs the scope to write.",
        guards=WRITE,
        responses=refusals(404),
    )
    async def read(
        self, delivery_id: FromPath[str], caller: NamedDependency[Caller], parked_reads: NamedDependency[ParkedReads]
    ) -> ParkedBodyAnswer:
        row = await parked_reads.one(_ref(caller.shop_id, delivery_id))
        return ParkedBodyAnswer(**_fields(row), body=bytes(row[10]).decode("utf-8", "replace"))

    @post(
        "/{delivery_id:str}/replay",
        operation_id="replayParkedDelivery",
        summary="Try one message again",
        status_code=200,
        guards=WRITE,
        responses=refusals(404, 422),
    )
    async def replay(
        self,
        delivery_id: FromPath[str],
        caller: NamedDependency[Caller],
        replay_deliveries: NamedDependency[ReplayDeliveries],
        intake_bell: NamedDependency[IntakeBell],
    ) -> ReplayAnswer:
        ref = _ref(caller.shop_id, delivery_id)
        count = await replay_deliveries(Replay(shop_id=caller.shop_id, delivery=ref))
        intake_bell.ring()
        return ReplayAnswer(replayed=count)

    @post(
        "/replay",
        operation_id="replayParkedDeliveries",
        summary="Try all messages again, of one connection or of all",
        status_code=200,
        guards=WRITE,
        responses=refusals(404, 422),
    )
    async def replay_all(
        self,
        data: JSONBody[ReplayRequest],
        caller: NamedDependency[Caller],
        replay_deliveries: NamedDependency[ReplayDeliveries],
        intake_bell: NamedDependency[IntakeBell],
    ) -> ReplayAnswer:
        of = data.connection_id
        known = ConnectionId(from_wire("con", of, pointer="/connection_id")) if of is not None else None
        count = await replay_deliveries(Replay(shop_id=caller.shop_id, connection_id=known))
        intake_bell.ring()
        return ReplayAnswer(replayed=count)


def _fields(row: Sequence[Any]) -> dict[str, Any]:
    return {
        "id": _PREFIX + base64.urlsafe_b64encode(row[0].bytes + row[1].encode()).rstrip(b"=").decode(),
        "connection_id": to_wire("con", row[0]),
        "delivery_key": row[1],
        "kind": row[2],
        "topic": row[3],
        "received_at": row[4],
        "tries": row[5],
        "code": row[6] or "",
        "reason": row[7] or "",
        "parked_at": row[8],
        "bytes": row[9],
    }


def _ref(shop_id: ShopId, delivery_id: str) -> DeliveryRef:
    """The delivery that an id of ours names; any other text names none."""
    text = delivery_id.removeprefix(_PREFIX)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        connection_id, key = ConnectionId(UUID(bytes=raw[:16])), raw[16:].decode()
    except (binascii.Error, ValueError):
        raise DeliveryNotFound from None
    if not delivery_id.startswith(_PREFIX) or "\0" in key:
        raise DeliveryNotFound
    return DeliveryRef(shop_id=shop_id, connection_id=connection_id, delivery_key=key)
