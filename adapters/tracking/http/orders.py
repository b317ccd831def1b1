"""Orders over the API: reported in our own format, read with their attribution and its reasons."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from adapters.shared.http.auth import Caller
from adapters.shared.http.bodies import Answer, Body, MoneyBody
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from adapters.shared.postgres.unit import utc_now
from adapters.shared.texts import SOURCE
from adapters.tracking.http.attribution_answers import AttributionAnswer, attribution_answer
from adapters.tracking.http.order_parts import OrderParts, order_parts
from adapters.tracking.http.shapes import (
    READ,
    WRITE,
    Cursor,
    Language,
    Limit,
    Locale,
    LocaleName,
    next_cursor,
    position,
    reader,
)
from adapters.tracking.platforms.own import dispute_report, order_report, refund_report
from adapters.tracking.platforms.own_shapes import DisputeBody, OrderBody, RefundBody
from adapters.tracking.platforms.reading import Moment, utc
from adapters.tracking.postgres.reads import Reads
from kernel.ids import ShopId
from tracking.application.record_orders import RecordOrders, Reported
from tracking.domain.decision import Decided
from tracking.domain.order import OrderFacts, OrderKey
from tracking.domain.report import OrderReport

OrderIdText = Annotated[str, Meta(examples=["ord_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
_decided = msgspec.json.Decoder(Decided)
_facts = msgspec.json.Decoder(OrderFacts)


class CancelRequest(Body, frozen=True, kw_only=True):
    cancelled_at: Moment


class OrderAnswer(OrderParts, frozen=True, kw_only=True):
    id: OrderIdText
    platform: Literal["shopify", "woocommerce", "shopware", "bigcommerce", "stripe", "own", "csv"]
    order_id: Annotated[str, Meta(examples=["A-1001"])]
    """The platform's own id."""
    number: str
    revision: int
    placed_at: datetime
    state: Literal["open", "cancelled"]
    payment: Literal["pending", "paid", "voided"]
    test: bool
    customer_id: str
    first_order: bool
    total: MoneyBody
    base: MoneyBody
    """Lines after discounts, without tax and shipping, as ordered."""
    final_base: MoneyBody
    """What is left of the base after refunds, cancellation and lost chargebacks."""
    attribution: AttributionAnswer


class OrderList(Answer, frozen=True, kw_only=True):
    items: list[OrderAnswer]
    next_cursor: str | None


MONEY_MOVES = {"idempotency": "required"}
"""What an order says decides what is owed: a repeated report must be recognised, whatever happened to its answer."""


