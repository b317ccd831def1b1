"""Messages and what became of them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Meta

from adapters.engagement.http.consents import Cursor, CustomerWireId, Limit
from adapters.shared.http.auth import Caller, requires
from adapters.shared.http.bodies import Answer, decode_cursor, encode_cursor
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from engagement.application.queries.list_messages import ListMessages
from engagement.domain.message import Kind, Side
from engagement.ports import MessageFilter, MessageRow, MessageState
from kernel.ids import CustomerId


class MessageAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["msg_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    customer_id: CustomerWireId
    reward_id: Annotated[str, Meta(examples=["rwd_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    reward_revision: int
    side: Side
    template: Kind
    state: MessageState
    reason: Annotated[str, Meta(examples=["suppressed"])]
    """Why it was skipped, parked or must be tried again; empty otherwise."""
    tries: int
    due_at: datetime | None
    """When it is tried next; null once it is settled."""
    settled_at: datetime | None


class MessageList(Answer, frozen=True, kw_only=True):
    items: list[MessageAnswer]
    next_cursor: str | None


class MessageController(Controller):
    path = "/api/v1/messages"
    tags = ("engagement",)

    @get(
        operation_id="listMessages",
        summary="Messages and what became of them, newest first",
        guards=[requires("engagement:read")],
        responses=refusals(404, 422),
    )
    async def list_all(
        self,
        caller: NamedDependency[Caller],
        list_messages: NamedDependency[ListMessages],
        customer_id: Annotated[str | None, QueryParameter(required=False, max_length=64)] = None,
        in_state: Annotated[MessageState | None, QueryParameter(name="state", required=False)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> MessageList:
        position = decode_cursor(cursor, UUID)
        wanted = MessageFilter(
            limit=limit,
            before=None if position is None else position[0],  # type: ignore[arg-type]
            customer_id=None if customer_id is None else CustomerId(from_wire("cus", customer_id)),
            state=in_state,
        )
        rows = await list_messages(caller.shop_id, wanted)
        return MessageList(
            items=[_answer(row) for row in rows],
            next_cursor=encode_cursor(rows[-1].message_id) if len(rows) == limit else None,
        )


def _answer(row: MessageRow) -> MessageAnswer:
    return MessageAnswer(
        id=to_wire("msg", row.message_id),
        customer_id=to_wire("cus", row.customer_id),
        reward_id=to_wire("rwd", row.reward_id),
        reward_revision=row.revision,
        side=row.side,
        template=row.template,
        state=row.state,
        reason=row.reason,
        tries=row.tries,
        due_at=row.due_at if row.state in ("queued", "sending") else None,
        settled_at=row.settled_at,
    )
