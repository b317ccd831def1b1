"""Our own order format: the body of the orders API and of the signed generic order webhook.

The webhook follows the Standard Webhooks specification: `{"type", "timestamp", "data"}`, where `type` is
`order.reported` (data: an order), `order.refunded` (data: a refund with `order_id`), `order.cancelled` (data:
`order_id`, `cancelled_at`) or `order.disputed` (data: a chargeback with `order_id`). `order_id` is the shop's own id of
the order. Of two orders that do not say since when they are so, and of two refunds of one id, the one with the later
`timestamp` counts.
"""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from adapters.shared.http.bodies import MoneyBody
from adapters.tracking.platforms.own_shapes import (
    BuyerBody,
    CancelData,
    DisputeBody,
    DisputeData,
    LineBody,
    OrderBody,
    RefundBody,
    RefundData,
)
from adapters.tracking.platforms.platform import Knock, Platform, Setup
from adapters.tracking.platforms.reading import (
    UNREADABLE,
    Moment,
    clean,
    coupon_codes,
    kept_attributes,
    optional,
    peeked,
    token,
    utc,
)
from adapters.tracking.platforms.signatures import check_standard
from kernel.errors import CurrencyMismatch, DomainError
from tracking.domain.delivery import UnhandledTopic, Unreadable
from tracking.domain.order import Dispute, Line, OrderKey, Refund, RefundedLine
from tracking.domain.report import Buyer, OrderReport, ReportedOrder

TOPICS: Final = frozenset({"order.reported", "order.refunded", "order.cancelled", "order.disputed"})


class BadRefund(DomainError):
    code = "bad_refund"
    title = "A refund is whole, by lines, or an amount"


class _Typed(Struct, frozen=True):
    type: str
    timestamp: object = None
    data: msgspec.Raw | UnsetType = UNSET


_typed = msgspec.json.Decoder(_Typed)
_order = msgspec.json.Decoder(OrderBody)
_refund = msgspec.json.Decoder(RefundData)
_cancel = msgspec.json.Decoder(CancelData)
_dispute = msgspec.json.Decoder(DisputeData)


def topic_of(body: bytes) -> str:
    """What the webhook says it is; "" when it cannot be read."""
    return clean(peeked(_typed, body, _Typed("")).type, 100)


def read(body: bytes) -> OrderReport:
    """One webhook as a report. Raises Unreadable, UnhandledTopic, CurrencyMismatch or InvalidAmount."""
    try:
        typed = _typed.decode(body)
        data = b"{}" if typed.data is UNSET else bytes(typed.data)
        if typed.type == "order.reported":
            return order_report(_order.decode(data), _told_at(typed.timestamp))
        if typed.type == "order.refunded":
            refund = _refund.decode(data)
            return refund_report(_key(refund.order_id), refund, _told_at(typed.timestamp))
        if typed.type == "order.cancelled":
            cancelled = _cancel.decode(data)
            return OrderReport(key=_key(cancelled.order_id), currency=None, cancelled_at=utc(cancelled.cancelled_at))
        if typed.type == "order.disputed":
            dispute = _dispute.decode(data)
            return dispute_report(_key(dispute.order_id), dispute)
    except UNREADABLE as error:
        raise Unreadable(f"The payload does not have the documented shape: {clean(str(error), 300)}") from None
    raise UnhandledTopic


def order_report(body: OrderBody, told_at: datetime | None = None) -> OrderReport:
    """`told_at` is when the shop told it: of two that do not say since when they are so, the later counts."""
    key, currency = _key(body.order_id), body.total.currency
    for at, money in _amounts(body):
        if money is not None and money.currency != currency:
            raise CurrencyMismatch("The order's amounts are in different currencies.", pointer=f"{at}/currency")
    order = ReportedOrder(
        updated_at=utc(body.updated_at, "/updated_at") if body.updated_at else utc(body.placed_at, "/placed_at"),
        told_at=None if body.updated_at else told_at,
        number=body.number or key.external_id,
        placed_at=utc(body.placed_at, "/placed_at"),
        total_minor=body.total.amount_minor,
        lines=tuple(_line(line) for line in body.lines),
        payment=body.payment,
        test=body.test,
        codes=coupon_codes(body.coupon_codes),
        claim_token=token(body.claim_token),
        click_token=token(body.click_token),
        buyer=_buyer(body.customer, key),
        tax_included=body.tax_included,
        shipping_minor=_minor(body.shipping),
        shipping_tax_minor=_minor(body.shipping_tax),
        discount_minor=_minor(body.discount),
        fulfilment=body.fulfilment,
        fulfilled_at=utc(body.fulfilled_at, "/fulfilled_at") if body.fulfilled_at else None,
        attributes=kept_attributes(body.attributes.items()),
    )
    cancelled_at = utc(body.cancelled_at, "/cancelled_at") if body.cancelled_at else None
    return OrderReport(key=key, currency=currency, order=order, cancelled_at=cancelled_at)


