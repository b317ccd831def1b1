"""Nordlicht on each platform: what Ben's order of lamps looks like there, and what becomes of it.

Every shop speaks of one order with one line, by messages of (topic, body). Prices hold no tax, and there is none.
"""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.features.tracking.platform_shop import ChargedBack, Message, PlatformShop
from tests.features.tracking.stripe_shops import InvoicedStripe, InvoicingStripe, Stripe
from tests.support.bigcommerce import STORE
from tests.support.testdata import platform_payload


class Shopify(ChargedBack):
    kind, name = "shopify", "Shopify"

    def placed(self, pieces: int, price: str, *, paid: bool = True) -> Message:
        captured: dict[str, Any] = platform_payload("shopify_orders_create")["body"]
        line = captured["line_items"][0] | {"price": price, "quantity": pieces, "discount_allocations": []}
        self.order = captured | {
            "id": self.number,
            "currency": "EUR",
            "cancelled_at": None,
            "test": False,
            "financial_status": "paid" if paid else "pending",
            "email": "ben@example.com",
            "customer": None,
            "line_items": [line],
            "total_price": str(pieces * Decimal(price)),
            **dict.fromkeys(("created_at", "processed_at", "updated_at"), self.now.isoformat()),
        }
        return "orders/create", json.dumps(self.order).encode()

    def pay(self) -> Message:
        changes = {"financial_status": "paid", "updated_at": self.later.isoformat()}
        return "orders/paid", json.dumps(self.order | changes).encode()

    def refunded(self, amount: str) -> Message:
        paid = {"kind": "refund", "status": "success", "amount": amount, "currency": "EUR"}
        refund = {"id": self.number + 1, "order_id": self.number, "refund_line_items": [], "transactions": [paid]}
        return "refunds/create", json.dumps(refund).encode()

    def came_to_nothing(self) -> Message:
        changes = dict.fromkeys(("cancelled_at", "updated_at"), self.later.isoformat())
        return "orders/cancelled", json.dumps(self.order | changes).encode()

    def charged_back(self) -> Message:
        dispute = {"id": 7, "order_id": self.number, "type": "chargeback", "status": "lost", "amount": "80.00"}
        more = {"currency": "EUR", "initiated_at": self.later.isoformat()}
        return "disputes/update", json.dumps(dispute | more).encode()


class WooCommerce(PlatformShop):
    kind, name = "woocommerce", "WooCommerce"

    def placed(self, pieces: int, price: str, *, paid: bool = True) -> Message:
        documented: dict[str, Any] = platform_payload("woocommerce_order_v3")
        total = str(pieces * Decimal(price))
        sums = {"subtotal": total, "subtotal_tax": "0.00", "total": total, "total_tax": "0.00"}
        created = self.now.replace(tzinfo=None).isoformat()
        self.order = documented | {
            "id": self.number,
            "number": self.order_id,
            "currency": "EUR",
            "status": "processing" if paid else "pending",
            "total": total,
            "shipping_total": "0.00",
            "line_items": [documented["line_items"][0] | sums | {"quantity": pieces}],
            "billing": {"email": "ben@example.com"},
            "date_paid_gmt": None,
            **dict.fromkeys(("date_created_gmt", "date_modified_gmt"), created),
        }
        return "order.created", json.dumps(self.order).encode()

    def _changed(self, **changes: Any) -> Message:
        at = {"date_modified_gmt": self.later.replace(tzinfo=None).isoformat()}
        return "order.updated", json.dumps(self.order | at | changes).encode()

    def pay(self) -> Message:
        return self._changed(status="processing")

    def refunded(self, amount: str) -> Message:
        return self._changed(refunds=[{"id": self.number + 1, "reason": "", "total": f"-{amount}"}])

    def came_to_nothing(self) -> Message:
        return self._changed(status="cancelled")


class Shopware(ChargedBack):
    kind, name = "shopware", "Shopware"

    @property
    def order_id(self) -> str:
        return f"{self.number:032x}"

    def placed(self, pieces: int, price: str, *, paid: bool = True) -> Message:
        fixture: dict[str, Any] = platform_payload("shopware_order_transaction")["order"]
        total = float(pieces * Decimal(price))
        at = self.now.isoformat()
        price_of = fixture["lineItems"][0]["price"] | {"totalPrice": total, "calculatedTaxes": []}
        self.payment = fixture["transactions"][0] | {"createdAt": at, "updatedAt": None}
        self.order = fixture | {
            "id": self.order_id,
            "orderNumber": str(self.number),
            "amountTotal": total,
            "lineItems": [fixture["lineItems"][0] | {"quantity": pieces, "price": price_of}],
            "orderCustomer": fixture["orderCustomer"] | {"email": "ben@example.com", "customerId": None},
            "deliveries": [fixture["deliveries"][0] | {"createdAt": at, "updatedAt": None}],
            "transactions": [self._payment("paid" if paid else "open")],
            **dict.fromkeys(("createdAt", "orderDateTime"), at),
        }
        return self._event("checkout.order.placed")

    def _payment(self, state: str, **changes: Any) -> dict[str, Any]:
        payment: dict[str, Any] = self.payment | {"stateMachineState": {"technicalName": state}} | changes
        return payment

    def _event(self, event: str, **changes: Any) -> Message:
        source = {"url": "https://nordlicht.example", "shopId": "s", "eventId": f"{event}-{self.number}"}
        data = {"event": event, "payload": {"order": self.order | changes}}
        return "", json.dumps({"data": data, "source": source, "timestamp": int(self.now.timestamp())}).encode()

    def _payment_event(self, state: str, **changes: Any) -> Message:
        payment = self._payment(state, updatedAt=self.later.isoformat(), **changes)
        return self._event(f"state_enter.order_transaction.state.{state}", transactions=[payment])

    def pay(self) -> Message:
        return self._payment_event("paid")

    def refunded(self, amount: str) -> Message:
        state = {"stateMachineState": {"technicalName": "completed"}}
        refund = {"id": "r", "amount": {"totalPrice": float(amount)}} | state
        return self._payment_event("refunded_partially", captures=[{"refunds": [refund]}])

    def came_to_nothing(self) -> Message:
        state = {"stateMachineState": {"technicalName": "cancelled"}, "updatedAt": self.later.isoformat()}
        return self._event("state_enter.order.state.cancelled", **state)

    def charged_back(self) -> Message:
        return self._payment_event("chargeback")


