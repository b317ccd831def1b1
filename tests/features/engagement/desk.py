"""A shop's desk for shares and mails, as the steps see it: people by their first names, facts told by referral."""

import email
import email.policy
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from msgspec import Struct

from adapters.shared.http.ids import to_wire
from adapters.shared.ids import new_code, new_id
from tests.support.world import ShopWorld

APPROVAL = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)


class Person(Struct, frozen=True):
    reference: str | None
    email: str | None
    first_name: str
    last_name: str
    locale: str | None
    phone: str | None


class People(Struct, frozen=True):
    shop_id: UUID
    people: list[Person]


class Identified(Struct, frozen=True):
    customer_id: UUID


class IdentifiedPeople(Struct, frozen=True):
    people: list[Identified]


class Desk:
    def __init__(self, shop: ShopWorld) -> None:
        self.shop = shop
        self.programme: dict[str, Any] = {}
        self.advocate: dict[str, Any] = {}
        self.customers: dict[str, UUID] = {}
        self.addresses: dict[str, str | None] = {}
        self.said: tuple[str, dict[str, Any]] = ("", {})
        self.reward_id = new_id()
        self.revision = 0
        self.mail: EmailMessage = EmailMessage()
        self.told: set[str] = set()
        self.answer: Any = None

    # People and facts of others

    def introduce(
        self, name: str, *, locale: str | None = None, reachable: bool = True, called: str | None = None
    ) -> UUID:
        if name not in self.customers:
            self.addresses[name] = f"{name.lower()}@example.com" if reachable else None
            person = Person(f"ref-{name}", self.addresses[name], called or name, "", locale, None)
            asking = self.shop.world.installation.asking
            question = People(self.shop.shop_id, [person])
            known = self.shop.world.call(asking, "shops.identify_customers", question, IdentifiedPeople)
            self.customers[name] = known.people[0].customer_id
        return self.customers[name]

    def tell_programme(self, **changes: Any) -> None:
        terms = {
            "offer_id": new_id(),
            "version": 1,
            "currency": "EUR",
            "friend_deal": {"kind": "fixed", "amount_minor": 1000},
            "advocate_reward": {"kind": "percent", "basis_points": 1000, "cap_minor": 2500},
            "minimum_order_minor": 4000,
            "first_order_only": True,
            "hold_days": 14,
            "claim_days": 30,
            "attribution_days": 30,
        }
        before = self.programme or {
            "programme_id": new_id(),
            "revision": 1,
            "title": "Freunde werben Freunde",
            "kind": "refer_a_friend",
            "state": "live",
            "terms": terms,
        }
        told = before | changes
        if not self.programme or told["revision"] >= self.programme["revision"]:
            self.programme = told
        self.shop.tell("engagement", "referral.programme_changed", told)

    def enrol(self, name: str, *, locale: str | None = None) -> None:
        self.advocate = {
            "advocate_id": new_id(),
            "programme_id": self.programme["programme_id"],
            "customer_id": self.introduce(name, locale=locale),
            "person_id": new_id(),
            "code": new_code(),
            "link_code": new_code(10).lower(),
            "enrolled_at": datetime.now(UTC),
        }
        self.shop.tell("engagement", "referral.advocate_enrolled", self.advocate)

    def tell_reward(
        self,
        name: str,
        change: str,
        amount_minor: int,
        *,
        before: int | None = None,
        reason: str = "earned_percent",
        side: str = "advocate",
        revision: int | None = None,
    ) -> None:
        self.revision = revision or self.revision + 1
        now = datetime.now(UTC) + timedelta(seconds=self.shop.details["clock_offset_s"])
        fact = {
            "reward_id": self.reward_id,
            "revision": self.revision,
            "programme_id": self.programme["programme_id"],
            "referral_id": new_id(),
            "advocate_id": self.advocate["advocate_id"],
            "order_id": new_id(),
            "side": side,
            "customer_id": self.introduce(name),
            "change": change,
            "state": change if change in ("pending", "approved", "issued", "reversed") else "pending",
            "amount_minor": amount_minor,
            "previous_amount_minor": amount_minor if before is None else before,
            "currency": "EUR",
            "reason_code": reason,
            "reason": "…",
            "approve_after": APPROVAL,
            "changed_at": now,
        }
        self.said = ("referral.reward_changed", fact)
        self.shop.tell("engagement", *self.said)

    def another_reward(self, name: str = "Ada") -> None:
        self.reward_id, self.revision = new_id(), 0
        self.tell_reward(name, "pending", 700)

    # Over HTTP

    def get(self, path: str, **query: Any) -> Any:
        return self.shop.client.get(f"/api/v1{path}", params=query, headers=self.shop.headers)

    def post(self, path: str, body: Any) -> Any:
        return self.shop.client.post(f"/api/v1{path}", json=body, headers=self.shop.headers)

    def kit(self, **query: Any) -> Any:
        self.answer = self.get(f"/share-kits/{to_wire('adv', self.advocate['advocate_id'])}", **query)
        return self.answer

    def share(self, channel: str) -> Any:
        found: list[Any] = [share for share in self.answer.json()["shares"] if share["channel"] == channel]
        return found[0]

    def messages(self, name: str, **query: Any) -> list[dict[str, Any]]:
        answer = self.get("/messages", customer_id=to_wire("cus", self.customers[name]), **query)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def settled(self, name: str) -> list[dict[str, Any]]:
        """The messages of somebody, newest first, once none is on its way."""

        def ask() -> list[dict[str, Any]]:
            found = self.messages(name)
            assert all(message["state"] not in ("queued", "sending") for message in found), found
            return found

        return self.shop.eventually(ask)

    # Mails

    def mails(self, name: str) -> list[EmailMessage]:
        """The mails of this shop to somebody, oldest first."""
        sent = {message["id"] for message in self.messages(name, state="sent")}
        paths = [
            path for path in sorted(self.shop.world.outbox.glob("*.eml")) if to_wire("msg", UUID(path.stem)) in sent
        ]
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]

    def next_mail(self, name: str, subject: str) -> EmailMessage:
        def look() -> EmailMessage:
            new = [mail for mail in self.mails(name) if mail["Message-ID"] not in self.told]
            assert new, f"no new mail to {name}: {self.messages(name)}"
            return new[0]

        self.mail = self.shop.eventually(look)
        self.told.add(self.mail["Message-ID"])
        assert self.mail["Subject"].replace("\xa0", " ") == subject
        assert str(self.mail["To"]) == self.addresses[name]
        return self.mail

    def part(self, kind: str) -> str:
        body = self.mail.get_body(preferencelist=(kind,))
        assert body is not None
        return str(body.get_content())

    def unsubscribe_path(self) -> str:
        found = re.fullmatch(r"<http://[^/]+(/u/[^>]+)>", self.mail["List-Unsubscribe"])
        assert found
        return found[1]
