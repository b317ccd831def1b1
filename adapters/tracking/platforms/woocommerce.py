"""WooCommerce's webhooks as order reports (REST API v3, resource Order).

Amounts are texts without tax, with the tax beside them, whatever the shop's prices hold. Every change of an order sends
the whole order, refunds included: of those only the amount with tax is said, so the goods' part of it is taken at the
order's average tax rate, goods first. A fee below zero is a discount of the whole order; one above it is no goods.
A deleted order is only named.
"""

import re
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Final

import msgspec
from msgspec import Struct, field

from adapters.tracking.platforms.platform import Delivered, Knock, Platform, Setup
from adapters.tracking.platforms.reading import (
    CLAIM_ATTRIBUTE,
    CLICK_ATTRIBUTE,
    UNREADABLE,
    Amounts,
    clean,
    coupon_codes,
    kept_attributes,
    optional,
    take_off,
    token,
    utc,
)
from adapters.tracking.platforms.signatures import check_base64
from kernel.errors import InvalidAmount
from tracking.domain.delivery import UnhandledTopic, Unreadable
from tracking.domain.order import Line, OrderKey, Refund
from tracking.domain.report import Buyer, OrderReport, ReportedOrder
from tracking.domain.standing import Fulfilment, Payment

ORDER_TOPICS: Final = frozenset({"order.created", "order.updated", "order.restored", "order.refunded"})
TOPICS: Final = ORDER_TOPICS | {"order.deleted"}
_ZERO: Final = Decimal(0)
_PAID: Final = frozenset({"processing", "completed", "refunded"})
_DRAFTS: Final = frozenset({"auto-draft", "draft", "checkout-draft"})
_CANCELLED: Final = frozenset({"cancelled", "trash"})
_PING: Final = re.compile(rb"webhook_id=\d{1,20}")
_UTM: Final = "_wc_order_attribution_"


class LineItem(Struct, frozen=True):
    id: int
    quantity: Decimal
    """Shops that sell by weight or length have fractions."""
    total: Decimal
    total_tax: Decimal = _ZERO
    subtotal: Decimal | None = None
    sku: str | None = None


class Extra(Struct, frozen=True):
    """A shipping or fee line."""

    total: Decimal = _ZERO
    total_tax: Decimal = _ZERO


class CouponLine(Struct, frozen=True):
    code: str | None = None


class RefundSummary(Struct, frozen=True):
    id: int
    total: Decimal
    """Below zero, tax and shipping included."""


class Meta(Struct, frozen=True):
    key: str | None = None
    value: object = None


Metas = list[Meta | list[object]] | dict[str, Meta | list[object]]
"""PHP writes a list with a gap as an object, and an entry that was emptied as a list."""


class Billing(Struct, frozen=True):
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None


class OrderPayload(Struct, frozen=True):
    id: int
    status: str
    currency: str
    total: Decimal
    date_created_gmt: datetime
    line_items: list[LineItem]
    number: str | None = None
    date_modified_gmt: datetime | None = None
    date_paid_gmt: datetime | None = None
    date_completed_gmt: datetime | None = None
    prices_include_tax: bool = False
    discount_total: Decimal = _ZERO
    shipping_total: Decimal = _ZERO
    shipping_tax: Decimal = _ZERO
    customer_id: int | None = None
    billing: Billing | None = None
    fee_lines: list[Extra] = field(default_factory=list)
    coupon_lines: list[CouponLine] = field(default_factory=list)
    refunds: list[RefundSummary] = field(default_factory=list)
    meta_data: Metas = field(default_factory=list)


class DeletedPayload(Struct, frozen=True):
    id: int


_order = msgspec.json.Decoder(OrderPayload)
_deleted = msgspec.json.Decoder(DeletedPayload)


def read(topic: str, body: bytes, received_at: datetime) -> OrderReport:
    """One delivery as a report. Raises Unreadable, UnhandledTopic, CurrencyMismatch or InvalidAmount."""
    try:
        if topic in ORDER_TOPICS:
            return _order_report(_order.decode(body))
        if topic == "order.deleted":
            return OrderReport(key=_key(_deleted.decode(body).id), currency=None, gone_at=received_at)
    except UNREADABLE:
        raise Unreadable(f"The payload is not what WooCommerce sends as {topic}.") from None
    raise UnhandledTopic


def _key(order_id: int) -> OrderKey:
    return OrderKey("woocommerce", str(order_id))


