"""Shopware 6's app webhooks as order reports: `checkout.order.placed` and the state changes of orders, payments and
deliveries, each of which carries the order. Since version 6.6 it mostly comes without the states of its payments and
deliveries: then the message's name is the only word about the one that it is about.

Amounts are JSON numbers as Shopware calculated them, rounded here once each. `taxStatus` says whether prices hold the
tax. Promotions and credits are lines below zero: discounts of the whole order, spread over its goods. A cancelled order
can be opened again, so the newest word counts. Payments say "paid back in part" without an amount, unless the payment
app records its refunds as captures; `chargeback` is money that the bank took, as a lost dispute.
"""

from datetime import datetime
from typing import Final, NamedTuple

import msgspec

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
    optional,
    peeked,
    take_off,
    token,
    utc,
)
from adapters.tracking.platforms.shopware_app import APP, REGISTRATION, is_confirmation
from adapters.tracking.platforms.shopware_shapes import (
    ZERO,
    CaptureRefund,
    Delivery,
    Envelope,
    LineItem,
    LinePayload,
    OrderCustomer,
    OrderPayload,
    Price,
    Transaction,
    Webhook,
)
from adapters.tracking.platforms.signatures import check_hex
from tracking.domain.delivery import UnhandledTopic, Unreadable
from tracking.domain.order import Dispute, Line, OrderKey, Refund
from tracking.domain.report import Buyer, OrderReport, ReportedOrder
from tracking.domain.standing import UNSAID, Fulfilment, Payment

PLACED: Final = "checkout.order.placed"
_ORDER_STATES: Final = ("open", "in_progress", "completed", "cancelled")
_PAYMENT_STATES: Final = (
    "paid",
    "paid_partially",
    "refunded",
    "refunded_partially",
    "cancelled",
    "failed",
    "chargeback",
    "reopened",
)
_DELIVERY_STATES: Final = ("shipped", "shipped_partially", "returned", "returned_partially", "cancelled")
TOPICS: Final = frozenset(
    {
        PLACED,
        *(f"state_enter.order.state.{state}" for state in _ORDER_STATES),
        *(f"state_enter.order_transaction.state.{state}" for state in _PAYMENT_STATES),
        *(f"state_enter.order_delivery.state.{state}" for state in _DELIVERY_STATES),
    }
)
_VOID: Final = frozenset({"failed"})
_PAID: Final = frozenset({"paid", "refunded", "refunded_partially", "chargeback"})
_FULFILMENT: Final[dict[str, Fulfilment]] = {
    "open": "open",
    "shipped": "fulfilled",
    "shipped_partially": "partial",
    "returned": "returned",
    "returned_partially": "partial",
}


_webhook = msgspec.json.Decoder(Webhook)
_envelope = msgspec.json.Decoder(Envelope)


def read(topic: str, body: bytes) -> OrderReport:
    """One delivery as a report. Raises Unreadable, UnhandledTopic, CurrencyMismatch or InvalidAmount."""
    if topic and topic not in TOPICS:
        raise UnhandledTopic
    try:
        return _order_report(_webhook.decode(body).data.payload.order, topic)
    except UNREADABLE:
        raise Unreadable(f"The payload is not what Shopware sends as {topic or 'a webhook'}.") from None


def _order_report(payload: OrderPayload, topic: str) -> OrderReport:
    amounts = Amounts(payload.currency.iso_code)
    updated_at = _updated_at(payload)
    fields = payload.custom_fields if isinstance(payload.custom_fields, dict) else {}
    shipping_tax = _tax(payload.shipping_costs, payload.tax_status, amounts)
    shipping = amounts.rounded(payload.shipping_costs.total_price)
    codes = [item.payload.code for item in payload.line_items if isinstance(item.payload, LinePayload)]
    campaigns = (("affiliate_code", payload.affiliate_code), ("campaign_code", payload.campaign_code))
    transaction = max(payload.transactions or (), key=lambda each: each.created_at, default=None)
    words = _words(payload, transaction, topic)
    order = ReportedOrder(
        updated_at=updated_at,
        number=clean(payload.order_number, 64) or clean(payload.id, 64),
        placed_at=utc(payload.order_date_time),
        total_minor=amounts.rounded(payload.amount_total),
        lines=_lines(payload, amounts),
        payment=_payment(words.paid),
        refunded=words.paid == "refunded",
        payment_at=words.paid_at,
        codes=coupon_codes(codes),
        claim_token=token(fields.get(CLAIM_ATTRIBUTE)),
        click_token=token(fields.get(CLICK_ATTRIBUTE)),
        buyer=_buyer(payload),
        tax_included=payload.tax_status == "gross",
        shipping_minor=shipping - shipping_tax if payload.tax_status == "gross" else shipping,
        shipping_tax_minor=shipping_tax,
        discount_minor=-sum(min(0, amounts.rounded(item.price.total_price)) for item in _top(payload)),
        fulfilment=words.fulfilment,
        fulfilment_at=words.fulfilment_at,
        cancelled_at=updated_at if words.cancelled else None,
        attributes=kept_attributes((*fields.items(), *campaigns)),
    )
    return OrderReport(
        key=OrderKey("shopware", _id(payload.id)),
        currency=payload.currency.iso_code,
        order=order,
        refunds=_refunds(payload, amounts),
        disputes=_disputes(payload, transaction, words),
    )


def _state(thing: "OrderPayload | Transaction | Delivery | CaptureRefund | None") -> str:
    state = thing.state_machine_state if thing is not None else None
    return state.technical_name if state is not None else "open"


