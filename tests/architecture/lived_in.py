"""A shop in which everything has happened once, so that there is something of every kind to be asked for."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

from adapters.tracking.platforms.signatures import sign_standard
from tests.support.world import ShopWorld

_EUR_10: Final = {"amount_minor": 1000, "currency": "EUR"}
_TERMS: Final = {
    "currency": "EUR",
    "friend_deal": {"kind": "fixed", "amount": _EUR_10},
    "advocate_reward": {"kind": "percent", "basis_points": 1000, "cap": {"amount_minor": 2500, "currency": "EUR"}},
    "minimum_order": {"amount_minor": 4000, "currency": "EUR"},
    "first_order_only": True,
    "hold_days": 14,
}
_PLAN: Final = {
    "steps": [{"method": "manual"}, {"method": "coupon_code"}, {"method": "click_id", "window_days": 7}],
    "coupon_site": {"orders": 2, "hours": 1, "share_percent": 50},
}
_BEN: Final = {"email": "ben@example.com", "first_name": "Ben", "reference": "customer-2"}
BODIES: Final[dict[str, Any]] = {
    # operation -> a body that it accepts; {names} are filled from what the shop knows
    "changeShop": {"title": "Nordlicht"},
    "moveClock": {"seconds": 60},
    "createKey": {"label": "Order import", "scopes": ["tracking:write"]},
    "identifyCustomer": {"reference": "customer-1042", "email": "ada@example.com", "first_name": "Ada"},
    "createProgramme": {"title": "Friends", "terms": _TERMS},
    "changeProgramme": {"title": "Friends first"},
    "addOffer": {"terms": _TERMS},
    "enrolAdvocate": {
        "programme_id": "{programme_id}",
        "customer_reference": "customer-1042",
        "email": "ada@example.com",
        "first_name": "Ada",
        "locale": "de",
    },
    "claimDeal": {"advocate_code": "{advocate_code}", "friend": _BEN, "locale": "de"},
    "createInvite": {"seats": 5, "expires_at": "2099-12-31T23:00:00Z", "inviter": {"reference": "customer-1042"}},
    "redeemInviteCode": {"code": "{invite_code}", "customer": {**_BEN, "reference": "customer-3"}},
    "createConnection": {"kind": "shopify", "title": "Shop", "secret": "shpss_0123456789abcdef0123456789abcdef"},
    "rotateConnectionSecret": {"secret": "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"},
    "createLink": {"destination": "https://nordlicht.example/lamps?utm_source=x", "vanity": "summer"},
    "changeLink": {"title": "In the newsletter"},
    "addDomain": {"host": "lamps.nordlicht.example"},
    "changeDomain": {"serves_links": False},
    "changeConnection": {"title": "Our Shopify"},
    "replayParkedDeliveries": {},
    "changeRetention": {"orders_months": 24, "clicks_months": 14},
    "uploadOrders": "order;date;total\n1001;2026-11-20;80,00\n1002;never;80,00\n",
    "changeTag": {"on": True, "cookie_days": 60, "hosts": ["checkout.nordlicht.example"]},
    "reportOrder": {
        "order_id": "A-1001",
        "placed_at": "{now}",
        "payment": "paid",
        "coupon_codes": ["{claim_code}"],
        "customer": _BEN,
        "lines": [
            {
                "line_id": "1",
                "quantity": 2,
                "net": {"amount_minor": 10_000, "currency": "EUR"},
                "tax": {"amount_minor": 1_900, "currency": "EUR"},
            }
        ],
        "total": {"amount_minor": 11_900, "currency": "EUR"},
    },
    "draftChain": _PLAN,
    "checkChain": _PLAN,
    "setChain": {"plan": _PLAN},
    "setPolicy": {"conflict": "refuse"},
    "askReplay": {"programme_id": "{programme_id}", "plan": _PLAN, "days": 7},
    "creditOrder": {"advocate_id": "{advocate_id}", "reason": "Ben told us on the phone."},
    "withdrawCredit": {"reason": "It was another Ben."},
    "setCouponSiteRule": {"rule": {"orders": 40}},
    "exemptCode": {"reason": "It is on our posters."},
    "settleCouponAlert": {"state": "blocked", "reason": "It stands on a coupon site."},
    "reportRefund": {"refund_id": "R-1", "lines": [{"line_id": "1", "quantity": 1}]},
    "cancelOrder": {"cancelled_at": "{now}"},
    "reportDispute": {"dispute_id": "D-1", "state": "open", "at": "{now}"},
    "recordConsent": {
        "customer_id": "{customer_id}",
        "channel": "email",
        "country": "DE",
        "decision": "granted",
        "proof": "checkout-form:8812",
        "purpose": "rewards",
        "text_version": "newsletter-2026-03",
    },
    "recordShare": {"advocate_id": "{advocate_id}", "channel": "native", "locale": "de"},
    "suppressAddress": {"email": "carl@example.com", "scope": "all", "why": "requested"},
}


def filled(template: Any, known: Mapping[str, str]) -> Any:
    """The template with {names} replaced."""
    if isinstance(template, str):
        return template.format_map(known) if "{" in template else template
    if isinstance(template, dict):
        return {name: filled(value, known) for name, value in template.items()}
    if isinstance(template, list):
        return [filled(value, known) for value in template]
    return template


class LivedIn:
    """Opens a shop, lives the main journey in it, and remembers every id and code by name."""

    def __init__(self, shop: ShopWorld) -> None:
        self.shop = shop
        self.known: dict[str, str] = {}

    def live(self) -> None:
        self.known["customer_id"] = self._do("identifyCustomer", "/customers")["id"]
        self.known["key_id"] = self._do("createKey", "/keys")["id"]
        self.known["programme_id"] = self._do("createProgramme", "/programmes")["id"]
        self._post(f"/programmes/{self.known['programme_id']}/launch", None)
        advocate = self._do("enrolAdvocate", "/advocates")
        self.known |= {"advocate_id": advocate["id"], "advocate_code": advocate["code"]}
        self._claim()
        self._order()
        invite = self._do("createInvite", "/invites")
        self.known["invite_code"] = invite["code"]
        self._do("redeemInviteCode", "/redemptions")
        self.known["connection_id"] = self._do("createConnection", "/connections")["id"]
        self.known["delivery_id"] = self._give_up()
        self.known["upload_id"] = self._post("/order-uploads", BODIES["uploadOrders"])["id"]
        self.known["link_id"] = self._do("createLink", "/links")["id"]
        self.known["domain_id"] = self._do("addDomain", "/domains")["id"]
        self._alert()
        self.known["replay_id"] = self._do("askReplay", "/attribution/replays")["id"]
        self.shop.eventually(self._replayed)
        self._do("recordConsent", "/consents")
        self.shop.eventually(lambda: self._do("recordShare", "/shares"))
        self.known["address_hash"] = self._do("suppressAddress", "/suppressions")["address_hash"]
        self.shop.move_clock(days=15)
        self.shop.eventually(self._is_quiet)

    def _give_up(self) -> str:
        """Have a platform report what cannot be recorded; gives the id of what was given up."""
        own = self._post("/connections", {"kind": "generic", "title": "Our webshop"})
        amount = {"amount_minor": 100, "currency": "SEK"}
        order = {"order_id": "S-1", "placed_at": "2026-11-20T10:00:00Z", "total": amount, "lines": [], "customer": _BEN}
        body = json.dumps({"type": "order.reported", "data": order}).encode()
        at = int(datetime.now(UTC).timestamp())
        signature = sign_standard(body, webhook_id="m-1", timestamp=at, secret=own["secret"])
        headers = {"webhook-id": "m-1", "webhook-timestamp": f"{at}", "webhook-signature": signature}
        answer = self.shop.client.post(urlsplit(own["webhook_url"]).path, content=body, headers=headers)
        assert answer.status_code == 200, answer.text
        parked = self.shop.eventually(lambda: self.get("/parked-deliveries")["items"])
        return str(parked[0]["id"])

    def _is_quiet(self) -> bool:
        """The rewards are issued, every mail about them is on its way, and the figures show it all."""
        rewards = {reward["state"] for reward in self.get("/rewards")["items"]}
        mails = {message["state"] for message in self.get("/messages")["items"]}
        total = self.get("/reports/funnel")["total"]
        counted = total["approved"] == 1 and total["shares"] > 0
        return rewards == {"issued"} and bool(mails) and not mails & {"queued", "sending"} and counted

    def _claim(self) -> None:
        claim = self.shop.eventually(lambda: self._do("claimDeal", "/claims"))
        self.known |= {"claim_id": claim["id"], "claim_code": claim["code"]}

    def _order(self) -> None:
        # After the launch, to the second: an order from before it earns nothing.
        self.known["now"] = datetime.now(UTC).isoformat()
        self.known["order_id"] = self._do("reportOrder", "/orders")["id"]
        rewards = self.shop.eventually(lambda: self.get("/rewards")["items"])
        self.known["reward_id"] = rewards[0]["id"]
        self.known["referral_id"] = self.get("/referrals")["items"][0]["id"]

    def _alert(self) -> None:
        """Strangers use the advocate's code, for too little to earn anything."""
        path = f"/attribution/chains/{self.known['programme_id']}/versions"
        self._post(path, BODIES["setChain"])
        self._post(path, BODIES["setChain"] | {"from": "2099-01-01T00:00:00Z"})
        self._post(f"{path}/3/withdraw", None)
        for path, operation in (("policies", "setPolicy"), ("coupon-site-rules", "setCouponSiteRule")):
            for since in ({}, {"from": "2099-01-01T00:00:00Z"}):
                self._post(f"/attribution/{path}", BODIES[operation] | since)
            self._post(f"/attribution/{path}/3/withdraw", None)
        self.known["version"] = "3"
        at = datetime.now(UTC).isoformat()
        for name in ("S-1", "S-2"):
            line = {"line_id": "1", "quantity": 1, "net": {"amount_minor": 100, "currency": "EUR"}}
            order = filled(BODIES["reportOrder"], self.known) | {
                "order_id": name,
                "placed_at": at,
                "coupon_codes": [self.known["advocate_code"]],
                "customer": {"email": f"{name}@example.com"},
                "lines": [line],
                "total": line["net"],
            }
            self._post("/orders", order)
        self.shop.eventually(self._strangers_are_nobodys)

    def _replayed(self) -> bool:
        return bool(self.get(f"/attribution/replays/{self.known['replay_id']}")["state"] == "done")

    def _strangers_are_nobodys(self) -> bool:
        """The first of them is decided again once the second has shown what the code is used for."""
        orders = [order for order in self.get("/orders")["items"] if order["order_id"].startswith("S-")]
        return [order["attribution"]["method"] for order in orders] == [None, None]

    def get(self, path: str) -> Any:
        answer = self.shop.client.get(f"/api/v1{path}", headers=self.shop.headers)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return answer.json()

    def _do(self, operation: str, path: str) -> Any:
        return self._post(path, filled(BODIES[operation], self.known))

    def _post(self, path: str, body: Any) -> Any:
        headers = self.shop.headers | {"idempotency-key": uuid4().hex}
        sent = {"content": body} if isinstance(body, str) else {"json": body}
        answer = self.shop.client.post(f"/api/v1{path}", headers=headers, **sent)
        assert answer.status_code < 300, f"{path}: {answer.text}"
        return answer.json()
