"""What we read of BigCommerce's webhooks and of its API (V2 orders, V3 refunds)."""

from decimal import Decimal
from typing import Final

import msgspec
from msgspec import Struct, field

ZERO: Final = Decimal(0)


class ThinData(Struct, frozen=True):
    id: int
    type: str = "order"


class Thin(Struct, frozen=True):
    """A webhook's body: it names the order and says no more of it."""

    scope: str
    producer: str
    data: ThinData


class Scoped(Struct, frozen=True):
    scope: str = ""
    producer: str = ""


class BillingAddress(Struct, frozen=True):
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None


class OrderResource(Struct, frozen=True):
    """`/v2/orders/{id}`. Amounts are texts with four decimals in `default_currency_code`, which the shopper pays in."""

    id: int
    date_created: str
    status_id: int
    default_currency_code: str
    total_inc_tax: Decimal
    total_ex_tax: Decimal
    total_tax: Decimal
    date_modified: str = ""
    date_shipped: str = ""
    shipping_cost_ex_tax: Decimal = ZERO
    shipping_cost_tax: Decimal = ZERO
    handling_cost_ex_tax: Decimal = ZERO
    handling_cost_tax: Decimal = ZERO
    wrapping_cost_ex_tax: Decimal = ZERO
    wrapping_cost_tax: Decimal = ZERO
    discount_amount: Decimal = ZERO
    coupon_discount: Decimal = ZERO
    refunded_amount: Decimal = ZERO
    payment_status: str | None = None
    customer_id: int = 0
    customer_locale: str | None = None
    is_deleted: bool = False
    billing_address: BillingAddress | None = None


class ProductResource(Struct, frozen=True):
    """`/v2/orders/{id}/products`: before coupons and discounts of the whole order."""

    id: int
    quantity: int
    total_ex_tax: Decimal
    total_tax: Decimal = ZERO
    sku: str | None = None


class CouponResource(Struct, frozen=True):
    """`/v2/orders/{id}/coupons`."""

    code: str | None = None


class RefundItem(Struct, frozen=True):
    item_type: str
    item_id: int | None = None
    quantity: int = 0
    requested_amount: Decimal = ZERO


class RefundPayment(Struct, frozen=True):
    is_declined: bool = False


class RefundResource(Struct, frozen=True):
    """`/v3/orders/{id}/payment_actions/refunds`."""

    id: int
    items: list[RefundItem] = field(default_factory=list)
    payments: list[RefundPayment] = field(default_factory=list)


class RefundList(Struct, frozen=True):
    data: list[RefundResource] = field(default_factory=list)


class FetchedOrder(Struct, frozen=True):
    """An order as the API showed it, in its parts."""

    order: OrderResource
    products: list[ProductResource]
    coupons: list[CouponResource]
    refunds: list[RefundResource]


thin = msgspec.json.Decoder(Thin)
scoped = msgspec.json.Decoder(Scoped)
order_resource = msgspec.json.Decoder(OrderResource)
products = msgspec.json.Decoder(list[ProductResource])
coupons = msgspec.json.Decoder(list[CouponResource])
refund_list = msgspec.json.Decoder(RefundList)
