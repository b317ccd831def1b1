"""A shop's history written straight into tracking's tables, a piece at a time and in any order."""

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from adapters.shared.ids import new_id
from tests.support.world import ShopWorld

SOURCES = (None, "", "whatsapp", "Email", "google", "newsletter")
ORDER = (
    "INSERT INTO tracking.orders (shop_id, order_id, platform, external_id, revision, facts, decided, placed_at,"
    " payment, cancelled_at, test, currency, total_minor, base_minor, final_base_minor, customer_id, person_id,"
    " first_order, click_id, method, advocate_id) VALUES (%s, %s, 'own', %s, 1, '{\"snapshot\": {}}',"
    " %s, %s, %s, %s, %s, 'EUR', 0, %s, %s, gen_random_uuid(), gen_random_uuid(), %s, %s, %s, %s)"
    " ON CONFLICT (shop_id, order_id) DO UPDATE SET"
    " revision = orders.revision + 1, decided = excluded.decided, payment = excluded.payment,"
    " cancelled_at = excluded.cancelled_at, test = excluded.test, base_minor = excluded.base_minor,"
    " final_base_minor = excluded.final_base_minor, first_order = excluded.first_order, click_id = excluded.click_id,"
    " method = excluded.method, advocate_id = excluded.advocate_id, placed_at = excluded.placed_at"
)


