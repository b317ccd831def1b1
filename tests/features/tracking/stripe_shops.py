"""Nordlicht sells by Stripe Checkout: plainly, with invoices, by subscription."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.features.tracking.platform_shop import ChargedBack, Message
from tests.support.testdata import platform_payload


class Stripe(ChargedBack):
    kind, name = "stripe", "Stripe"

    @property
    def order_id(self) -> str:
        return self.intent

    @property
    def intent(self) -> str:
        return f"pi_{self.number}"

    def _event(self, topic: str, thing: dict[str, Any], at: datetime, **previous: Any) -> Message:
        captured: dict[str, Any] = platform_payload("stripe_checkout_session_completed")["body"]
        data = {"object": thing} | ({"previous_attributes": previous} if previous else {})
        event = captured | {"id": f"evt_{topic}_{self.number}", "type": topic, "livemode": True, "data": data}
        return topic, json.dumps(event | {"created": int(at.timestamp())}).encode()

    def placed(self, pieces: int, price: str, *, paid: bool = True) -> Message:
        captured = platform_payload("stripe_checkout_session_completed")["body"]["data"]["object"]
        total = int(pieces * Decimal(price) * 100)
        self.session = captured | {
            "payment_intent": self.intent,
            "invoice": None,
            "currency": "eur",
            "amount_total": total,
            "amount_subtotal": total,
            "created": int(self.now.timestamp()),
            "payment_status": "paid" if paid else "unpaid",
            "customer": None,
            "customer_details": {"email": "ben@example.com", "name": "Ben Berg"},
        }
        return self._event("checkout.session.completed", self.session, self.now)

    def pay(self) -> Message:
        paid = self.session | {"payment_status": "paid"}
        return self._event("checkout.session.async_payment_succeeded", paid, self.later)

    def refunded(self, amount: str) -> Message:
        back = int(Decimal(amount) * 100)
        return self._event("charge.refunded", self._charge(back), self.later, amount_refunded=0)

    def _charge(self, back: int) -> dict[str, Any]:
        return {"id": "ch_1", "currency": "eur", "amount_refunded": back, "payment_intent": self.intent}

    def came_to_nothing(self) -> Message:
        return self._event("checkout.session.async_payment_failed", self.session, self.later)

    def charged_back(self) -> Message:
        thing = {"id": "dp_1", "amount": 8000, "currency": "eur", "status": "lost", "payment_intent": self.intent}
        return self._event("charge.dispute.closed", thing, self.later)


class InvoicedStripe(Stripe):
    """A subscription since API version 2025-03-31: the session names the invoice, all else the payment intent."""

    name = "Stripe by invoice"

    @property
    def order_id(self) -> str:
        return f"in_{self.number}"

    def placed(self, pieces: int, price: str, *, paid: bool = True) -> Message:
        super().placed(pieces, price, paid=paid)
        self.session |= {"payment_intent": None, "invoice": self.order_id, "mode": "subscription"}
        return self._event("checkout.session.completed", self.session, self.now)

    def beside(self) -> tuple[Message, ...]:
        paid = {"type": "payment_intent", "payment_intent": self.intent}
        thing = {"id": "inpay_1", "object": "invoice_payment", "invoice": self.order_id, "payment": paid}
        return (self._event("invoice_payment.paid", thing | {"status": "paid"}, self.now),)


class InvoicingStripe(Stripe):
    """A single payment that Stripe writes an invoice for, before API version 2025-03-31."""

    name = "Stripe with an invoice"

    def placed(self, pieces: int, price: str, *, paid: bool = True) -> Message:
        super().placed(pieces, price, paid=paid)
        self.session |= {"invoice": f"in_{self.number}", "invoice_creation": {"enabled": True}}
        return self._event("checkout.session.completed", self.session, self.now)

    def _charge(self, back: int) -> dict[str, Any]:
        return super()._charge(back) | {"invoice": f"in_{self.number}"}
