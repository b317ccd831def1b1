"""What we read of Stripe's events."""

import msgspec
from msgspec import Struct, field


class Event(Struct, frozen=True):
    id: str
    type: str
    created: int
    data: "EventData"
    livemode: bool = True


class EventData(Struct, frozen=True):
    object: msgspec.Raw
    previous_attributes: "Previous | None" = None


class Previous(Struct, frozen=True):
    amount_refunded: int | None = None


class Details(Struct, frozen=True):
    email: str | None = None
    name: str | None = None
    phone: str | None = None


class Totals(Struct, frozen=True):
    amount_discount: int = 0
    amount_shipping: int | None = None
    amount_tax: int = 0


class ShippingCost(Struct, frozen=True):
    amount_tax: int = 0
    amount_total: int = 0


class Session(Struct, frozen=True):
    id: str
    created: int
    currency: str | None = None
    amount_total: int | None = None
    """None where nothing is sold: the session only keeps a card for later."""
    payment_status: str = "unpaid"
    payment_intent: str | None = None
    invoice: str | None = None
    client_reference_id: str | None = None
    customer: str | None = None
    customer_details: Details | None = None
    customer_email: str | None = None
    locale: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    total_details: Totals | None = None
    shipping_cost: ShippingCost | None = None


class Charge(Struct, frozen=True):
    id: str
    currency: str
    amount_refunded: int
    payment_intent: str | None = None
    invoice: str | None = None


class RefundObject(Struct, frozen=True):
    id: str
    amount: int
    currency: str
    status: str | None = None
    payment_intent: str | None = None


class DisputeObject(Struct, frozen=True):
    id: str
    amount: int
    currency: str
    status: str
    payment_intent: str | None = None
    reason: str | None = None


class Invoice(Struct, frozen=True):
    id: str
    billing_reason: str | None = None
    payment_intent: str | None = None
    """Before API version 2025-03-31 only."""


class InvoicePayment(Struct, frozen=True):
    """Which payment paid which invoice, since API version 2025-03-31."""

    invoice: str
    payment: "InvoicePaid"


class InvoicePaid(Struct, frozen=True):
    payment_intent: str | None = None
    """None where it was paid without one."""


class Named(Struct, frozen=True):
    id: str = ""
    type: str = ""