class SilentShopware(Shopware):
    """As since 6.6: what a payment or delivery has come to stands in the message's name only."""

    name = "Shopware 6.6"

    def _payment(self, state: str, **changes: Any) -> dict[str, Any]:
        return super()._payment(state, **changes) | {"stateMachineState": None}

    def placed(self, pieces: int, price: str, *, paid: bool = True) -> Message:
        super().placed(pieces, price, paid=False)
        self.order["deliveries"] = [each | {"stateMachineState": None} for each in self.order["deliveries"]]
        return self._event("checkout.order.placed")


class BigCommerce(PlatformShop):
    kind, name = "bigcommerce", "BigCommerce"

    def _message(self, scope: str) -> Message:
        captured: dict[str, Any] = platform_payload("bigcommerce_order_created")["body"]
        names = {"scope": scope, "producer": f"stores/{STORE}", "data": {"type": "order", "id": self.number}}
        return scope, json.dumps(captured | names).encode()

    def _shows(self, at: datetime, **changes: Any) -> None:
        assert self.store is not None
        order = self.store.orders[self.number]
        order.update(changes | {"date_modified": at.strftime("%a, %d %b %Y %H:%M:%S +0000")})

    def placed(self, pieces: int, price: str, *, paid: bool = True) -> Message:
        assert self.store is not None
        total = str(pieces * Decimal(price))
        line = {"id": 7, "quantity": pieces, "sku": "LAMP", "total_ex_tax": total, "total_tax": "0.0000"}
        self.store.products[self.number] = [line]
        self.store.sell(
            self.number,
            date_created=self.now.strftime("%a, %d %b %Y %H:%M:%S +0000"),
            status_id=11 if paid else 7,
            payment_status="captured" if paid else "pending",
            total_ex_tax=total,
            total_inc_tax=total,
            **dict.fromkeys(("total_tax", "shipping_cost_ex_tax", "shipping_cost_tax"), "0.0000"),
        )
        self._shows(self.now)
        return self._message("store/order/created")

    def pay(self) -> Message:
        self._shows(self.later, status_id=11, payment_status="captured")
        return self._message("store/order/transaction/created")

    def refunded(self, amount: str) -> Message:
        assert self.store is not None
        item = {"item_type": "ORDER", "item_id": self.number, "requested_amount": float(amount)}
        self.store.refunds[self.number] = [{"id": 3, "order_id": self.number, "items": [item]}]
        self._shows(self.later, status_id=14, refunded_amount=amount)
        return self._message("store/order/refund/created")

    def came_to_nothing(self) -> Message:
        self._shows(self.later, status_id=5)
        return self._message("store/order/statusUpdated")


class OwnWebshop(ChargedBack):
    kind, name = "generic", "its own webshop"

    def _message(self, topic: str, data: dict[str, Any]) -> Message:
        return topic, json.dumps({"type": topic, "timestamp": self.now.isoformat(), "data": data}).encode()

    def placed(self, pieces: int, price: str, *, paid: bool = True) -> Message:
        total = {"amount_minor": int(pieces * Decimal(price) * 100), "currency": "EUR"}
        self.order = {
            "order_id": self.order_id,
            "placed_at": self.now.isoformat(),
            "total": total,
            "lines": [{"line_id": "1", "quantity": pieces, "net": total}],
            "customer": {"email": "ben@example.com"},
            "payment": "paid" if paid else "pending",
        }
        return self._message("order.reported", self.order)

    def pay(self) -> Message:
        return self._message("order.reported", self.order | {"payment": "paid", "updated_at": self.later.isoformat()})

    def refunded(self, amount: str) -> Message:
        money = {"amount_minor": int(Decimal(amount) * 100), "currency": "EUR"}
        return self._message("order.refunded", {"order_id": self.order_id, "refund_id": "r", "amount": money})

    def came_to_nothing(self) -> Message:
        return self._message("order.cancelled", {"order_id": self.order_id, "cancelled_at": self.later.isoformat()})

    def charged_back(self) -> Message:
        said = {"order_id": self.order_id, "dispute_id": "d", "state": "lost", "at": self.later.isoformat()}
        return self._message("order.disputed", said)


SHOPS: dict[str, type[PlatformShop]] = {
    shop.name: shop
    for shop in (
        Shopify,
        WooCommerce,
        Shopware,
        SilentShopware,
        BigCommerce,
        Stripe,
        InvoicedStripe,
        InvoicingStripe,
        OwnWebshop,
    )
}
