"""The bodies of our own order format, by API and by webhook."""

from typing import Annotated, Literal

from msgspec import Meta, field

from adapters.shared.http.bodies import Body, Locale, MoneyBody, OptionalLine
from adapters.tracking.platforms.reading import Moment

ExternalId = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f\u2028\u2029]*$(?!\n)", examples=["A-1001"])
]
Token = Annotated[str, Meta(max_length=2048)]
Quantity = Annotated[int, Meta(ge=0, le=1_000_000, examples=[1])]


class LineBody(Body, frozen=True, kw_only=True):
    """One line: the whole amount for the quantity, after discounts. `net` is without tax, `tax` is the tax on it."""

    line_id: ExternalId
    quantity: Quantity
    net: MoneyBody
    tax: MoneyBody | None = None
    discount: MoneyBody | None = None
    """What was taken off already; with tax where `tax_included`."""
    sku: Annotated[str, Meta(max_length=64, examples=["LAMP-7"])] = ""


class BuyerBody(Body, frozen=True, kw_only=True):
    """Who bought: the shop's own reference, an e-mail address, or both."""

    reference: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")] | None = None
    email: (
        Annotated[str, Meta(max_length=254, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)", examples=["ben@example.com"])] | None
    ) = None
    first_name: OptionalLine = ""
    last_name: OptionalLine = ""
    locale: Locale | None = None
    phone: Annotated[str, Meta(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")] | None = None


class OrderBody(Body, frozen=True, kw_only=True):
    """An order as the shop knows it at `updated_at`. Report it again whenever it changes: the newest wins."""

    order_id: ExternalId
    """The shop's own id of the order."""
    number: OptionalLine = ""
    """What people call the order; else its id."""
    placed_at: Moment
    updated_at: Moment | None = None
    """Of this state of the order; else `placed_at`, and of two such reports the later counts: by the request, or by the
    webhook's `timestamp`."""
    total: MoneyBody
    """What the customer pays, with tax and shipping. Rewards are taken from the lines."""
    lines: Annotated[list[LineBody], Meta(max_length=1000)]
    payment: Literal["pending", "paid", "voided"] = "paid"
    customer: BuyerBody
    coupon_codes: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=20)] = field(
        default_factory=list
    )
    """What was typed at checkout: a friend's own code, or an advocate's."""
    claim_token: Token | None = None
    """The `token` of a claim, which the storefront gets as `gv_claim`."""
    click_token: Token | None = None
    """What the storefront gets as `gv_click`."""
    cancelled_at: Moment | None = None
    test: bool = False
    tax_included: bool = False
    """Whether the shop's prices, and so its discounts, hold the tax."""
    shipping: MoneyBody | None = None
    """Without tax."""
    shipping_tax: MoneyBody | None = None
    discount: MoneyBody | None = None
    """Everything that was taken off, of goods and shipping."""
    fulfilment: Literal["unknown", "open", "partial", "fulfilled", "returned"] = "unknown"
    fulfilled_at: Moment | None = None
    """When the first goods left."""
    attributes: Annotated[dict[str, Annotated[str, Meta(max_length=200)]], Meta(max_length=30)] = field(
        default_factory=dict
    )
    """Kept are those named `grapevine_…`, `utm_…`, `affiliate_code`, `campaign_code` and click ids such as `gclid`."""


class RefundedLineBody(Body, frozen=True, kw_only=True):
    line_id: ExternalId
    quantity: Quantity


class RefundBody(Body, frozen=True, kw_only=True):
    """Money paid back: everything (`whole`), by `lines`, or an `amount` with tax. The same again changes nothing;
    another refund with a known id is refused. By webhook the one with the later `timestamp` counts."""

    refund_id: ExternalId
    """The shop's own id of the refund."""
    whole: bool = False
    lines: Annotated[list[RefundedLineBody], Meta(max_length=1000)] = field(default_factory=list)
    amount: MoneyBody | None = None


class RefundData(RefundBody, frozen=True, kw_only=True):
    order_id: ExternalId


class CancelData(Body, frozen=True, kw_only=True):
    order_id: ExternalId
    cancelled_at: Moment


class DisputeBody(Body, frozen=True, kw_only=True):
    """A chargeback as it stands at `at`; report it again when it ends. Only a lost one takes the order."""

    dispute_id: ExternalId
    state: Literal["open", "won", "lost"]
    """won: the shop kept the money, or the dispute was dropped."""
    at: Moment
    amount: MoneyBody | None = None
    """What the bank takes, with tax."""
    reason: Annotated[str, Meta(max_length=64, examples=["fraudulent"])] = ""


class DisputeData(DisputeBody, frozen=True, kw_only=True):
    order_id: ExternalId
