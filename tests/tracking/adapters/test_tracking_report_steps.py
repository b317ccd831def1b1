"""The ordered funnel counts whom a walk over every person's events counts."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.support.world import ShopWorld, World
from tests.tracking.history import NIGHTS, History

ZONE = "Europe/Berlin"
Event = tuple[str, datetime]


@pytest.fixture(scope="module")
def told(world: World) -> Iterator[ShopWorld]:
    shop = world.open_shop(time_zone=ZONE)
    with psycopg.connect(world.conninfo, autocommit=True) as owner:
        history = History(shop, random.Random(5), NIGHTS[ZONE], owner)
        history.begin()
        for _ in range(120):
            history.step()
        history.finish()
        # Clicks come from a few browsers; the same few people claim and order. Ids are of the order of creation, so who
        # did what is the same in every run.
        owner.execute(
            b"UPDATE tracking.click c SET agent_hash = n.place %% 6 - 3, address_hash = '\\x01' FROM (SELECT click_id,"
            b" row_number() OVER (ORDER BY click_id) AS place FROM tracking.click WHERE shop_id = %s) n"
            b" WHERE c.shop_id = %s AND c.click_id = n.click_id", (shop.shop_id, shop.shop_id),
        )  # fmt: skip
        look_around(history, owner)
        for table, key in (("known_claim", "claim_id"), ("orders", "order_id")):
            query = (
                f"UPDATE tracking.{table} t SET person_id = md5((n.place %% 8)::text)::uuid FROM (SELECT {key},"
                f" row_number() OVER (ORDER BY {key}) AS place FROM tracking.{table} WHERE shop_id = %s) n"
                f" WHERE t.shop_id = %s AND t.{key} = n.{key}"
            )
            owner.execute(query.encode(), (shop.shop_id, shop.shop_id))
    now = world.sql("SELECT clock_timestamp()")[0][0]
    shop.eventually(lambda: world.sql("SELECT as_of > %s FROM tracking.report_progress", now)[0][0])
    yield shop


SEEN = """
INSERT INTO tracking.tag_event (
    shop_id, event_id, at, happened_at, received_at, name, by, device, address_hash, visitor, click_id, data
)
VALUES (%s, gen_random_uuid(), %s, %s, now() - random() * interval '1 minute', %s, %s, %s, %s, %s, %s, %s)
"""
VISITOR = """
INSERT INTO tracking.tag_visitor (shop_id, visitor, customer_id, person_id, identified_at)
VALUES (%s, %s, gen_random_uuid(), md5(%s)::uuid, now())
"""
HAPPENED = ("page", "page", "sign_up", "share", "purchase", "track", "refund", "consent")


def look_around(history: History, owner: psycopg.Connection) -> None:
    """The tag sees visitors: some came by a click, some are known to the shop, some are neither."""
    chance, shop_id = history.chance, history.shop.shop_id
    for number in range(6):
        owner.execute(VISITOR, (shop_id, f"visitor {number}", str(number)))
    for _ in range(120):
        name, at = chance.choice(HAPPENED), history.moment()
        data = '{"event": "wish; list"}' if name == "track" and chance.random() < 0.6 else '["odd"]'
        owner.execute(
            SEEN,
            (
                shop_id, at, at, name, chance.choice(["person"] * 5 + ["bot"]), chance.choice(["phone", "desktop"]),
                chance.choice([b"\x01", b"\x02"]), chance.choice([None, *(f"visitor {n}" for n in range(9))]),
                chance.choice([None, chance.choice(history.clicks), UUID(int=7)]), data if name == "track" else None,
            ),
        )  # fmt: skip


def rows(shop: ShopWorld, columns: str, table: str) -> list[tuple[Any, ...]]:
    return shop.world.sql(f"SELECT {columns} FROM tracking.{table} WHERE shop_id = %s", shop.shop_id)


class People:
    """Everybody's events, put together in Python."""

    def __init__(self, shop: ShopWorld) -> None:
        self.person_of: dict[UUID, int] = {}
        self.found: dict[Any, list[Event]] = defaultdict(list)
        columns = "click_id, agent_hash, clicked_at, visit, visitor"
        self.clicks = {click: row for click, *row in rows(shop, columns, "click") if row[3] == "person"}
        self.known = dict(rows(shop, "visitor, person_id", "tag_visitor"))
        columns = "by, name, data, happened_at, visitor, click_id, address_hash, device"
        self.seen = [row for by, *row in rows(shop, columns, "tag_event") if by == "person"]
        self.facts(shop)
        for _, _, _, visitor, click, *_ in self.seen:
            if visitor in self.known:
                self.met(self.known[visitor], click)
        for event in self.seen:
            self.found[self.who_was_seen(*event[3:])] += self.named(*event[:3])
        for click, (agent, at, visit, _) in self.clicks.items():
            self.found[self.who_clicked(click, agent)] += [("click", at), *([("visit", at)] if visit else [])]

    def met(self, person: UUID, click: UUID | None) -> str:
        bits = int(person.hex[-15:], 16)
        if click is not None:
            self.person_of[click] = max(bits, self.person_of.get(click, 0))
        return f"person {bits}"

    def who_clicked(self, click: UUID, agent: int) -> str:
        return f"person {self.person_of[click]}" if click in self.person_of else f"browser {agent}"

    def who_was_seen(self, visitor: str | None, click: UUID | None, address: bytes, device: str) -> str:
        if click in self.person_of:
            return f"person {self.person_of[click]}"
        if visitor in self.known:
            return self.met(self.known[visitor], None)
        if click in self.clicks:
            return f"browser {self.clicks[click][0]}"
        return visitor or f"{bytes(address)!r} {device}"

    def named(self, name: str, data: Any, at: datetime) -> list[Event]:
        return [(name, at), *([(f"{name}:{data['event']}", at)] if isinstance(data, dict) else [])]

    def facts(self, shop: ShopWorld) -> None:
        for person, click, at in rows(shop, "person_id, click_id, claimed_at", "known_claim"):
            self.found[self.met(person, click)].append(("claim", at))
        columns = "person_id, click_id, decided, placed_at, method, test, cancelled_at, payment"
        for person, own, decided, at, method, test, cancelled, payment in rows(shop, columns, "orders"):
            if test or cancelled or payment == "voided":
                continue
            winner = decided["winner"] or {}
            who = self.met(person, UUID(winner["click_id"]) if "click_id" in winner else own)
            self.found[who] += [("order", at), *([("credited_order", at)] if method is not None else [])]