class Words(NamedTuple):
    """How the order stands by this message. A moment of None is the message's own."""

    paid: str
    paid_at: datetime | None
    fulfilment: Fulfilment
    fulfilment_at: datetime | None
    cancelled: bool


def _words(payload: OrderPayload, transaction: Transaction | None, topic: str) -> Words:
    paid, sent, state = (_heard(topic, machine) for machine in ("order_transaction", "order_delivery", "order"))
    silent = any(each.state_machine_state is None for each in payload.deliveries or ())
    heard = transaction is not None and transaction.state_machine_state is None
    return Words(
        paid=(paid if heard else None) or _state(transaction),
        paid_at=UNSAID if heard and not paid else None,
        fulfilment=_FULFILMENT.get(sent, "open") if silent and sent else _fulfilment(payload),
        fulfilment_at=UNSAID if silent and not sent else None,
        cancelled=(_state(payload) if payload.state_machine_state else state) == "cancelled",
    )


def _heard(topic: str, machine: str) -> str | None:
    """The state that a part of the order entered, by the message's name."""
    name = f"state_enter.{machine}.state."
    return topic.removeprefix(name) if topic.startswith(name) else None


def _updated_at(payload: OrderPayload) -> datetime:
    """A state change touches the payment or the delivery, not always the order."""
    parts: list[Transaction | Delivery | OrderPayload] = [payload, *(payload.transactions or ())]
    return max(utc(part.updated_at or part.created_at) for part in (*parts, *(payload.deliveries or ())))


def _top(payload: OrderPayload) -> list[LineItem]:
    """The lines that cost something: those inside a bundle are part of their parent's price."""
    return [item for item in payload.line_items if item.parent_id is None]


def _tax(price: Price, status: str, amounts: Amounts) -> int:
    if status == "tax-free":
        return 0
    return amounts.rounded(sum((each.tax for each in price.calculated_taxes or ()), ZERO))


def _lines(payload: OrderPayload, amounts: Amounts) -> tuple[Line, ...]:
    lines: list[Line] = []
    off_net = off_tax = 0
    for item in _top(payload):
        tax = _tax(item.price, payload.tax_status, amounts)
        net = amounts.rounded(item.price.total_price) - (tax if payload.tax_status == "gross" else 0)
        if item.price.total_price < 0:
            off_net, off_tax = off_net - net, off_tax - tax
            continue
        sku = item.payload.product_number if isinstance(item.payload, LinePayload) else ""
        line_id = clean(item.id, 64)
        lines.append(Line(line_id=line_id, quantity=item.quantity, net_minor=net, tax_minor=tax, sku=clean(sku, 64)))
    return take_off(lines, off_net, off_tax)


def _payment(state: str) -> Payment:
    if state in _VOID:
        return "voided"
    return "paid" if state in _PAID else "pending"


def _fulfilment(payload: OrderPayload) -> Fulfilment:
    """Of several deliveries: all left, or some."""
    states = {_FULFILMENT.get(_state(each), "open") for each in payload.deliveries or ()}
    if len(states) == 1:
        return states.pop()
    return "partial" if states else "unknown"


def _refunds(payload: OrderPayload, amounts: Amounts) -> tuple[Refund, ...]:
    captures = [capture for each in payload.transactions or () for capture in each.captures or ()]
    return tuple(
        Refund(refund_id=clean(refund.id, 64), gross_minor=abs(amounts.rounded(refund.amount.total_price)))
        for capture in captures
        for refund in capture.refunds or ()
        if _state(refund) == "completed"
    )


def _disputes(payload: OrderPayload, last: Transaction | None, words: Words) -> tuple[Dispute, ...]:
    return tuple(
        Dispute(dispute_id=clean(each.id, 64), state="lost", at=utc(each.updated_at or each.created_at))
        for each in payload.transactions or ()
        if (words.paid if each is last else _state(each)) == "chargeback"
    )


def _buyer(payload: OrderPayload) -> Buyer:
    customer = payload.order_customer or OrderCustomer()
    locale = payload.language.locale if payload.language else None
    return Buyer(
        reference=optional(customer.customer_id),
        email=optional(customer.email, 254),
        first_name=clean(customer.first_name),
        last_name=clean(customer.last_name),
        locale=language(locale.code) if locale else None,
        otherwise=f"guest-of-order-{_id(payload.id)}",
    )


def _id(order_id: str) -> str:
    text = clean(order_id, 64)
    if not text:
        raise Unreadable("The order has no id.")
    return text


def _name(body: bytes) -> Envelope:
    return peeked(_envelope, body, Envelope())


def _check(knock: Knock) -> None:
    check_hex(knock.body, knock.header(b"shopware-shop-signature"), knock.secrets)


def _read(delivered: Delivered) -> OrderReport:
    return read(delivered.topic, delivered.body)


PLATFORM: Final = Platform(
    kind="shopware",
    title="Shopware 6",
    address="shopware",
    topics=TOPICS | {""},  # what cannot be read is parked with its reason
    check=_check,
    topic=lambda knock: clean(_name(knock.body).data.event, 100),
    delivery_id=lambda knock: _name(knock.body).source.event_id.encode(),
    read=_read,
    greets=lambda knock: is_confirmation(knock.body),
    registration=REGISTRATION,
    headers=("shopware-shop-signature",),
    setup=Setup(
        where="An app's manifest.xml, in custom/apps of your Shopware",
        paste=(("name", APP), ("registrationUrl", "{address}"), ("secret", "{secret}"), ("webhook url", "{address}")),
        topics=tuple(sorted(TOPICS)),
    ),
)