def _told_at(timestamp: object) -> datetime | None:
    """When it happened of which a webhook tells, if that can be read."""
    with contextlib.suppress(msgspec.MsgspecError):
        return utc(msgspec.convert(timestamp, Moment))
    return None


def _amounts(body: OrderBody) -> Iterator[tuple[str, MoneyBody | None]]:
    """Every amount besides the total, and where it stands."""
    for number, line in enumerate(body.lines):
        for name in ("net", "tax", "discount"):
            yield f"/lines/{number}/{name}", getattr(line, name)
    for name in ("shipping", "shipping_tax", "discount"):
        yield f"/{name}", getattr(body, name)


def refund_report(key: OrderKey, body: RefundBody, told_at: datetime | None = None) -> OrderReport:
    """`told_at` is when the shop told it: of two that say something else of one refund the later counts."""
    ways = {"/whole": body.whole, "/lines": bool(body.lines), "/amount": body.amount is not None}
    said = [at for at, is_said in ways.items() if is_said]
    if len(said) != 1:
        raise BadRefund("Say either whole, or lines, or an amount.", pointer=said[1] if said else "")
    if body.amount is not None and body.amount.amount_minor < 0:
        raise BadRefund("The amount paid back is negative.", pointer="/amount/amount_minor")
    refund = Refund(
        refund_id=body.refund_id,
        whole=body.whole,
        lines=tuple(RefundedLine(line_id=line.line_id, quantity=line.quantity) for line in body.lines),
        gross_minor=body.amount.amount_minor if body.amount else 0,
        version=int(told_at.timestamp() * 1000) if told_at else 0,
    )
    currency = body.amount.currency if body.amount else None
    return OrderReport(key=key, currency=currency, refunds=(refund,), told_at=told_at)


def dispute_report(key: OrderKey, body: DisputeBody) -> OrderReport:
    dispute = Dispute(
        dispute_id=body.dispute_id,
        state=body.state,
        at=utc(body.at, "/at"),
        gross_minor=_minor(body.amount),
        reason=clean(body.reason, 64),
    )
    currency = body.amount.currency if body.amount else None
    return OrderReport(key=key, currency=currency, disputes=(dispute,))


def _minor(money: MoneyBody | None) -> int:
    return money.amount_minor if money else 0


def _key(order_id: str) -> OrderKey:
    """Spaces around it are no part of it: an order counts once, whoever in the shop wrote it."""
    name = order_id.strip()
    if not name:
        raise Unreadable("The order has no id.", pointer="/order_id")
    return OrderKey("own", name)


def _line(line: LineBody) -> Line:
    return Line(
        line_id=line.line_id,
        quantity=line.quantity,
        net_minor=line.net.amount_minor,
        tax_minor=_minor(line.tax),
        discount_minor=_minor(line.discount),
        sku=clean(line.sku, 64),
    )


def _buyer(buyer: BuyerBody, key: OrderKey) -> Buyer:
    return Buyer(
        reference=optional(buyer.reference),
        email=optional(buyer.email, 254),
        first_name=clean(buyer.first_name),
        last_name=clean(buyer.last_name),
        locale=buyer.locale,
        phone=optional(buyer.phone, 40),
        otherwise=f"guest-of-order-{key.external_id}",
    )


def _check(knock: Knock) -> None:
    check_standard(
        knock.body,
        webhook_id=knock.header(b"webhook-id"),
        timestamp=knock.header(b"webhook-timestamp"),
        signatures=knock.header(b"webhook-signature"),
        secrets=knock.secrets,
        now=knock.now,
    )


PLATFORM: Final = Platform(
    kind="generic",
    title="Own webshop",
    address="orders",
    topics=TOPICS | {""},  # what cannot be read is parked with its reason
    check=_check,
    topic=lambda knock: topic_of(knock.body),
    delivery_id=lambda knock: knock.header(b"webhook-id"),
    triggered_at=lambda knock: knock.text(b"webhook-timestamp", 60),
    read=lambda delivered: read(delivered.body),
    headers=("webhook-id", "webhook-timestamp", "webhook-signature"),
    setup=Setup(
        where="Your shop's code: a library of standardwebhooks.com signs the messages",
        paste=(("URL", "{address}"), ("Secret", "{secret}")),
        topics=tuple(sorted(TOPICS)),
    ),
)
