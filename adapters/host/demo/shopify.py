"""What Shopify would send for the demo shop: webhook bodies in the shape of its Admin REST API, version 2024-10.

Amounts are texts, prices hold 19 % VAT (`taxes_included`), and ids are beyond 2^53, as real ones are.
"""

import base64
import hashlib
import hmac
import secrets
import uuid
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from adapters.host.demo.orders import Piece, PlacedOrder, Sent
from kernel.money import Money

DOMAIN: Final = "nordlicht-demo.myshopify.com"
VAT_PERCENT: Final = 19
BERLIN: Final = ZoneInfo("Europe/Berlin")


def new_id() -> int:
    """An id as Shopify gives them out; odd and beyond 2^53, so that one that passed through a float is wrong."""
    return 820_982_000_000_000_001 + 2 * secrets.randbelow(10**14)


def order_created(order: PlacedOrder) -> Sent:
    return _sent("orders/create", _order(order, order.placed_at), order.placed_at)


def order_cancelled(order: PlacedOrder, at: datetime) -> Sent:
    body = _order(order, at) | {
        "cancelled_at": _time(at), "cancel_reason": "customer", "financial_status": "refunded",
    }  # fmt: skip
    return _sent("orders/cancelled", body, at)


def refund_created(order: PlacedOrder, back: dict[int, int], goodwill_minor: int, at: datetime) -> Sent:
    """A refund of pieces by line id, or of an amount without goods."""
    lines = [_refund_line(piece, back[piece.line_id]) for piece in order.pieces if back.get(piece.line_id)]
    amount = sum(_part(piece, back.get(piece.line_id, 0)) for piece in order.pieces) + goodwill_minor
    body = {
        "id": (refund_id := new_id()),
        "order_id": order.order_id,
        "created_at": _time(at),
        "processed_at": _time(at),
        "note": "Goodwill" if goodwill_minor else "Sent back by the customer",
        "user_id": 548380009,
        "restock": not goodwill_minor,
        "duties": [],
        "total_duties_set": _set(0),
        "return": None,
        "refund_shipping_lines": [],
        "admin_graphql_api_id": f"gid://shopify/Refund/{refund_id}",
        "order_adjustments": [],
        "refund_line_items": lines,
        "transactions": [
            {
                "id": new_id(), "order_id": order.order_id, "kind": "refund", "gateway": "bogus", "status": "success",
                "amount": _price(amount), "currency": "EUR", "created_at": _time(at), "test": False,
            }
        ],
    }  # fmt: skip
    return _sent("refunds/create", body, at)


def signed_headers(sent: Sent, secret: str) -> dict[str, str]:
    """The headers of a delivery: the signature is over the exact bytes."""
    digest = hmac.digest(secret.encode(), sent.body, hashlib.sha256)
    return {
        "content-type": "application/json",
        "user-agent": "Shopify-Captain-Hook",
        "x-shopify-api-version": "2024-10",
        "x-shopify-shop-domain": DOMAIN,
        "x-shopify-test": "true",
        "x-shopify-topic": sent.topic,
        "x-shopify-webhook-id": sent.webhook_id,
        "x-shopify-triggered-at": sent.triggered_at,
        "x-shopify-hmac-sha256": base64.b64encode(digest).decode(),
    }


def half_of(order: PlacedOrder) -> tuple[dict[int, int], int]:
    """Half of what the buyer still has, as pieces by line id; half its price when only one piece is left."""
    wanted = order.left // 2
    back: dict[int, int] = {}
    for piece in reversed(order.pieces):
        take = min(piece.left, wanted)
        if take:
            back[piece.line_id] = take
            wanted -= take
    if back or order.left == 0:
        return back, 0
    (last,) = [piece for piece in order.pieces if piece.left]
    return {}, max(0, _part(last, 1) - order.goodwill_minor) // 2


def all_of(order: PlacedOrder) -> dict[int, int]:
    return {piece.line_id: piece.left for piece in order.pieces if piece.left}


def discounted(quantities: dict[str, int], prices: dict[str, int], discount_minor: int) -> dict[str, int]:
    """The discount of the whole order on its lines, exact to the cent."""
    if not discount_minor:
        return dict.fromkeys(quantities, 0)
    shares = Money(discount_minor, "EUR").split([prices[key] * count for key, count in quantities.items()])
    return {key: share.amount_minor for key, share in zip(quantities, shares, strict=True)}


def vat_of(gross_minor: int) -> int:
    """The tax inside a gross amount, rounded half up."""
    whole = 100 + VAT_PERCENT
    return (2 * gross_minor * VAT_PERCENT + whole) // (2 * whole)


