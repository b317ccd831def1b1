"""Shopify's webhooks as order reports (Admin REST API resources Order and Refund, version 2024-10).

Amounts are the shop's currency. With `taxes_included` the lines' prices hold the tax. A refund's lines are counted by
quantity of the order's own lines, which holds whatever the refund's amounts include; `order_adjustments` of kind
`refund_discrepancy` say what was paid back beyond (negative) or short of (positive) the lines. Shipping that is paid
back does not touch the base: version 2024-10 tells it as `refund_shipping_lines`, earlier ones as adjustments of kind
`shipping_refund`. A refund's adjustments change while its money is on its way: the newest order that shows it counts.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import msgspec
from msgspec.structs import replace

from adapters.tracking.platforms.platform import Delivered, Knock, Platform, Setup
from adapters.tracking.platforms.reading import (
    CLAIM_ATTRIBUTE,
    CLICK_ATTRIBUTE,
    UNREADABLE,
    Amounts,
    clean,
    coupon_codes,
    kept_attributes,
    language,
    milli,
    optional,
    take_off,
    token,
    utc,
)
from adapters.tracking.platforms.shopify_money import asked_of, currency_of, paid_back
from adapters.tracking.platforms.shopify_shapes import (
    ZERO,
    Customer,
    DeletedPayload,
    DisputePayload,
    Id,
    LineItem,
    OrderPayload,
    RefundPayload,
)
from adapters.tracking.platforms.signatures import check_base64
from tracking.domain.delivery import UnhandledTopic, Unreadable
from tracking.domain.order import Dispute, DisputeState, Line, OrderKey, Refund, RefundedLine
from tracking.domain.report import Buyer, OrderReport, ReportedOrder
from tracking.domain.standing import Fulfilment, Payment

ORDER_TOPICS: Final = frozenset(
    {
        "orders/create",
        "orders/updated",
        "orders/paid",
        "orders/cancelled",
        "orders/fulfilled",
        "orders/partially_fulfilled",
    }
)
DISPUTE_TOPICS: Final = frozenset({"disputes/create", "disputes/update"})
TOPICS: Final = ORDER_TOPICS | DISPUTE_TOPICS | {"refunds/create", "orders/delete"}
EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_PAYMENT: Final[dict[str | None, Payment]] = {
    "paid": "paid",
    "partially_refunded": "paid",
    "refunded": "paid",
    "voided": "voided",
}
_FULFILMENT: Final[dict[str | None, Fulfilment]] = {
    None: "open",
    "unfulfilled": "open",
    "partial": "partial",
    "fulfilled": "fulfilled",
    "restocked": "returned",
}
_DISPUTES: Final[dict[str, DisputeState]] = {
    "won": "won",
    "charge_refunded": "won",  # the refund that ended it is told by itself
    "lost": "lost",
    "accepted": "lost",
}
_order = msgspec.json.Decoder(OrderPayload)
_refund = msgspec.json.Decoder(RefundPayload)
_dispute = msgspec.json.Decoder(DisputePayload)
_deleted = msgspec.json.Decoder(DeletedPayload)


def read(topic: str, body: bytes, received_at: datetime = EPOCH) -> OrderReport:
    """One delivery as a report. Raises Unreadable, UnhandledTopic, CurrencyMismatch or InvalidAmount."""
    try:
        if topic in ORDER_TOPICS:
            return _order_report(_order.decode(body), cancelled=topic == "orders/cancelled")
        if topic == "refunds/create":
            return _refund_report(_refund.decode(body))
        if topic in DISPUTE_TOPICS:
            return _dispute_report(_dispute.decode(body))
        if topic == "orders/delete":
            return OrderReport(key=_key(_deleted.decode(body).id), currency=None, gone_at=received_at)
    except UNREADABLE:
        raise Unreadable(f"The payload is not what Shopify sends as {topic}.") from None
    raise UnhandledTopic


def _key(order_id: Id) -> OrderKey:
    text = clean(str(order_id), 64)
    if not text:
        raise Unreadable("The order has no id.")
    return OrderKey("shopify", text)


def _order_report(payload: OrderPayload, *, cancelled: bool) -> OrderReport:
    amounts = Amounts(payload.currency)
    updated_at = utc(payload.updated_at or payload.created_at)
    cancelled_at = payload.cancelled_at or (updated_at if cancelled else None)
    attributes = {attribute.name: attribute.value for attribute in payload.note_attributes or ()}
    shipping, shipping_tax = _shipping(payload, amounts)
    left = [utc(each.created_at) for each in payload.fulfillments or () if each.status in {None, "success"}]
    order = ReportedOrder(
        updated_at=updated_at,
        number=clean(payload.name, 64) or clean(str(payload.id), 64),
        placed_at=utc(payload.processed_at or payload.created_at),
        total_minor=amounts.minor(payload.total_price),
        lines=_lines(payload, amounts, shipping + shipping_tax),
        payment=_PAYMENT.get(payload.financial_status, "pending"),
        refunded=payload.financial_status == "refunded",
        test=bool(payload.test),
        codes=coupon_codes(discount.code for discount in payload.discount_codes or ()),
        claim_token=token(attributes.get(CLAIM_ATTRIBUTE)),
        click_token=token(attributes.get(CLICK_ATTRIBUTE)),
        buyer=_buyer(payload),
        tax_included=bool(payload.taxes_included),
        shipping_minor=shipping,
        shipping_tax_minor=shipping_tax,
        discount_minor=amounts.minor(payload.total_discounts or ZERO),
        fulfilment=_FULFILMENT.get(payload.fulfillment_status, "open"),
        fulfilled_at=min(left, default=None),
        asked_milli=milli(asked_of(payload)),
        attributes=kept_attributes(attributes.items()),
    )
    return OrderReport(
        key=_key(payload.id),
        currency=payload.currency,
        order=order,
        refunds=_refunds(payload, amounts, int(updated_at.timestamp())),
        cancelled_at=utc(cancelled_at) if cancelled_at else None,
    )


def _lines(payload: OrderPayload, amounts: Amounts, shipping: int) -> tuple[Line, ...]:
    """A discount that is said of the order, of none of its lines, and holds by its total, is spread over the lines."""
    lines = [_line(item, amounts, taxed=bool(payload.taxes_included)) for item in payload.line_items]
    parts = [
        part
        for each in (*payload.line_items, *(payload.shipping_lines or ()))
        for part in each.discount_allocations or ()
    ]
    off = amounts.minor(payload.total_discounts or ZERO)
    goods = sum(line.net_minor + line.tax_minor for line in lines)
    if parts or goods + shipping - off != amounts.minor(payload.total_price):
        return tuple(lines)
    tax = off * sum(line.tax_minor for line in lines) // goods if payload.taxes_included and goods > 0 else 0
    return take_off(lines, off - tax, tax)


def _line(item: LineItem, amounts: Amounts, *, taxed: bool) -> Line:
    tax = sum((amounts.minor(line.price) for line in item.tax_lines or ()), 0)
    discount = sum((amounts.minor(part.amount) for part in item.discount_allocations or ()), 0)
    net = amounts.minor(item.price) * item.quantity - discount - (tax if taxed else 0)
    return Line(
        line_id=clean(str(item.id), 64),
        quantity=item.quantity,
        net_minor=net,
        tax_minor=tax,
        discount_minor=discount,
        sku=clean(item.sku, 64),
    )


def _shipping(payload: OrderPayload, amounts: Amounts) -> tuple[int, int]:
    """Without tax, after its discounts, and the tax on it."""
    gross = tax = 0
    for line in payload.shipping_lines or ():
        gross += amounts.minor(line.price) - sum(amounts.minor(part.amount) for part in line.discount_allocations or ())
        tax += sum(amounts.minor(part.price) for part in line.tax_lines or ())
    return (gross - tax if payload.taxes_included else gross), tax


def _buyer(payload: OrderPayload) -> Buyer:
    customer = payload.customer or Customer()
    email = payload.email or payload.contact_email or customer.email
    reference = str(customer.id) if customer.id is not None else None
    return Buyer(
        reference=optional(reference),
        email=optional(email, 254),
        first_name=clean(customer.first_name),
        last_name=clean(customer.last_name),
        locale=language(payload.customer_locale),
        phone=optional(payload.phone or customer.phone, 40),
        otherwise=f"guest-of-order-{payload.id}",
    )


def _refund_report(payload: RefundPayload) -> OrderReport:
    if payload.order_id is None:
        raise Unreadable("The refund names no order.")
    named = currency_of(payload)
    amounts = Amounts(named or "EUR")  # without a name it is the shop's, and every shop's has two decimals
    return OrderReport(key=_key(payload.order_id), currency=named, refunds=(_refunded(payload, amounts),))


def _dispute_report(payload: DisputePayload) -> OrderReport:
    """By the moment it began: of two messages about it the one that says how it ended then counts."""
    if payload.order_id is None:
        raise UnhandledTopic("The dispute is about no order.")
    amounts = Amounts(payload.currency)
    dispute = Dispute(
        dispute_id=clean(str(payload.id), 64),
        state=_DISPUTES.get(payload.status, "open"),
        at=utc(payload.initiated_at) if payload.initiated_at else EPOCH,
        gross_minor=amounts.minor(payload.amount),
        reason=clean(payload.reason, 64),
    )
    return OrderReport(key=_key(payload.order_id), currency=payload.currency, disputes=(dispute,))


def _refunds(payload: OrderPayload, amounts: Amounts, version: int) -> tuple[Refund, ...]:
    asked = asked_of(payload)
    rate = payload.total_price / asked if asked else Decimal(1)
    return tuple(replace(_refunded(refund, amounts, rate), version=version) for refund in payload.refunds or ())


def _refunded(payload: RefundPayload, amounts: Amounts, rate: Decimal | None = None) -> Refund:
    """`rate` is what one unit of the buyer's currency was in the shop's, if known."""
    lines = tuple(
        RefundedLine(
            line_id=clean(str(line.line_item_id), 64),
            quantity=line.quantity,
            net_minor=amounts.rounded(line.subtotal),  # a JSON number, which may be a rest of some sum
        )
        for line in payload.refund_line_items
    )
    net = gross = 0
    for adjustment in payload.order_adjustments:
        if adjustment.kind != "shipping_refund":
            amount, tax = amounts.minor(adjustment.amount), amounts.minor(adjustment.tax_amount)
            net, gross = (net - amount, gross) if tax else (net, gross - amount)
    # What fell short of the lines is no more than they are: it may be about shipping, or money still on its way.
    goods = sum(line.net_minor for line in lines)
    net, gross, asked = max(net, -goods), max(gross, -goods), ZERO
    if not lines and not payload.order_adjustments and not payload.refund_shipping_lines:
        own, asked = paid_back(payload, amounts.currency)
        gross = amounts.rounded(own if rate is None else own + asked * rate)
    return Refund(
        refund_id=clean(str(payload.id), 64),
        lines=lines,
        net_minor=net,
        gross_minor=gross,
        asked_milli=max(0, milli(asked)) if rate is None else 0,
    )


def _check(knock: Knock) -> None:
    check_base64(knock.body, knock.header(b"x-shopify-hmac-sha256"), knock.secrets)


def _read(delivered: Delivered) -> OrderReport:
    return read(delivered.topic, delivered.body, delivered.received_at)


PLATFORM: Final = Platform(
    kind="shopify",
    title="Shopify",
    address="shopify",
    topics=TOPICS,
    check=_check,
    topic=lambda knock: knock.text(b"x-shopify-topic"),
    delivery_id=lambda knock: knock.header(b"x-shopify-webhook-id"),
    triggered_at=lambda knock: knock.text(b"x-shopify-triggered-at", 60),
    read=_read,
    headers=("X-Shopify-Hmac-Sha256", "X-Shopify-Topic", "X-Shopify-Webhook-Id", "X-Shopify-Triggered-At"),
    setup=Setup(
        where="Your Shopify app's configuration › Webhooks",
        paste=(("Delivery URL", "{address}"), ("Format", "JSON")),
        topics=tuple(sorted(TOPICS)),
        asks=("secret",),
    ),
)
