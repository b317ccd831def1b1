"""A shop's referral desk, as the steps see it: people by their first names, orders told by the platform."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.ids import new_id
from tests.support.world import ShopWorld

DEAL = re.compile(r"give €(\d+), get (?:€(\d+)|(\d+) % of the order(?:, at most €(\d+))?)")


class Desk:
    def __init__(self, shop: ShopWorld) -> None:
        self.shop = shop
        self.programme: dict[str, Any] = {}
        self.terms: dict[str, Any] = {}
        self.advocates: dict[str, dict[str, Any]] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.claims: dict[str, dict[str, Any]] = {}
        self.answers: list[Any] = []
        self.delay = timedelta(0)

    # Over HTTP

    def get(self, path: str, **query: Any) -> Any:
        answer = self.shop.client.get(f"/api/v1{path}", params=query, headers=self.shop.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.shop.client.post(f"/api/v1{path}", json=body, headers=self.shop.headers | headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.shop.client.patch(f"/api/v1{path}", json=body, headers=self.shop.headers | headers)

    # Programmes

    def draft(self, deal: str, **terms: Any) -> None:
        self.terms = terms_of(deal) | terms
        answer = self.post("/programmes", {"title": "Friends", "terms": self.terms})
        assert answer.status_code == 201, answer.text
        self.programme = answer.json()

    def change_draft(self, **terms: Any) -> None:
        self.terms |= terms
        answer = self.patch(f"/programmes/{self.programme['id']}", {"terms": self.terms})
        assert answer.status_code == 200, answer.text

    def move(self, move: str) -> Any:
        return self.post(f"/programmes/{self.programme['id']}/{move}")

    def launch(self) -> None:
        answer = self.move("launch")
        assert answer.status_code == 200, answer.text

    def ensure_live(self) -> None:
        """Backgrounds set further terms after the programme: launch when first needed."""
        if self.programme["state"] == "draft":
            self.launch()
            self.programme["state"] = "live"

    # People

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.shop.details["clock_offset_s"]) + self.delay

    def enrol(self, name: str, locale: str | None = "de") -> Any:
        self.ensure_live()
        body = {"programme_id": self.programme["id"], "email": f"{name.lower()}@example.com", "first_name": name}
        return self.post("/advocates", body | {"customer_reference": f"ref-{name}", "locale": locale})

    def advocate(self, name: str) -> dict[str, Any]:
        if name not in self.advocates:
            answer = self.enrol(name)
            assert answer.status_code == 201, answer.text
            self.advocates[name] = answer.json()
        return self.advocates[name]

    def person(self, name: str) -> tuple[UUID, UUID]:
        """Customer and person id, as the vault would give them."""
        if name in self.advocates:
            advocate = from_wire("adv", self.advocates[name]["id"])
            query = "SELECT customer_id, person_id FROM referral.advocate WHERE advocate_id = %s"
            (found,) = self.shop.world.sql(query, advocate)
            return found[0], found[1]
        return uuid5(self.shop.shop_id, f"customer {name}"), uuid5(self.shop.shop_id, f"person {name}")

    # Facts of others

    def order(self, name: str, amount_minor: int, advocate: str = "Ada", **changes: Any) -> None:
        customer_id, person_id = self.person(name)
        claim = self.claims.get(name)
        self.orders[name] = {
            "order_id": str(new_id()), "revision": 1, "number": "#1001", "placed_at": self.now().isoformat(),
            "state": "open", "payment": "paid", "test": False, "currency": "EUR", "total_minor": amount_minor,
            "base_minor": amount_minor, "final_base_minor": amount_minor, "customer_id": str(customer_id),
            "person_id": str(person_id), "first_order": True,
            "attribution": self.attribution(advocate, claim), "future_field": "ignored",
        } | changes  # fmt: skip
        self.tell_order(name)

    def attribution(self, advocate: str, claim: dict[str, Any] | None = None) -> dict[str, Any]:
        return {
            "method": "coupon_code", "programme_id": str(from_wire("prg", self.programme["id"])),
            "advocate_id": str(from_wire("adv", self.advocate(advocate)["id"])),
            "claim_id": claim["claim_id"] if claim else None, "click_id": None,
            "touched_at": self.now().isoformat(), "reason": "The code was typed at checkout.",
        }  # fmt: skip

    def change_order(self, name: str, **changes: Any) -> None:
        order = self.orders[name]
        order |= changes | {"revision": order["revision"] + 1}
        self.tell_order(name)

    def tell_order(self, name: str) -> None:
        self.shop.tell("referral", "tracking.order_changed", self.orders[name])

    def claim(self, name: str, advocate: str, *, told: bool = True) -> None:
        customer_id, person_id = self.person(name)
        self.claims[name] = {
            "claim_id": str(new_id()), "programme_id": str(from_wire("prg", self.programme["id"])),
            "advocate_id": str(from_wire("adv", self.advocate(advocate)["id"])), "friend_id": str(customer_id),
            "person_id": str(person_id), "code": "ABCD1234", "click_id": None, "locale": "de",
            "claimed_at": self.now().isoformat(), "expires_at": (self.now() + timedelta(days=30)).isoformat(),
        }  # fmt: skip
        if told:
            self.tell_claim(name)

    def tell_claim(self, name: str) -> None:
        self.shop.tell("referral", "acquisition.deal_claimed", self.claims[name])

    # What came of it

    def rewards(self) -> list[dict[str, Any]]:
        return list(self.get("/rewards", limit=100)["items"])

    def reward_of(self, name: str) -> dict[str, Any]:
        if name in self.advocates:
            advocate = self.advocates[name]["id"]
            mine = [r for r in self.rewards() if r["side"] == "advocate" and r["advocate_id"] == advocate]
        else:
            order = to_wire("ord", UUID(self.orders[name]["order_id"]))
            mine = [r for r in self.rewards() if r["side"] == "friend" and r["order_id"] == order]
        active = [reward for reward in mine if reward["state"] != "reversed"] or mine
        assert len(active) == 1, mine
        return active[0]

    def details(self, name: str) -> dict[str, Any]:
        return dict(self.get(f"/rewards/{self.reward_of(name)['id']}"))

    def referral_of(self, name: str) -> dict[str, Any]:
        friend = to_wire("cus", self.person(name)[0])
        (found,) = [r for r in self.get("/referrals")["items"] if r["friend_id"] == friend]
        return dict(self.get(f"/referrals/{found['id']}"))

    def ledger_sum(self) -> int:
        accounts = self.get("/ledger/accounts")["items"]
        return sum(account["balance"]["amount_minor"] for account in accounts)

    def approve(self, times: int = 1) -> None:
        approve = self.shop.world.installation.contexts["referral"].container.approve_due()

        async def run() -> None:
            await asyncio.gather(*(approve(self.shop.shop_id) for _ in range(times)))

        self.shop.world.call(run)


def terms_of(deal: str) -> dict[str, Any]:
    match = DEAL.fullmatch(deal)
    assert match, deal
    give, get, share, cap = match.groups()
    reward: dict[str, Any] = {"kind": "fixed", "amount": euros(get)} if get else {"kind": "percent"}
    if share:
        reward["basis_points"] = int(share) * 100
    if cap:
        reward["cap"] = euros(cap)
    return {"currency": "EUR", "friend_deal": {"kind": "fixed", "amount": euros(give)}, "advocate_reward": reward}


def euros(text: str) -> dict[str, Any]:
    return {"amount_minor": minor(text), "currency": "EUR"}


def minor(text: str) -> int:
    return round(float(text) * 100)