@dataclass
class History:
    """Everything is drawn from `chance`; moments lie around `start`, which may be a night on which clocks change."""

    shop: ShopWorld
    chance: random.Random
    start: datetime
    connection: psycopg.Connection
    programmes: list[UUID] = field(default_factory=lambda: [new_id(), new_id()])
    advocates: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(4)])
    links: dict[UUID, tuple[UUID | None, UUID | None]] = field(default_factory=dict)
    clicks: list[UUID] = field(default_factory=list)
    claims: list[tuple[UUID, UUID | None]] = field(default_factory=list)
    orders: list[UUID] = field(default_factory=list)
    rewards: dict[UUID, tuple[UUID, int]] = field(default_factory=dict)
    enrolled: set[UUID] = field(default_factory=set)
    unsettled: list[UUID] = field(default_factory=list)

    def begin(self) -> None:
        """All advocates have links; the fourth's is clicked, and claims and orders name them, before they are known."""
        for advocate in [*self.advocates, None]:
            link, programme = new_id(), self.chance.choice(self.programmes) if advocate else None
            self._sql(
                "INSERT INTO tracking.link (shop_id, link_id, code, destination, advocate_id, programme_id, created_at)"
                " VALUES (%s, %s, %s, 'https://nordlicht.example/', %s, %s, now())",
                self.shop.shop_id, link, link.hex[12:].upper(), advocate, programme,
            )  # fmt: skip
            self.links[link] = (advocate, programme)
        for advocate in self.advocates[:3]:
            self._enrol(advocate)

    def step(self) -> None:
        ways = [self.click] * 5 + [self.order] * 3 + [self.change, self.claim, self.share, self.enrol, self.reward]
        self.chance.choice([*ways, self.settle, self.late_click])()

    def finish(self) -> None:
        """Whatever was still to come has come."""
        for advocate in self.advocates:
            self._enrol(advocate)
        while self.unsettled:
            self.settle()

    def moment(self) -> datetime:
        return self.start + timedelta(seconds=self.chance.randrange(-36 * 3600, 36 * 3600), milliseconds=7)

    def click(self, click_id: UUID | None = None) -> None:
        click_id = click_id or new_id()
        settled = self.chance.random() < 0.7
        visit = self.chance.random() < 0.6 if settled else None
        self.clicks.append(click_id)
        if not settled:
            self.unsettled.append(click_id)
        self._sql(
            "INSERT INTO tracking.click (shop_id, click_id, recorded_at, clicked_at, link_id, visitor, query,"
            " utm_source, utm_medium, utm_campaign, referrer_host, language, address_hash, device, country, visit)"
            " VALUES (%s, %s, now(), %s, %s, %s, '', %s, %s, %s, %s, '', '', %s, %s, %s)",
            self.shop.shop_id, click_id, self.moment(), self.chance.choice(list(self.links)),
            self.chance.choice(("person", "person", "person", "bot", "preview")), self.chance.choice(SOURCES),
            self.chance.choice((None, "referral", "CPC")), self.chance.choice((None, "spring", "x" * 150)),
            self.chance.choice(("", "nordlicht.example")), self.chance.choice(("phone", "desktop")),
            self.chance.choice((None, "DE", "FR")), visit,
        )  # fmt: skip

    def settle(self) -> None:
        """As the app's own worker does after some seconds: what it settled already is not decided again."""
        if self.unsettled:
            statement = "UPDATE tracking.click SET visit = %s, tx = pg_current_xact_id()"
            self._sql(
                f"{statement} WHERE shop_id = %s AND click_id = %s AND visit IS NULL",
                self.chance.random() < 0.5, self.shop.shop_id, self.unsettled.pop(),
            )  # fmt: skip

    def late_click(self) -> None:
        """A click that an order or a claim names before it is here."""
        late = new_id()
        self.order(click_id=late)
        self.claim(click_id=late)
        self.click(late)

    def claim(self, click_id: UUID | None = None) -> None:
        claim_id, click_id = new_id(), click_id or self._some_click()
        self.claims.append((claim_id, click_id))
        self._sql(
            "INSERT INTO tracking.known_claim (shop_id, claim_id, programme_id, advocate_id, person_id, code, click_id,"
            " claimed_at, expires_at) VALUES (%s, %s, %s, %s, gen_random_uuid(), 'X', %s, %s, 'infinity')",
            self.shop.shop_id, claim_id, self.chance.choice(self.programmes), self.chance.choice(self.advocates),
            click_id, self.moment(),
        )  # fmt: skip

    def share(self) -> None:
        fact = {"share_id": new_id(), "advocate_id": self.chance.choice(self.advocates), "locale": "de"}
        fact |= {"channel": self.chance.choice(("whatsapp", "email")), "shared_at": self.moment()}
        self.shop.tell("tracking", "engagement.deal_shared", fact)

    def enrol(self) -> None:
        self._enrol(self.chance.choice(self.advocates))

    def _enrol(self, advocate: UUID) -> None:
        if advocate not in self.enrolled:
            self.enrolled.add(advocate)
            self._sql(
                "WITH a AS (INSERT INTO tracking.report_advocate (shop_id, advocate_id, programme_id, enrolled_at)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING shop_id, advocate_id)"
                " INSERT INTO tracking.report_change"
                " (shop_id, kind, id) SELECT shop_id, 'advocate', advocate_id FROM a",
                self.shop.shop_id, advocate, self.programmes[0], self.moment() - timedelta(days=40),
            )  # fmt: skip

    def order(self, order_id: UUID | None = None, click_id: UUID | None = None) -> None:
        if order_id is None:
            order_id = new_id()
            self.orders.append(order_id)
        base = self.chance.randrange(0, 100_000)
        method, advocate, decided, cancelled = None, None, None, self.chance.random() < 0.2
        if self.chance.random() < 0.6:
            method, advocate, decided = self._credit()
        self._sql(
            ORDER, self.shop.shop_id, order_id, str(order_id), json.dumps({"chain": 1, "winner": decided}),
            self.moment(), self.chance.choice(("paid", "paid", "pending", "voided")),
            self.moment() if cancelled else None, self.chance.random() < 0.1, base,
            0 if cancelled else self.chance.randrange(0, base + 1), self.chance.random() < 0.5,
            click_id or self._some_click(), method, advocate,
        )  # fmt: skip

    def change(self) -> None:
        if self.orders:
            self.order(self.chance.choice(self.orders))

    def reward(self) -> None:
        if not self.orders:
            return
        reward_id, (order_id, revision) = new_id(), (self.chance.choice(self.orders), 1)
        if self.rewards and self.chance.random() < 0.5:
            reward_id = self.chance.choice(list(self.rewards))
            order_id, revision = self.rewards[reward_id]
            revision += self.chance.choice((-1, 1, 1))
        self.rewards[reward_id] = (order_id, revision)
        state = self.chance.choice(("pending", "approved", "issued", "reversed"))
        amount = 0 if state == "reversed" else self.chance.randrange(0, 2000)
        fact = {"reward_id": reward_id, "revision": revision, "order_id": order_id, "state": state, "side": "advocate"}
        self.shop.tell("tracking", "referral.reward_changed", fact | {"amount_minor": amount})

    def _credit(self) -> tuple[str, UUID | None, dict[str, Any]]:
        claim_id, _ = self.chance.choice([*self.claims, (None, None)])
        winner: dict[str, Any] = {"programme_id": str(self.chance.choice(self.programmes))}
        if claim_id and self.chance.random() < 0.7:
            winner["claim_id"] = str(claim_id)
        elif click := self._some_click():
            winner["click_id"] = str(click)
        advocate = self.chance.choice([*self.advocates, None])
        if advocate is None and self.chance.random() < 0.7:
            winner["campaign"] = "autumn"
        return self.chance.choice(("coupon_code", "click_id", "friend_email")), advocate, winner

    def _some_click(self) -> UUID | None:
        return self.chance.choice([*self.clicks, None, None])

    def _sql(self, statement: str, *parameters: Any) -> None:
        self.connection.execute(statement.encode(), parameters)


NIGHTS = {
    "Europe/Berlin": datetime(2026, 3, 29, 1, tzinfo=UTC),
    "Asia/Kathmandu": datetime(2026, 1, 31, 18, 15, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 4, 4, 15, tzinfo=UTC),
    "America/St_Johns": datetime(2026, 11, 1, 4, 30, tzinfo=UTC),
}
"""Around which moments histories are told: clocks change there, by an hour or half of one, or a month begins."""