class OrderController(Controller):
    path = "/api/v1/orders"
    tags = ("tracking",)

    @post(
        operation_id="reportOrder",
        summary="Report an order, new or changed",
        description="201 for a new order, 200 for one that was known. The newest `updated_at` wins.",
        guards=WRITE,
        opt=MONEY_MOVES,
        responses=refusals(422)
        | {200: ResponseSpec(OrderAnswer, description="The order was known", generate_examples=False)},
    )
    async def report(
        self,
        data: JSONBody[OrderBody],
        caller: NamedDependency[Caller],
        record_orders: NamedDependency[RecordOrders],
        tracking_reads: NamedDependency[Reads],
    ) -> Response[OrderAnswer]:
        order_id, new = await _record(record_orders, caller.shop_id, order_report(data, utc_now()))
        answer = _answer(await tracking_reads.order(caller.shop_id, order_id))
        return Response(answer, status_code=201 if new else 200)

    @get(operation_id="listOrders", summary="Orders, newest first", guards=READ, responses=refusals(404, 422))
    async def read_all(
        self,
        caller: NamedDependency[Caller],
        tracking_reads: NamedDependency[Reads],
        order_id: Annotated[str | None, QueryParameter(required=False, max_length=128)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
        locale: Locale = None,
        accepts: Language = "",
    ) -> OrderList:
        """`order_id` is the shop's own id of the order."""
        rows = await tracking_reads.orders(
            caller.shop_id, external_id=order_id, before=position(cursor, "ord"), most=limit
        )
        last = rows[-1].order_id if rows else None
        items = [_answer(row, reader(locale, accepts)) for row in rows]
        return OrderList(items=items, next_cursor=next_cursor("ord", last, len(rows), limit))

    @get(
        "/{order_id:str}",
        operation_id="getOrder",
        summary="An order, whom it is credited to, and why",
        guards=READ,
        responses=refusals(404),
    )
    async def read(
        self,
        order_id: FromPath[str],
        caller: NamedDependency[Caller],
        tracking_reads: NamedDependency[Reads],
        locale: Locale = None,
        accepts: Language = "",
    ) -> OrderAnswer:
        """Sentences are in `locale`, else in the best of the languages that you accept, else in English."""
        row = await tracking_reads.order(caller.shop_id, from_wire("ord", order_id))
        return _answer(row, reader(locale, accepts))

    @post(
        "/{order_id:str}/refunds",
        operation_id="reportRefund",
        summary="Report a refund of an order: whole, by lines, or an amount",
        guards=WRITE,
        opt=MONEY_MOVES,
        responses=refusals(404, 409, 422),
    )
    async def refund(
        self,
        order_id: FromPath[str],
        data: JSONBody[RefundBody],
        caller: NamedDependency[Caller],
        record_orders: NamedDependency[RecordOrders],
        tracking_reads: NamedDependency[Reads],
    ) -> OrderAnswer:
        """`order_id` is the order's `id` here, `ord_…`. The list finds it by the shop's own."""
        key, uuid = await _key(tracking_reads, caller.shop_id, order_id)
        await _record(record_orders, caller.shop_id, refund_report(key, data), strict=True)
        return _answer(await tracking_reads.order(caller.shop_id, uuid))

    @post(
        "/{order_id:str}/cancel",
        operation_id="cancelOrder",
        summary="Report that an order was cancelled",
        status_code=200,
        guards=WRITE,
        opt=MONEY_MOVES,
        responses=refusals(404, 422),
    )
    async def cancel(
        self,
        order_id: FromPath[str],
        data: JSONBody[CancelRequest],
        caller: NamedDependency[Caller],
        record_orders: NamedDependency[RecordOrders],
        tracking_reads: NamedDependency[Reads],
    ) -> OrderAnswer:
        """`order_id` is the order's `id` here, `ord_…`. The list finds it by the shop's own."""
        key, uuid = await _key(tracking_reads, caller.shop_id, order_id)
        report = OrderReport(key=key, currency=None, cancelled_at=utc(data.cancelled_at, "/cancelled_at"))
        await _record(record_orders, caller.shop_id, report)
        return _answer(await tracking_reads.order(caller.shop_id, uuid))

    @post(
        "/{order_id:str}/disputes",
        operation_id="reportDispute",
        summary="Report a chargeback of an order, and how it ends",
        status_code=200,
        guards=WRITE,
        opt=MONEY_MOVES,
        responses=refusals(404, 422),
    )
    async def dispute(
        self,
        order_id: FromPath[str],
        data: JSONBody[DisputeBody],
        caller: NamedDependency[Caller],
        record_orders: NamedDependency[RecordOrders],
        tracking_reads: NamedDependency[Reads],
    ) -> OrderAnswer:
        """`order_id` is the order's `id` here, `ord_…`. Of two reports of one dispute the later `at` counts."""
        key, uuid = await _key(tracking_reads, caller.shop_id, order_id)
        await _record(record_orders, caller.shop_id, dispute_report(key, data))
        return _answer(await tracking_reads.order(caller.shop_id, uuid))


async def _record(
    record: RecordOrders, shop_id: ShopId, report: OrderReport, *, strict: bool = False
) -> tuple[UUID, bool]:
    """The order's id, and whether it was reported for the first time."""
    done = await record(shop_id, [Reported(report=report, strict=strict)])
    if done.refusals[0] is not None:
        raise done.refusals[0]
    return done.orders[report.key].order_id, report.key in done.new


async def _key(reads: Reads, shop_id: ShopId, order_id: str) -> tuple[OrderKey, UUID]:
    row = await reads.order(shop_id, from_wire("ord", order_id))
    return OrderKey(row.platform, row.external_id), row.order_id


def _answer(row: Any, locale: LocaleName = SOURCE) -> OrderAnswer:
    def money(amount_minor: int) -> MoneyBody:
        return MoneyBody(amount_minor=amount_minor, currency=row.currency)

    return OrderAnswer(
        id=to_wire("ord", row.order_id),
        platform=row.platform,
        order_id=row.external_id,
        number=row.number,
        revision=row.revision,
        placed_at=row.placed_at,
        state="cancelled" if row.cancelled_at is not None else "open",
        payment=row.payment,
        test=row.test,
        customer_id=to_wire("cus", row.customer_id),
        first_order=row.first_order,
        total=money(row.total_minor),
        base=money(row.base_minor),
        final_base=money(row.final_base_minor),
        **order_parts(_facts.decode(row.facts_text), money),
        attribution=attribution_answer(_decided.decode(row.decided_text), locale),
    )
