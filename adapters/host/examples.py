"""Request bodies that belong together, for the OpenAPI document: a reader can send them as they stand."""

from typing import Any, Final


def _euros(minor: int) -> dict[str, Any]:
    return {"amount_minor": minor, "currency": "EUR"}


_TERMS: Final = {
    "currency": "EUR",
    "friend_deal": {"kind": "fixed", "amount": _euros(1000)},
    "advocate_reward": {"kind": "percent", "basis_points": 1000, "cap": _euros(2500)},
    "minimum_order": _euros(4000),
    "first_order_only": True,
    "hold_days": 14,
}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "createProgramme": {"title": "Friends of Nordlicht", "terms": _TERMS},
    "enrolAdvocate": {
        "programme_id": "prg_01k9z7d2m8f3rt5wq6x7y8z9ab",
        "customer_reference": "customer-1042",
        "email": "ada@example.com",
        "first_name": "Ada",
        "locale": "de",
    },
    "claimDeal": {
        "advocate_code": "7K2M-9QX0",
        "friend": {"email": "ben@example.com", "first_name": "Ben", "locale": "de"},
        "locale": "de",
    },
    "reportOrder": {
        "order_id": "A-1001",
        "placed_at": "2026-11-22T10:00:00Z",
        "total": _euros(11900),
        "lines": [{"line_id": "1", "quantity": 2, "net": _euros(10000), "tax": _euros(1900)}],
        "customer": {"reference": "customer-2077", "email": "ben@example.com", "first_name": "Ben"},
        "coupon_codes": ["7K2M-9QX0"],
    },
    "reportRefund": {"refund_id": "R-1", "lines": [{"line_id": "1", "quantity": 1}]},
    "createConnection": {"kind": "generic", "title": "Nordlicht's own shop"},
    "createKey": {"label": "Order import", "kind": "secret", "scopes": ["tracking:write", "referral:read"]},
}
"""By operation. Where nothing stands here, what stands at each field is enough."""


def with_examples(document: dict[str, Any]) -> dict[str, Any]:
    """The document, with these bodies where they belong."""
    for item in document.get("paths", {}).values():
        for operation in item.values():
            body = BODIES.get(operation.get("operationId", "")) if isinstance(operation, dict) else None
            for media_type in operation.get("requestBody", {}).get("content", {}).values() if body else ():
                media_type["example"] = body
    return document