def reached(mine: list[Event], steps: list[str], within_s: int, first: datetime, last: datetime) -> int:
    """How many of the steps somebody did: tried from every first step on."""
    best = 0
    for step, start in mine:
        if step == steps[0] and first <= start < last:
            done, at = 1, start
            for wanted in steps[1:]:
                later = [t for s, t in mine if s == wanted and t >= at and (t - start).total_seconds() <= within_s]
                if not later:
                    break
                done, at = done + 1, min(later)
            best = max(best, done)
    return best


@pytest.mark.parametrize(
    ("steps", "hours"),
    [
        ("visit,claim,order", 200),
        ("claim,click,credited_order", 12),
        ("visit,page,sign_up", 60),
        ("page,claim,order", 200),
        ("click,track:wish; list,purchase", 90),
        ("share,track", 60),
    ],
)
def test_each_step_counts_who_came_so_far(told: ShopWorld, steps: str, hours: int) -> None:
    asked: dict[str, str | int] = {"steps": steps, "within_hours": hours, "from": "2026-03-28", "to": "2026-03-30"}
    answer = told.client.get("/api/v1/reports/steps", params=asked, headers=told.headers)
    assert answer.status_code == 200, answer.text
    named = steps.split(",")
    first, last = datetime(2026, 3, 27, 23, tzinfo=UTC), datetime(2026, 3, 30, 22, tzinfo=UTC)
    far = [reached(mine, named, hours * 3600, first, last) for mine in People(told).found.values()]
    wanted = [sum(one >= number for one in far) for number in range(1, len(named) + 1)]
    assert [step["people"] for step in answer.json()["steps"]] == wanted
    assert wanted[1] > 0


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"steps": "visit"}, "too_few_steps"),
        ({"steps": "visit,dance"}, "unknown_step"),
        ({"steps": "visit,page:home"}, "unknown_step"),
        ({"steps": "visit,track:"}, "unknown_step"),
        ({"steps": "visit,order,visit"}, "repeated_step"),
        ({"within_hours": "0"}, "bad_window"),
        ({"dimension": "country"}, "value_without_dimension"),
        ({"from": str(date(2026, 3, 2)), "to": str(date(2026, 3, 1))}, "period_reversed"),
    ],
)
def test_what_makes_no_funnel(told: ShopWorld, query: dict[str, str], code: str) -> None:
    answer = told.client.get("/api/v1/reports/steps", params=query, headers=told.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_folder_that_cannot_be_written_is_said(
    told: ShopWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = told.world.installation.contexts["tracking"].container.reporting().columns
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(columns, "_folder", tmp_path / "file")
    answer = told.client.get("/api/v1/reports/steps", headers=told.headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "no_room_for_columns")
