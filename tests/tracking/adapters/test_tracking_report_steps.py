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
        now = world.sql("SELECT clock_timestamp()")[0][0]
        # Half of the clicks come from a few browsers, and the same few people claim and order.
        owner.execute(
            b"UPDATE tracking.click SET agent_hash = (hashtext(click_id::text) %% 6), address_hash = '\\x01'"
            b" WHERE shop_id = %s", (shop.shop_id,),
        )  # fmt: skip
        for table, key in (("known_claim", "claim_id"), ("orders", "order_id")):
            query = f"UPDATE tracking.{table} SET person_id = md5((abs(hashtext({key}::text)) %% 8)::text)::uuid"
            owner.execute(f"{query} WHERE shop_id = %s".encode(), (shop.shop_id,))
    shop.eventually(lambda: world.sql("SELECT as_of > %s FROM tracking.report_progress", now)[0][0])
    yield shop


def events(shop: ShopWorld) -> dict[Any, list[Event]]:
    """Everybody's events, put together in Python."""
    person_of: dict[UUID, int] = {}
    found: dict[Any, list[Event]] = defaultdict(list)

    def rows(query: str) -> list[tuple[Any, ...]]:
        return shop.world.sql(f"{query} WHERE shop_id = %s", shop.shop_id)

    def met(person: UUID, click: UUID | None) -> str:
        if click is not None:
            bits = int(person.hex[-15:], 16)
            person_of[click] = max(bits, person_of.get(click, 0))
        return f"person {int(person.hex[-15:], 16)}"

    for person, click, at in rows("SELECT person_id, click_id, claimed_at FROM tracking.known_claim"):
        found[met(person, click)].append(("claim", at))
    query = "SELECT person_id, click_id, decided, placed_at, method, test, cancelled_at, payment FROM tracking.orders"
    for person, own, decided, at, method, test, cancelled, payment in rows(query):
        if test or cancelled or payment == "voided":
            continue
        winner = decided["winner"] or {}
        who = met(person, UUID(winner["click_id"]) if "click_id" in winner else own)
        found[who].append(("order", at))
        if method is not None:
            found[who].append(("credited_order", at))
    for click, at, visitor, visit, agent in rows(
        "SELECT click_id, clicked_at, visitor, visit, agent_hash FROM tracking.click"
    ):
        if visitor == "person":
            who = f"person {person_of[click]}" if click in person_of else f"browser {agent}"
            found[who] += [("click", at), *([("visit", at)] if visit else [])]
    return found


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
    [("visit,claim,order", 200), ("claim,click,credited_order", 12)],
)
def test_each_step_counts_who_came_so_far(told: ShopWorld, steps: str, hours: int) -> None:
    asked: dict[str, str | int] = {"steps": steps, "within_hours": hours, "from": "2026-03-28", "to": "2026-03-30"}
    answer = told.client.get("/api/v1/reports/steps", params=asked, headers=told.headers)
    assert answer.status_code == 200, answer.text
    named = steps.split(",")
    first, last = datetime(2026, 3, 27, 23, tzinfo=UTC), datetime(2026, 3, 30, 22, tzinfo=UTC)
    far = [reached(mine, named, hours * 3600, first, last) for mine in events(told).values()]
    wanted = [sum(one >= number for one in far) for number in range(1, len(named) + 1)]
    assert [step["people"] for step in answer.json()["steps"]] == wanted
    assert wanted[0] > 0


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"steps": "visit"}, "too_few_steps"),
        ({"steps": "visit,dance"}, "unknown_step"),
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
