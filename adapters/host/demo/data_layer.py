"""What the shop tells its analytics, as every shop does: the tag reads along."""

from typing import Any

from adapters.host.demo.orders import PlacedOrder


def purchase(order: PlacedOrder) -> dict[str, Any]:
    """GA4's purchase event of an order. Amounts are in euros, `value` without shipping, as GA4 asks for."""
    return {
        "event": "purchase",
        "ecommerce": {
            "transaction_id": order.number,
            "value": (order.total_minor - order.shipping_minor) / 100,
            "shipping": order.shipping_minor / 100,
            "currency": "EUR",
            "coupon": order.code,
            "items": [
                {
                    "item_id": str(piece.sold.product_id),
                    "item_name": piece.sold.title,
                    "price": piece.sold.gross_minor / 100,
                    "quantity": piece.quantity,
                }
                for piece in order.pieces
            ],
        },
    }
