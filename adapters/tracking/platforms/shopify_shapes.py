"""What we read of Shopify's payloads (Admin REST API resources, version 2024-10)."""

from decimal import Decimal
from typing import Final

from msgspec import Struct, field

from adapters.tracking.platforms.reading import Moment

ZERO: Final = Decimal(0)
Id = int | str


class ShopMoney(Struct, frozen=True):
    amount: Decimal | None = None
    currency_code: str = ""


class MoneySet(Struct, frozen=True):
    """One amount in the shop's currency, and as the buyer saw it."""

    shop_money: ShopMoney | None = None
    presentment_money: ShopMoney | None = None


class Allocation(Struct, frozen=True):
    amount: Decimal = ZERO


class TaxLine(Struct, frozen=True):
    price: Decimal = ZERO


class LineItem(Struct, frozen=True):
    id: Id
    price: Decimal
    quantity: int
    sku: str | None = None
    discount_allocations: list[Allocation] | None = None
    tax_lines: list[TaxLine] | None = None


class ShippingLine(Struct, frozen=True):
    price: Decimal = ZERO
    discount_allocations: list[Allocation] | None = None
    tax_lines: list[TaxLine] | None = None


class Fulfillment(Struct, frozen=True):
    created_at: Moment
    status: str | None = None


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
    subtotal: Decimal = ZERO
    subtotal_set: MoneySet | None = None


class RefundedShipping(Struct, frozen=True):
    subtotal_amount_set: MoneySet | None = None


class OrderAdjustment(Struct, frozen=True):
    kind: str | None = None
    amount: Decimal = ZERO
    tax_amount: Decimal = ZERO
    amount_set: MoneySet | None = None


class Transaction(Struct, frozen=True):
    kind: str | None = None
    status: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    """What the buyer paid in, which need not be the shop's."""


class RefundPayload(Struct, frozen=True):
    id: Id
    order_id: Id | None = None
    refund_line_items: list[RefundLineItem] = field(default_factory=list)
    refund_shipping_lines: list[RefundedShipping] = field(default_factory=list)
    total_duties_set: MoneySet | None = None
    """Told with every refund, of nothing as a rule: it names the shop's currency."""
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
    total_discounts: Decimal | None = None
    total_price_set: MoneySet | None = None
    shipping_lines: list[ShippingLine] | None = None
    fulfillment_status: str | None = None
    fulfillments: list[Fulfillment] | None = None


class DisputePayload(Struct, frozen=True):
    id: Id
    order_id: Id | None = None
    status: str = ""
    reason: str | None = None
    amount: Decimal = ZERO
    currency: str = ""
    initiated_at: Moment | None = None


class DeletedPayload(Struct, frozen=True):
    id: Id
