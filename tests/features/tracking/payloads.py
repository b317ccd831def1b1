"""Pieces of what platforms send."""

import time
from typing import Any


def lamp(
    price: str, quantity: int = 1, *, tax: str = "0.00", discount: str = "0.00", line_id: int = 1
) -> dict[str, Any]:
    return {
        "id": 866550311766439000 + line_id,
        "price": price,
        "quantity": quantity,
        "tax_lines": [{"price": tax}],
        "discount_allocations": [{"amount": discount}],
    }


def returned(payload: dict[str, Any], quantity: int, subtotal: float) -> dict[str, Any]:
    """A refund of pieces of the order's first line, with the amounts as JSON numbers, as Shopify sends them."""
    return {
        "id": 890088186047892000 + time.monotonic_ns() % 10**6,
        "order_id": payload["id"],
        "refund_line_items": [
            {
                "line_item_id": payload["line_items"][0]["id"],
                "quantity": quantity,
                "subtotal": subtotal,
                "subtotal_set": {"shop_money": {"amount": str(subtotal), "currency_code": "EUR"}},
            }
        ],
        "order_adjustments": [],
        "transactions": [],
    }


def euros(amount: str) -> dict[str, Any]:
    return {"amount_minor": int(amount.replace(".", "")), "currency": "EUR"}
