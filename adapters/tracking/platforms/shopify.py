"""Shopify's webhooks as order reports (Admin REST API resources Order and Refund, version 2024-10).

Amounts are the shop's currency. With `taxes_included` the lines' prices hold the tax. A refund's lines are counted by
quantity of the order's own lines, which holds whatever the refund's amounts include; `order_adjustments` of kind
`refund_discrepancy` say what was paid back beyond (negative) or short of (positive) the lines; those of kind
`shipping_refund` do not touch the base.
"""

from decimal import Decimal
from typing import Final

import msgspec
from msgspec import Struct, field

from adapters.tracking.platforms.reading import UNREADABLE, Amounts, Moment, clean, language, optional, utc
from kernel.errors import CurrencyMismatch
from tracking.domain.delivery import UnhandledTopic, Unreadable
from tracking.domain.order import Line, OrderKey, Payment, Refund, RefundedLine
from tracking.domain.report import MOST_CODES, Buyer, OrderReport, ReportedOrder

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
TOPICS: Final = ORDER_TOPICS | {"refunds/create"}
CLAIM_ATTRIBUTE: Final = "grapevine_claim"
CLICK_ATTRIBUTE: Final = "grapevine_click"
_ZERO: Final = Decimal(0)
_PAYMENT: Final[dict[str | None, Payment]] = {
    "paid": "paid",
    "partially_refunded": "paid",
    "refunded": "paid",
    "voided": "voided",
}
Id = int | str


class ShopMoney(Struct, frozen=True):
    currency_code: str = ""


class MoneySet(Struct, frozen=True):
    shop_money: ShopMoney | None = None


class Allocation(Struct, frozen=True):
    amount: Decimal = _ZERO


class TaxLine(Struct, frozen=True):
    price: Decimal = _ZERO


class LineItem(Struct, frozen=True):
    id: Id
    price: Decimal
    quantity: int
    discount_allocations: list[Allocation] | None = None
    tax_lines: list[TaxLine] | None = None


class DiscountCode(Struct, frozen=True):
    code: str | None = None


class Attribute(Struct, frozen=True):
    name: str | int | None = None
    value: str | int | float | bool | None = None


class Customer(Struct, frozen=True):
    id: Id | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None


class RefundLineItem(Struct, frozen=True):
    line_item_id: Id
    quantity: int
    subtotal: Decimal = _ZERO
    subtotal_set: MoneySet | None = None


class OrderAdjustment(Struct, frozen=True):
    kind: str | None = None
    amount: Decimal = _ZERO
    tax_amount: Decimal = _ZERO


class Transaction(Struct, frozen=True):
    kind: str | None = None
    status: str | None = None
    amount: Decimal | None = None
    currency: str | None = None


class RefundPayload(Struct, frozen=True):
    id: Id
    order_id: Id | None = None
    refund_line_items: list[RefundLineItem] = field(default_factory=list)
    order_adjustments: list[OrderAdjustment] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)


class OrderPayload(Struct, frozen=True):
    id: Id
    created_at: Moment
    currency: str
    total_price: Decimal
    line_items: list[LineItem]
    name: str | None = None
    processed_at: Moment | None = None
    updated_at: Moment | None = None
    cancelled_at: Moment | None = None
    financial_status: str | None = None
    taxes_included: bool | None = False
    test: bool | None = False
    email: str | None = None
    contact_email: str | None = None
    phone: str | None = None
    customer_locale: str | None = None
    customer: Customer | None = None
    discount_codes: list[DiscountCode] | None = None
    note_attributes: list[Attribute] | None = None
    refunds: list[RefundPayload] | None = None


_order = msgspec.json.Decoder(OrderPayload)
_refund = msgspec.json.Decoder(RefundPayload)


def read(topic: str, body: bytes) -> OrderReport:
    """One delivery as a report. Raises Unreadable, UnhandledTopic, CurrencyMismatch or InvalidAmount."""
    try:
        if topic in ORDER_TOPICS:
            return _order_report(_order.decode(body), cancelled=topic == "orders/cancelled")
        if topic == "refunds/create":
            return _refund_report(_refund.decode(body))
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
    order = ReportedOrder(
        updated_at=updated_at,
        number=clean(payload.name, 64) or clean(str(payload.id), 64),
        placed_at=utc(payload.processed_at or payload.created_at),
        total_minor=amounts.minor(payload.total_price),
        lines=tuple(_line(item, amounts, taxed=bool(payload.taxes_included)) for item in payload.line_items),
        payment=_PAYMENT.get(payload.financial_status, "pending"),
        refunded=payload.financial_status == "refunded",
        test=bool(payload.test),
        codes=_codes(payload),
        claim_token=_token(attributes.get(CLAIM_ATTRIBUTE)),
        click_token=_token(attributes.get(CLICK_ATTRIBUTE)),
        buyer=_buyer(payload),
    )
    return OrderReport(
        key=_key(payload.id),
        currency=payload.currency,
        order=order,
        refunds=tuple(_refunded(refund, amounts) for refund in payload.refunds or ()),
        cancelled_at=utc(cancelled_at) if cancelled_at else None,
    )


def _line(item: LineItem, amounts: Amounts, *, taxed: bool) -> Line:
    tax = sum((amounts.minor(line.price) for line in item.tax_lines or ()), 0)
    discount = sum((amounts.minor(part.amount) for part in item.discount_allocations or ()), 0)
    net = amounts.minor(item.price) * item.quantity - discount - (tax if taxed else 0)
    return Line(line_id=clean(str(item.id), 64), quantity=item.quantity, net_minor=net, tax_minor=tax)


def _codes(payload: OrderPayload) -> tuple[str, ...]:
    codes = [clean(discount.code, 64) for discount in payload.discount_codes or ()]
    return tuple(dict.fromkeys(code for code in codes if code))[:MOST_CODES]


def _token(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


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
    named = _currency_of(payload)
    amounts = Amounts(named or "EUR")  # without a name it is the shop's, and every shop's has two decimals
    return OrderReport(key=_key(payload.order_id), currency=named, refunds=(_refunded(payload, amounts),))


def _currency_of(payload: RefundPayload) -> str | None:
    money = [line.subtotal_set.shop_money for line in payload.refund_line_items if line.subtotal_set is not None]
    names = {each.currency_code for each in money if each is not None and each.currency_code}
    if not names:
        names = {each.currency for each in payload.transactions if each.currency}
    if len(names) > 1:
        raise CurrencyMismatch("The refund is in more than one currency.")
    return names.pop() if names else None


def _refunded(payload: RefundPayload, amounts: Amounts) -> Refund:
    lines = tuple(
        RefundedLine(
            line_id=clean(str(line.line_item_id), 64),
            quantity=line.quantity,
            net_minor=amounts.minor(line.subtotal),
        )
        for line in payload.refund_line_items
    )
    net = gross = 0
    for adjustment in payload.order_adjustments:
        if adjustment.kind != "shipping_refund":
            amount, tax = amounts.minor(adjustment.amount), amounts.minor(adjustment.tax_amount)
            net, gross = (net - amount, gross) if tax else (net, gross - amount)
    if not lines and not payload.order_adjustments:
        gross = sum(
            amounts.minor(paid.amount)
            for paid in payload.transactions
            if paid.kind == "refund" and paid.status in {None, "success"} and paid.amount is not None
        )
    return Refund(refund_id=clean(str(payload.id), 64), lines=lines, net_minor=net, gross_minor=gross)