def _order_report(payload: OrderPayload) -> OrderReport:
    if payload.status in _DRAFTS:
        raise UnhandledTopic("A draft is not an order yet.")
    amounts = Amounts(payload.currency)
    updated_at = _gmt(payload.date_modified_gmt or payload.date_created_gmt)
    entries = payload.meta_data.values() if isinstance(payload.meta_data, dict) else payload.meta_data
    meta = {each.key: each.value for each in entries if isinstance(each, Meta)}
    order = ReportedOrder(
        updated_at=updated_at,
        number=clean(payload.number, 64) or str(payload.id),
        placed_at=_gmt(payload.date_created_gmt),
        total_minor=amounts.rounded(payload.total),
        lines=_lines(payload, amounts),
        payment=_payment(payload),
        refunded=payload.status == "refunded",
        codes=coupon_codes(line.code for line in payload.coupon_lines),
        claim_token=token(meta.get(CLAIM_ATTRIBUTE)),
        click_token=token(meta.get(CLICK_ATTRIBUTE)),
        buyer=_buyer(payload),
        tax_included=payload.prices_include_tax,
        shipping_minor=amounts.rounded(payload.shipping_total),
        shipping_tax_minor=amounts.rounded(payload.shipping_tax),
        discount_minor=amounts.rounded(payload.discount_total),
        fulfilment=_fulfilment(payload),
        fulfilled_at=_gmt(payload.date_completed_gmt) if payload.date_completed_gmt else None,
        cancelled_at=updated_at if payload.status in _CANCELLED else None,
        refunds_shown=tuple(sorted(str(refund.id) for refund in payload.refunds)),
        attributes=kept_attributes((_name(key), value) for key, value in meta.items()),
    )
    refunds = tuple(
        Refund(
            refund_id=str(refund.id),
            gross_minor=abs(amounts.rounded(refund.total)),
            version=max(1, int(updated_at.timestamp())),
        )
        for refund in payload.refunds
    )
    return OrderReport(key=_key(payload.id), currency=payload.currency, order=order, refunds=refunds)


def _lines(payload: OrderPayload, amounts: Amounts) -> tuple[Line, ...]:
    lines = [
        Line(
            line_id=str(item.id),
            quantity=_pieces(item.quantity),
            net_minor=amounts.rounded(item.total),
            tax_minor=amounts.rounded(item.total_tax),
            discount_minor=amounts.rounded(item.subtotal - item.total) if item.subtotal is not None else 0,
            sku=clean(item.sku, 64),
        )
        for item in payload.line_items
    ]
    off = [fee for fee in payload.fee_lines if fee.total < 0]
    net, tax = sum((fee.total for fee in off), _ZERO), sum((fee.total_tax for fee in off), _ZERO)
    return take_off(lines, -amounts.rounded(net), -amounts.rounded(tax))


def _pieces(quantity: Decimal) -> int:
    if not quantity.is_finite() or quantity.adjusted() > 9:
        raise InvalidAmount("A quantity of the order is out of range.", pointer="/lines")
    return int(quantity.to_integral_value(ROUND_CEILING))


def _payment(payload: OrderPayload) -> Payment:
    if payload.status == "failed":
        return "voided"
    return "paid" if payload.status in _PAID or payload.date_paid_gmt is not None else "pending"


def _fulfilment(payload: OrderPayload) -> Fulfilment:
    return "fulfilled" if payload.date_completed_gmt is not None else "open"


def _name(key: str | None) -> str | None:
    """WooCommerce keeps where an order came from under names of its own."""
    return key.removeprefix(_UTM) if key and key.startswith(_UTM + "utm_") else key


def _buyer(payload: OrderPayload) -> Buyer:
    billing = payload.billing or Billing()
    return Buyer(
        reference=str(payload.customer_id) if payload.customer_id else None,
        email=optional(billing.email, 254),
        first_name=clean(billing.first_name),
        last_name=clean(billing.last_name),
        phone=optional(billing.phone, 40),
        otherwise=f"guest-of-order-{payload.id}",
    )


def _gmt(moment: datetime) -> datetime:
    """WooCommerce writes UTC without saying so."""
    return utc(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _check(knock: Knock) -> None:
    check_base64(knock.body, knock.header(b"x-wc-webhook-signature"), knock.secrets)


def store_of(address: str) -> str:
    """The shop's address as one name, however it is written: `https://www.Shop.example/` is `shop.example`. The path
    stays: one WordPress may hold several shops."""
    place = address.strip().partition("://")[2] or address.strip()
    host, _, path = place.partition("/")
    name = host.lower().removeprefix("www.")
    return f"{name}/{path}".rstrip("/")


def _is_ping(knock: Knock) -> bool:
    return not knock.header(b"x-wc-webhook-signature") and _PING.fullmatch(knock.body.strip()) is not None


def _read(delivered: Delivered) -> OrderReport:
    return read(delivered.topic, delivered.body, delivered.received_at)


PLATFORM: Final = Platform(
    kind="woocommerce",
    title="WooCommerce",
    address="woocommerce",
    topics=TOPICS,
    check=_check,
    topic=lambda knock: knock.text(b"x-wc-webhook-topic"),
    delivery_id=lambda _: b"",  # X-WC-Webhook-Delivery-ID is the same for all of a webhook's news within one second
    store=lambda knock: store_of(knock.text(b"x-wc-webhook-source", 200)),
    read=_read,
    greets=_is_ping,
    headers=("X-WC-Webhook-Signature", "X-WC-Webhook-Topic", "X-WC-Webhook-Source"),
    setup=Setup(
        where="WooCommerce › Settings › Advanced › Webhooks › Add webhook",
        paste=(
            ("Status", "Active"),
            ("Delivery URL", "{address}"),
            ("Secret", "{secret}"),
            ("API version", "WP REST API Integration v3"),
        ),
        topics=("Order created", "Order updated", "Order deleted", "Order restored"),
    ),
)
