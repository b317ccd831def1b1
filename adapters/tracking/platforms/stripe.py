"""Stripe Checkout's events as order reports.

An order is a Checkout Session, known by its payment intent, which charges, refunds and disputes name too; a session
that starts a subscription has none and is known by its invoice. Which intent paid which invoice is told by a session
that has both, by charges and `invoice.paid` before API version 2025-03-31 ("Basil"), and since then by
`invoice_payment.paid` alone.

A session tells its sums, not its lines: it is one line. `charge.refunded` says how much is paid back by now; what this
event adds is one refund. Disputes are chargebacks; `charge.dispute.closed` says how one ended, the latest word counts.
"""

from datetime import UTC, datetime
from typing import Final

import msgspec

from adapters.tracking.platforms.platform import Delivered, Knock, Platform, Setup
from adapters.tracking.platforms.reading import (
    CLAIM_ATTRIBUTE,
    CLICK_ATTRIBUTE,
    CODE_ATTRIBUTE,
    UNREADABLE,
    Amounts,
    clean,
    coupon_codes,
    kept_attributes,
    language,
    optional,
    peeked,
    token,
    utc,
)
from adapters.tracking.platforms.signatures import check_stripe
from adapters.tracking.platforms.stripe_shapes import (
    Charge,
    Details,
    DisputeObject,
    Event,
    Invoice,
    InvoicePayment,
    Named,
    RefundObject,
    Session,
    ShippingCost,
    Totals,
)
from kernel.errors import InvalidAmount
from kernel.money import EXPONENTS
from tracking.domain.delivery import UnhandledTopic, Unreadable
from tracking.domain.order import Dispute, DisputeState, Line, OrderKey, Refund
from tracking.domain.report import Buyer, OrderReport, ReportedOrder
from tracking.domain.standing import Payment

SESSION_TOPICS: Final = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
    }
)
DISPUTE_TOPICS: Final = frozenset(
    {
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
    }
)
FAILED_REFUND_TOPICS: Final = frozenset({"refund.failed", "refund.updated", "charge.refund.updated"})
"""Of a refund that is cancelled only the updates tell, `charge.…` for some ways of payment alone."""
INVOICE_TOPICS: Final = frozenset({"invoice.paid", "invoice_payment.paid"})
TOPICS: Final = SESSION_TOPICS | DISPUTE_TOPICS | FAILED_REFUND_TOPICS | INVOICE_TOPICS | {"charge.refunded"}
_LATER: Final = frozenset({"subscription_cycle", "subscription_update", "subscription_threshold"})
"""Why invoices are made that no session began."""
_STATES: Final[dict[str, DisputeState]] = {"lost": "lost", "won": "won", "warning_closed": "won", "prevented": "won"}
_TWO_DIGITS: Final = frozenset({"ISK"})
"""Stripe still counts these in hundredths, though they have no smaller unit."""


_event = msgspec.json.Decoder(Event)
_session = msgspec.json.Decoder(Session)
_charge = msgspec.json.Decoder(Charge)
_refund = msgspec.json.Decoder(RefundObject)
_dispute = msgspec.json.Decoder(DisputeObject)
_invoice = msgspec.json.Decoder(Invoice)
_invoice_payment = msgspec.json.Decoder(InvoicePayment)


_named = msgspec.json.Decoder(Named)


def read(body: bytes) -> OrderReport:
    """One event as a report. Raises Unreadable, UnhandledTopic, CurrencyMismatch or InvalidAmount."""
    try:
        event = _event.decode(body)
        thing = bytes(event.data.object)
        if event.type in SESSION_TOPICS:
            return _session_report(event, _session.decode(thing))
        if event.type == "charge.refunded":
            return _charge_report(event, _charge.decode(thing))
        if event.type in FAILED_REFUND_TOPICS:
            return _failed_refund(_refund.decode(thing))
        if event.type in DISPUTE_TOPICS:
            return _dispute_report(event, _dispute.decode(thing))
        if event.type == "invoice.paid":
            invoice = _invoice.decode(thing)
            if invoice.billing_reason in _LATER:
                raise UnhandledTopic("A subscription's later invoice is no order.")
            return _paid_invoice(invoice.id, invoice.payment_intent)
        if event.type == "invoice_payment.paid":
            paid = _invoice_payment.decode(thing)
            return _paid_invoice(paid.invoice, paid.payment.payment_intent)
    except UNREADABLE:
        raise Unreadable("The payload is not what Stripe sends as an event.") from None
    raise UnhandledTopic


def _key(name: str | None) -> OrderKey:
    text = clean(name, 128)
    if not text:
        raise Unreadable("The event names no payment, so its order cannot be told.")
    return OrderKey("stripe", text)


def _names(intent: str | None, invoice: str | None, otherwise: str | None = None) -> tuple[OrderKey, tuple[str, ...]]:
    """What the order is known by, and what else it is called."""
    key = _key(intent or invoice or otherwise)
    return key, (_key(invoice).external_id,) if intent and invoice else ()


def _at(seconds: int) -> datetime:
    if not 0 <= seconds < 2**33:
        raise Unreadable("A time is out of range.")
    return utc(datetime.fromtimestamp(seconds, UTC))


def _minor(amount: int, currency: str) -> int:
    """Stripe's smallest unit as ours."""
    if currency not in _TWO_DIGITS:
        return amount
    step: int = 100 // 10 ** EXPONENTS[currency]
    minor, rest = divmod(amount, step)
    if rest:
        raise InvalidAmount(f"An amount has more decimal places than {currency} knows.")
    return minor


