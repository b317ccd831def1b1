"""What we read of Shopware's webhooks."""

from decimal import Decimal
from typing import Final

from msgspec import Struct

from adapters.tracking.platforms.reading import Moment

ZERO: Final = Decimal(0)


class State(Struct, frozen=True, rename="camel"):
    technical_name: str = "open"


class Tax(Struct, frozen=True):
    tax: Decimal = ZERO


class Price(Struct, frozen=True, rename="camel"):
    total_price: Decimal = ZERO
    calculated_taxes: list[Tax] | None = None


class LineItem(Struct, frozen=True, rename="camel"):
    id: str
    quantity: int
    price: Price
    type: str | None = None
    parent_id: str | None = None
    payload: "LinePayload | list[object] | None" = None


class LinePayload(Struct, frozen=True, rename="camel"):
    code: str | None = None
    product_number: str | None = None


class CaptureRefund(Struct, frozen=True, rename="camel"):
    id: str
    amount: Price
    state_machine_state: State | None = None


class Capture(Struct, frozen=True, rename="camel"):
    refunds: list[CaptureRefund] | None = None


class Transaction(Struct, frozen=True, rename="camel"):
    id: str
    created_at: Moment
    updated_at: Moment | None = None
    state_machine_state: State | None = None
    captures: list[Capture] | None = None


class Delivery(Struct, frozen=True, rename="camel"):
    created_at: Moment
    updated_at: Moment | None = None
    state_machine_state: State | None = None


class OrderCustomer(Struct, frozen=True, rename="camel"):
    customer_id: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None


class Currency(Struct, frozen=True, rename="camel"):
    iso_code: str


class Locale(Struct, frozen=True):
    code: str | None = None


class Language(Struct, frozen=True):
    locale: Locale | None = None


class OrderPayload(Struct, frozen=True, rename="camel"):
    id: str
    created_at: Moment
    order_date_time: Moment
    currency: Currency
    amount_total: Decimal
    tax_status: str
    line_items: list[LineItem]
    shipping_costs: Price
    order_number: str | None = None
    updated_at: Moment | None = None
    state_machine_state: State | None = None
    order_customer: OrderCustomer | None = None
    language: Language | None = None
    transactions: list[Transaction] | None = None
    deliveries: list[Delivery] | None = None
    affiliate_code: str | None = None
    campaign_code: str | None = None
    custom_fields: dict[str, object] | list[object] | None = None


class Payload(Struct, frozen=True):
    order: OrderPayload


class Data(Struct, frozen=True):
    payload: Payload


class Webhook(Struct, frozen=True):
    data: Data


class EventName(Struct, frozen=True):
    event: str = ""


class Source(Struct, frozen=True, rename="camel"):
    event_id: str = ""


class Envelope(Struct, frozen=True):
    data: EventName = EventName()
    source: Source = Source()
