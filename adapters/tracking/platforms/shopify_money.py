"""Which of an order's two currencies an amount is in: the shop's, or the one that the buyer was asked for."""

from decimal import Decimal

from adapters.tracking.platforms.shopify_shapes import ZERO, OrderPayload, RefundPayload
from kernel.errors import CurrencyMismatch


def currency_of(payload: RefundPayload) -> str | None:
    """The shop's currency, where the refund tells it. Payments alone are in the buyer's."""
    sets = [line.subtotal_set for line in payload.refund_line_items]
    sets += [adjustment.amount_set for adjustment in payload.order_adjustments]
    sets += [line.subtotal_amount_set for line in payload.refund_shipping_lines]
    names = {each.shop_money.currency_code for each in sets if each is not None and each.shop_money is not None} - {""}
    if not names:
        names = {each.currency for each in payload.transactions if each.currency}
        duties = payload.total_duties_set
        seen = duties.presentment_money if duties else None
        if duties and duties.shop_money and seen and names == {seen.currency_code}:
            names = {duties.shop_money.currency_code} - {""}
    if len(names) > 1:
        raise CurrencyMismatch("The refund is in more than one currency.")
    return names.pop() if names else None


def paid_back(payload: RefundPayload, currency: str) -> tuple[Decimal, Decimal]:
    """Money by itself, in the shop's currency and in the buyer's. Payments alone of an order are in the buyer's."""
    own = asked = ZERO
    for paid in payload.transactions:
        if paid.kind == "refund" and paid.status in {None, "success"}:
            amount = paid.amount or ZERO
            own, asked = (own + amount, asked) if paid.currency in {None, currency} else (own, asked + amount)
    return own, asked


def asked_of(payload: OrderPayload) -> Decimal:
    """The total in the buyer's currency, if that is another."""
    seen = payload.total_price_set.presentment_money if payload.total_price_set else None
    return (seen.amount or ZERO) if seen and seen.currency_code != payload.currency else ZERO