def _order(order: PlacedOrder, updated_at: datetime) -> dict[str, Any]:
    goods = sum(piece.sold.gross_minor * piece.quantity for piece in order.pieces)
    tax = sum(vat_of(piece.paid_minor) for piece in order.pieces) + vat_of(order.shipping_minor)
    customer = _customer(order)
    amounts = {
        "subtotal_price": goods - order.discount_minor, "total_line_items_price": goods,
        "total_discounts": order.discount_minor, "total_tax": tax, "total_price": order.total_minor,
        "current_total_price": order.total_minor, "current_total_discounts": order.discount_minor,
        "current_total_tax": tax, "current_subtotal_price": goods - order.discount_minor,
    }  # fmt: skip
    return {
        "id": order.order_id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order.order_id}",
        "app_id": 580111, "browser_ip": None, "buyer_accepts_marketing": False, "cancel_reason": None,
        "cancelled_at": None, "cart_token": None, "checkout_id": None, "checkout_token": order.checkout,
        "closed_at": None, "confirmed": True, "contact_email": order.email, "created_at": _time(order.placed_at),
        "currency": "EUR", "customer_locale": order.locale, "email": order.email, "estimated_taxes": False,
        "financial_status": "paid", "fulfillment_status": None, "landing_site": "/demo", "name": order.number,
        "note": None, "number": int(order.number.removeprefix("#")) - 1000,
        "order_number": int(order.number.removeprefix("#")), "phone": None, "presentment_currency": "EUR",
        "payment_gateway_names": ["bogus"], "processed_at": _time(order.placed_at), "source_name": "web", "tags": "",
        "tax_exempt": False, "taxes_included": True, "test": False, "token": order.token,
        "updated_at": _time(updated_at), "total_outstanding": "0.00", "total_tip_received": "0.00",
        **{name: _price(amount) for name, amount in amounts.items()},
        **{f"{name}_set": _set(amount) for name, amount in amounts.items()},
        "total_shipping_price_set": _set(order.shipping_minor),
        "tax_lines": [_tax(tax)],
        "customer": customer,
        "billing_address": customer["default_address"], "shipping_address": customer["default_address"],
        "discount_codes": _codes(order), "discount_applications": _applications(order),
        "note_attributes": [
            {"name": name, "value": value}
            for name, value in (("grapevine_claim", order.claim), ("grapevine_click", order.click)) if value
        ],
        "line_items": [_line(piece) for piece in order.pieces],
        "shipping_lines": [_shipping(order.shipping_minor)],
        "fulfillments": [], "payment_terms": None, "refunds": [],
    }  # fmt: skip


def _customer(order: PlacedOrder) -> dict[str, Any]:
    return {
        "id": order.customer_id, "email": order.email, "first_name": order.first_name, "last_name": order.last_name,
        "state": "disabled", "note": None, "verified_email": True, "phone": None, "tags": "", "currency": "EUR",
        "admin_graphql_api_id": f"gid://shopify/Customer/{order.customer_id}",
        "default_address": {
            "first_name": order.first_name, "last_name": order.last_name, "address1": "Lichtweg 7", "address2": None,
            "zip": "24103", "city": "Kiel", "province": None, "country": "Germany", "country_code": "DE",
            "phone": None, "company": None, "name": f"{order.first_name} {order.last_name}".strip(),
        },
    }  # fmt: skip


def _codes(order: PlacedOrder) -> list[dict[str, str]]:
    if not order.code:
        return []
    return [{"code": order.code, "amount": _price(order.discount_minor), "type": "fixed_amount"}]


def _applications(order: PlacedOrder) -> list[dict[str, str]]:
    if not order.code:
        return []
    return [
        {
            "target_type": "line_item", "type": "discount_code", "value": _price(order.discount_minor),
            "value_type": "fixed_amount", "allocation_method": "across", "target_selection": "all",
            "code": order.code,
        }
    ]  # fmt: skip


def _line(piece: Piece) -> dict[str, Any]:
    sold = piece.sold
    cut = piece.discount_minor
    return {
        "id": piece.line_id, "admin_graphql_api_id": f"gid://shopify/LineItem/{piece.line_id}",
        "current_quantity": piece.left, "fulfillable_quantity": piece.quantity, "fulfillment_service": "manual",
        "fulfillment_status": None, "gift_card": False, "grams": 900, "name": f"{sold.title} · {sold.kind}",
        "price": _price(sold.gross_minor), "price_set": _set(sold.gross_minor), "product_exists": True,
        "product_id": sold.product_id, "properties": [], "quantity": piece.quantity, "requires_shipping": True,
        "sku": f"NL-{sold.key.upper()}", "taxable": True, "title": sold.title, "total_discount": "0.00",
        "total_discount_set": _set(0), "variant_id": sold.product_id + 41, "variant_title": None,
        "vendor": "Nordlicht", "tax_lines": [_tax(vat_of(piece.paid_minor))], "duties": [],
        "discount_allocations": [
            {"amount": _price(cut), "amount_set": _set(cut), "discount_application_index": 0}
        ] if cut else [],
    }  # fmt: skip


def _refund_line(piece: Piece, quantity: int) -> dict[str, Any]:
    gross = _part(piece, quantity)
    tax = vat_of(gross)
    return {
        "id": new_id(), "line_item_id": piece.line_id, "quantity": quantity, "location_id": None,
        "restock_type": "return", "subtotal": float(_price(gross)), "total_tax": float(_price(tax)),
        "subtotal_set": _set(gross), "total_tax_set": _set(tax), "line_item": _line(piece),
    }  # fmt: skip


def _shipping(gross_minor: int) -> dict[str, Any]:
    return {
        "id": new_id(), "code": "standard", "title": "Standard", "source": "shopify", "price": _price(gross_minor),
        "price_set": _set(gross_minor), "discounted_price": _price(gross_minor), "is_removed": False,
        "tax_lines": [_tax(vat_of(gross_minor))], "discount_allocations": [],
    }  # fmt: skip


def _part(piece: Piece, quantity: int) -> int:
    """What was paid for some pieces of a line, rounded half up."""
    return (2 * piece.paid_minor * quantity + piece.quantity) // (2 * piece.quantity)


def _sent(topic: str, body: dict[str, Any], at: datetime) -> Sent:
    return Sent(topic=topic, webhook_id=str(uuid.uuid4()), triggered_at=_time(at), body=msgspec.json.encode(body))


def _time(moment: datetime) -> str:
    return moment.astimezone(BERLIN).isoformat()


def _price(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _set(minor: int) -> dict[str, dict[str, str]]:
    money = {"amount": _price(minor), "currency_code": "EUR"}
    return {"shop_money": money, "presentment_money": money}


def _tax(minor: int) -> dict[str, Any]:
    return {"price": _price(minor), "rate": VAT_PERCENT / 100, "title": "MwSt.", "price_set": _set(minor)}
