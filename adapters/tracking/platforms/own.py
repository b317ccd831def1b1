"""Our own order format: the body of the orders API and of the signed generic order webhook.

The webhook follows the Standard Webhooks specification: `{"type", "timestamp", "data"}`, where `type` is
`order.reported` (data: an order), `order.refunded` (data: a refund with `order_id`) or `order.cancelled`
(data: `order_id`, `cancelled_at`). `order_id` is the shop's own id of the order.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field

from adapters.shared.http.bodies import Body, Locale, MoneyBody, OptionalLine
from adapters.tracking.platforms.platform import Knock, Platform, Setup
from adapters.tracking.platforms.reading import UNREADABLE, Moment, clean, optional, utc
from adapters.tracking.platforms.signatures import check_standard
from kernel.errors import CurrencyMismatch, DomainError
from tracking.domain.delivery import UnhandledTopic, Unreadable
from tracking.domain.order import Line, OrderKey, Refund, RefundedLine
from tracking.domain.report import Buyer, OrderReport, ReportedOrder

TOPICS: Final = frozenset({"order.reported", "order.refunded", "order.cancelled"})
ExternalId = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f\u2028\u2029]*$", examples=["A-1001"])
]
Token = Annotated[str, Meta(max_length=2048)]
Quantity = Annotated[int, Meta(ge=0, le=1_000_000, examples=[1])]


class BadRefund(DomainError):
    code = "bad_refund"
    title = "A refund is whole, by lines, or an amount"


class LineBody(Body, frozen=True, kw_only=True):
    """One line: the whole amount for the quantity, after discounts. `net` is without tax, `tax` is the tax on it."""

    line_id: ExternalId
    quantity: Quantity
    net: MoneyBody
    tax: MoneyBody | None = None


class BuyerBody(Body, frozen=True, kw_only=True):
    """Who bought: the shop's own reference, an e-mail address, or both."""

    reference: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] | None = None
    email: Annotated[str, Meta(max_length=254, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["ben@example.com"])] | None = (
        None
    )
    first_name: OptionalLine = ""
    last_name: OptionalLine = ""
    locale: Locale | None = None
    phone: Annotated[str, Meta(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")] | None = None


class OrderBody(Body, frozen=True, kw_only=True):
    """An order as the shop knows it at `updated_at`. Report it again whenever it changes: the newest wins."""

    order_id: ExternalId
    """The shop's own id of the order."""
    number: OptionalLine = ""
    """What people call the order; else its id."""
    placed_at: Moment
    updated_at: Moment | None = None
    """Of this state of the order; else `placed_at`."""
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


class RefundedLineBody(Body, frozen=True, kw_only=True):
    line_id: ExternalId
    quantity: Quantity


class RefundBody(Body, frozen=True, kw_only=True):
    """Money paid back: everything (`whole`), by `lines`, or an `amount` with tax. A repeated id changes nothing."""

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


class _Typed(Struct, frozen=True):
    type: str
    data: msgspec.Raw | UnsetType = UNSET


_typed = msgspec.json.Decoder(_Typed)
_order = msgspec.json.Decoder(OrderBody)
_refund = msgspec.json.Decoder(RefundData)
_cancel = msgspec.json.Decoder(CancelData)


def topic_of(body: bytes) -> str:
    """What the webhook says it is; "" when it cannot be read."""
    try:
        return clean(_typed.decode(body).type, 100)
    except UNREADABLE:
        return ""


def read(body: bytes) -> OrderReport:
    """One webhook as a report. Raises Unreadable, UnhandledTopic, CurrencyMismatch or InvalidAmount."""
    try:
        typed = _typed.decode(body)
        data = b"{}" if typed.data is UNSET else bytes(typed.data)
        if typed.type == "order.reported":
            return order_report(_order.decode(data))
        if typed.type == "order.refunded":
            refund = _refund.decode(data)
            return refund_report(refund.order_id, refund)
        if typed.type == "order.cancelled":
            cancelled = _cancel.decode(data)
            return OrderReport(key=_key(cancelled.order_id), currency=None, cancelled_at=utc(cancelled.cancelled_at))
    except UNREADABLE as error:
        raise Unreadable(f"The payload does not have the documented shape: {clean(str(error), 300)}") from None
    raise UnhandledTopic


def order_report(body: OrderBody) -> OrderReport:
    currency = body.total.currency
    for line in body.lines:
        if line.net.currency != currency or (line.tax is not None and line.tax.currency != currency):
            raise CurrencyMismatch("The lines and the total are in different currencies.", pointer="/lines")
    order = ReportedOrder(
        updated_at=utc(body.updated_at or body.placed_at),
        number=body.number or body.order_id,
        placed_at=utc(body.placed_at),
        total_minor=body.total.amount_minor,
        lines=tuple(_line(line) for line in body.lines),
        payment=body.payment,
        test=body.test,
        codes=tuple(dict.fromkeys(code for code in (clean(typed, 64) for typed in body.coupon_codes) if code)),
        claim_token=body.claim_token or None,
        click_token=body.click_token or None,
        buyer=_buyer(body),
    )
    cancelled_at = utc(body.cancelled_at) if body.cancelled_at else None
    return OrderReport(key=_key(body.order_id), currency=currency, order=order, cancelled_at=cancelled_at)


def refund_report(order_id: str, body: RefundBody, *, platform: str = "own") -> OrderReport:
    ways = (body.whole, bool(body.lines), body.amount is not None)
    if sum(ways) != 1:
        raise BadRefund("Say either whole, or lines, or an amount.")
    if body.amount is not None and body.amount.amount_minor < 0:
        raise BadRefund("The amount paid back is negative.", pointer="/amount/amount_minor")
    refund = Refund(
        refund_id=body.refund_id,
        whole=body.whole,
        lines=tuple(RefundedLine(line_id=line.line_id, quantity=line.quantity) for line in body.lines),
        gross_minor=body.amount.amount_minor if body.amount else 0,
    )
    currency = body.amount.currency if body.amount else None
    return OrderReport(key=OrderKey(platform, order_id), currency=currency, refunds=(refund,))


def _key(order_id: str) -> OrderKey:
    return OrderKey("own", order_id)


def _line(line: LineBody) -> Line:
    tax = line.tax.amount_minor if line.tax else 0
    return Line(line_id=line.line_id, quantity=line.quantity, net_minor=line.net.amount_minor, tax_minor=tax)


def _buyer(body: OrderBody) -> Buyer:
    buyer = body.customer
    return Buyer(
        reference=optional(buyer.reference),
        email=optional(buyer.email, 254),
        first_name=clean(buyer.first_name),
        last_name=clean(buyer.last_name),
        locale=buyer.locale,
        phone=optional(buyer.phone, 40),
        otherwise=f"guest-of-order-{body.order_id}",
    )


def _check(knock: Knock) -> None:
    check_standard(
        knock.body,
        webhook_id=knock.header(b"webhook-id"),
        timestamp=knock.header(b"webhook-timestamp"),
        signatures=knock.header(b"webhook-signature"),
        secrets=knock.secrets,
        now=knock.now,
    )


PLATFORM: Final = Platform(
    kind="generic",
    title="Own webshop",
    address="orders",
    topics=TOPICS | {""},  # what cannot be read is parked with its reason
    check=_check,
    topic=lambda knock: topic_of(knock.body),
    delivery_id=lambda knock: knock.header(b"webhook-id"),
    triggered_at=lambda knock: knock.text(b"webhook-timestamp", 60),
    read=lambda delivered: read(delivered.body),
    setup=Setup(
        where="Your shop's code: a library of standardwebhooks.com signs the messages",
        paste=(("URL", "{address}"), ("Secret", "{secret}")),
        topics=tuple(sorted(TOPICS)),
    ),
)
