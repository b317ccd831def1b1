"""BigCommerce's webhooks and the orders that they name.

A webhook holds an order's number only: the order is fetched (`bigcommerce_api.py`), as it is at that moment, which the
newest `date_modified` makes right in any order of webhooks. What the order's sums say beyond its products are discounts
of the whole order, spread over the products. Refunds of products count by quantity, those of the order by their amount.
"""

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

from adapters.tracking.platforms.bigcommerce_shapes import (
    ZERO,
    BillingAddress,
    FetchedOrder,
    OrderResource,
    RefundResource,
    Scoped,
    scoped,
    thin,
)
from adapters.tracking.platforms.platform import Delivered, Knock, Platform, Setup
from adapters.tracking.platforms.reading import (
    UNREADABLE,
    Amounts,
    clean,
    coupon_codes,
    language,
    optional,
    peeked,
    take_off,
    utc,
)
from adapters.tracking.platforms.signatures import check_standard
from tracking.domain.delivery import UnhandledTopic, Unreadable
from tracking.domain.order import Dispute, Line, OrderKey, Refund, RefundedLine
from tracking.domain.report import Buyer, OrderReport, ReportedOrder
from tracking.domain.standing import Fulfilment, Payment

TOPICS: Final = frozenset(
    {
        "store/order/created",
        "store/order/updated",
        "store/order/archived",
        "store/order/statusUpdated",
        "store/order/refund/created",
        "store/order/transaction/created",
        "store/order/transaction/updated",
    }
)
_INCOMPLETE: Final = 0
_REFUNDED: Final = 4
_CANCELLED: Final = 5
_DECLINED: Final = 6
_DISPUTED: Final = 13
_PAID_STATUSES: Final = frozenset({2, 3, 4, 8, 9, 10, 11, 13, 14})
_PAID: Final = frozenset({"captured", "paid", "partially refunded", "refunded"})
_UNPAID: Final = frozenset({"pending", "authorized", "capture pending", "held for review"})
_FULFILMENT: Final[dict[int, Fulfilment]] = {2: "fulfilled", 10: "fulfilled", 3: "partial"}


class Wanted(NamedTuple):
    """The order that a webhook names."""

    store: str
    order_id: int


def wanted(body: bytes) -> Wanted:
    """Raises Unreadable, or UnhandledTopic for what is no order's."""
    try:
        message = thin.decode(body)
    except UNREADABLE:
        raise Unreadable("The payload is not what BigCommerce sends about an order.") from None
    if message.data.type != "order" or message.scope not in TOPICS:
        raise UnhandledTopic
    if message.data.id < 1:
        raise Unreadable("The order's number is out of range.")
    return Wanted(message.producer.removeprefix("stores/"), message.data.id)


def order_report(fetched: FetchedOrder) -> OrderReport:
    """The fetched order as a report. Raises Unreadable, UnhandledTopic, CurrencyMismatch or InvalidAmount."""
    order = fetched.order
    if order.status_id == _INCOMPLETE:
        raise UnhandledTopic("An incomplete order is not an order yet.")
    amounts = Amounts(order.default_currency_code)
    updated_at = _moment(order.date_modified or order.date_created)
    reported = ReportedOrder(
        updated_at=updated_at,
        number=str(order.id),
        placed_at=_moment(order.date_created),
        total_minor=amounts.rounded(order.total_inc_tax),
        lines=_lines(fetched, amounts),
        payment=_payment(order),
        refunded=order.status_id == _REFUNDED,
        codes=coupon_codes(coupon.code for coupon in fetched.coupons),
        buyer=_buyer(order),
        shipping_minor=amounts.rounded(order.shipping_cost_ex_tax),
        shipping_tax_minor=amounts.rounded(order.shipping_cost_tax),
        discount_minor=amounts.rounded(order.discount_amount + order.coupon_discount),
        fulfilment=_FULFILMENT.get(order.status_id, "open"),
        fulfilled_at=_moment(order.date_shipped) if order.date_shipped else None,
        cancelled_at=updated_at if order.status_id == _CANCELLED else None,
    )
    return OrderReport(
        key=OrderKey("bigcommerce", str(order.id)),
        currency=order.default_currency_code,
        order=reported,
        refunds=tuple(_refund(refund, amounts) for refund in fetched.refunds),
        disputes=(Dispute(dispute_id="order", state="open", at=updated_at),) if order.status_id == _DISPUTED else (),
        gone_at=updated_at if order.is_deleted else None,
    )