def _session_report(event: Event, session: Session) -> OrderReport:
    if session.amount_total is None:
        raise UnhandledTopic("The session sells nothing.")
    if session.currency is None:
        raise Unreadable("The session names no currency.")
    currency = Amounts(session.currency.upper()).currency
    totals, shipping = session.total_details or Totals(), session.shipping_cost or ShippingCost()
    shipped = shipping.amount_total - shipping.amount_tax if session.shipping_cost else totals.amount_shipping or 0
    tax = totals.amount_tax - shipping.amount_tax
    net = session.amount_total - tax - shipping.amount_tax - shipped
    metadata = session.metadata
    order = ReportedOrder(
        updated_at=_at(event.created),
        number=clean(session.client_reference_id, 64) or clean(session.id, 64),
        placed_at=_at(session.created),
        total_minor=_minor(session.amount_total, currency),
        lines=(
            Line(
                line_id="session",
                quantity=1,
                net_minor=_minor(net, currency),
                tax_minor=_minor(tax, currency),
                discount_minor=_minor(totals.amount_discount, currency),
            ),
        ),
        payment=_payment(event.type, session.payment_status),
        test=not event.livemode,
        codes=coupon_codes([metadata.get(CODE_ATTRIBUTE)]),
        claim_token=token(metadata.get(CLAIM_ATTRIBUTE)),
        click_token=token(metadata.get(CLICK_ATTRIBUTE)),
        buyer=_buyer(session),
        shipping_minor=_minor(shipped, currency),
        shipping_tax_minor=_minor(shipping.amount_tax, currency),
        discount_minor=_minor(totals.amount_discount, currency),
        attributes=kept_attributes(metadata.items()),
    )
    key, also = _names(session.payment_intent, session.invoice, session.id)
    return OrderReport(key=key, currency=currency, order=order, also=also)


def _payment(topic: str, status: str) -> Payment:
    if topic == "checkout.session.async_payment_failed":
        return "voided"
    return "paid" if status in {"paid", "no_payment_required"} else "pending"


def _buyer(session: Session) -> Buyer:
    details = session.customer_details or Details()
    first, _, last = clean(details.name).partition(" ")
    return Buyer(
        reference=optional(session.customer),
        email=optional(details.email or session.customer_email, 254),
        first_name=first,
        last_name=last,
        locale=language(session.locale),
        phone=optional(details.phone, 40),
        otherwise=f"guest-of-order-{clean(session.id, 128)}",
    )


def _charge_report(event: Event, charge: Charge) -> OrderReport:
    currency = Amounts(charge.currency.upper()).currency
    before = event.data.previous_attributes.amount_refunded if event.data.previous_attributes else None
    if before is None:  # all that was paid back by now, of which the latest word counts
        said = _minor(charge.amount_refunded, currency)
        told = max(0, min(event.created, 2**33))
        refund = Refund(refund_id=f"{clean(charge.id, 64)}:all", gross_minor=said, version=told)
    else:
        # Stripe may tell one change by two events: they agree on the moment and the sums.
        name = f"{clean(charge.id, 64)}:{event.created}:{before}-{charge.amount_refunded}"
        refund = Refund(refund_id=name, gross_minor=_minor(charge.amount_refunded - before, currency))
    key, also = _names(charge.payment_intent, charge.invoice)
    return OrderReport(key=key, currency=currency, refunds=(refund,), also=also)


def _paid_invoice(invoice: str, intent: str | None) -> OrderReport:
    """Says of an order only that it has two names."""
    if not intent:
        raise UnhandledTopic("The invoice does not say which payment intent paid it.")
    key, also = _names(intent, invoice)
    return OrderReport(key=key, currency=None, also=also)


def _failed_refund(refund: RefundObject) -> OrderReport:
    if refund.status not in {"failed", "canceled"}:
        raise UnhandledTopic("The refund stands: the charge has told it.")
    currency = Amounts(refund.currency.upper()).currency
    back = Refund(refund_id=f"{clean(refund.id, 64)}:failed", gross_minor=-_minor(refund.amount, currency))
    return OrderReport(key=_key(refund.payment_intent), currency=currency, refunds=(back,))


def _dispute_report(event: Event, dispute: DisputeObject) -> OrderReport:
    currency = Amounts(dispute.currency.upper()).currency
    told = Dispute(
        dispute_id=clean(dispute.id, 64),
        state=_STATES.get(dispute.status, "open"),
        at=_at(event.created),
        gross_minor=_minor(dispute.amount, currency),
        reason=clean(dispute.reason, 64),
    )
    return OrderReport(key=_key(dispute.payment_intent), currency=currency, disputes=(told,))


def _name(body: bytes) -> Named:
    return peeked(_named, body, Named())


def _check(knock: Knock) -> None:
    check_stripe(knock.body, knock.header(b"stripe-signature"), knock.secrets, knock.now)


def _read(delivered: Delivered) -> OrderReport:
    return read(delivered.body)


PLATFORM: Final = Platform(
    kind="stripe",
    title="Stripe Checkout",
    address="stripe",
    topics=TOPICS | {""},  # what cannot be read is parked with its reason
    check=_check,
    topic=lambda knock: clean(_name(knock.body).type, 100),
    delivery_id=lambda knock: _name(knock.body).id.encode(),
    read=_read,
    headers=("Stripe-Signature",),
    setup=Setup(
        where="Stripe Dashboard › Developers › Webhooks › Add destination",
        paste=(("Endpoint URL", "{address}"),),
        topics=tuple(sorted(TOPICS)),
        asks=("secret",),
    ),
)