def _lines(fetched: FetchedOrder, amounts: Amounts) -> tuple[Line, ...]:
    order = fetched.order
    lines = [
        Line(
            line_id=str(product.id),
            quantity=product.quantity,
            net_minor=amounts.rounded(product.total_ex_tax),
            tax_minor=amounts.rounded(product.total_tax),
            sku=clean(product.sku, 64),
        )
        for product in fetched.products
    ]
    beside = order.shipping_cost_ex_tax + order.handling_cost_ex_tax + order.wrapping_cost_ex_tax
    beside_tax = order.shipping_cost_tax + order.handling_cost_tax + order.wrapping_cost_tax
    net = amounts.rounded(order.total_ex_tax - beside)
    tax = amounts.rounded(order.total_tax - beside_tax)
    off_net, off_tax = sum(line.net_minor for line in lines) - net, sum(line.tax_minor for line in lines) - tax
    return take_off(lines, off_net, off_tax)


def _payment(order: OrderResource) -> Payment:
    said = (order.payment_status or "").lower()
    if order.status_id == _DECLINED or said in {"declined", "void"}:
        return "voided"
    paid = said in _PAID or (order.status_id in _PAID_STATUSES and said not in _UNPAID)
    return "paid" if paid else "pending"


def _refund(refund: RefundResource, amounts: Amounts) -> Refund:
    goods = [item for item in refund.items if item.item_type == "PRODUCT" and item.quantity > 0 and item.item_id]
    lines = tuple(RefundedLine(line_id=str(item.item_id), quantity=item.quantity) for item in goods)
    loose = [item for item in refund.items if item.item_type in {"ORDER", "PRODUCT"} and item not in goods]
    return Refund(
        refund_id=str(refund.id),
        lines=lines,
        gross_minor=amounts.rounded(sum((item.requested_amount for item in loose), ZERO)),
        withdrawn=bool(refund.payments) and all(payment.is_declined for payment in refund.payments),
        version=int(any(payment.is_declined for payment in refund.payments)),
    )


def _buyer(order: OrderResource) -> Buyer:
    billing = order.billing_address or BillingAddress()
    return Buyer(
        reference=str(order.customer_id) if order.customer_id else None,
        email=optional(billing.email, 254),
        first_name=clean(billing.first_name),
        last_name=clean(billing.last_name),
        locale=language(order.customer_locale),
        phone=optional(billing.phone, 40),
        otherwise=f"guest-of-order-{order.id}",
    )


def _moment(text: str) -> datetime:
    """The V2 API writes times as mails do: "Tue, 20 Nov 2012 00:00:00 +0000"."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        raise Unreadable("A time of the order cannot be read.") from None
    if moment.tzinfo is None:
        raise Unreadable("A time of the order names no offset.")
    return utc(moment)


def _scope(body: bytes) -> Scoped:
    return peeked(scoped, body, Scoped())


def _store(knock: Knock) -> str:
    return clean(_scope(knock.body).producer.removeprefix("stores/"), 100)


def _check(knock: Knock) -> None:
    check_standard(
        knock.body,
        webhook_id=knock.header(b"webhook-id"),
        timestamp=knock.header(b"webhook-timestamp"),
        signatures=knock.header(b"webhook-signature"),
        secrets=knock.secrets,
        now=knock.now,
    )


def _read(_: Delivered) -> OrderReport:
    raise Unreadable("An order of BigCommerce is fetched, not read.")


PLATFORM: Final = Platform(
    kind="bigcommerce",
    title="BigCommerce",
    address="bigcommerce",
    topics=TOPICS | {""},  # what cannot be read is parked with its reason
    check=_check,
    topic=lambda knock: clean(_scope(knock.body).scope, 100),
    delivery_id=lambda knock: knock.header(b"webhook-id"),
    triggered_at=lambda knock: knock.text(b"webhook-timestamp", 60),
    store=_store,
    read=_read,
    fetched=True,
    headers=("webhook-id", "webhook-timestamp", "webhook-signature"),
    setup=Setup(
        where="BigCommerce › Settings › Store-level API accounts, and its API to create webhooks",
        paste=(("destination", "{address}"), ("scope", "store/order/*")),
        topics=tuple(sorted(TOPICS)),
        asks=("secret", "account", "api_token"),
    ),
)
