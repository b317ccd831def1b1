"""Every figure that the API answers with, worked out again from the rows behind it."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest

from adapters.shared.http.ids import to_wire
from adapters.tracking.reports import columns
from adapters.tracking.reports.reads import SHOWN
from tests.support.world import ShopWorld, World
from tests.tracking.history import NIGHTS, History
from tests.tracking.reckoning import NOBODY, Reckoning, summed

ZONE = "America/St_Johns"
FIRST, LAST = date(2026, 8, 1), date(2026, 12, 31)
COUNTED = ("enrolled", "shares", "clicks", "visits", "bots", "previews", "claims", "orders", "cancelled", "new_orders")
MONEY = {"base": "base_minor", "final_base": "final_base_minor", "rewards": "reward_minor"}


@pytest.fixture(scope="module")
def told(world: World) -> Iterator[ShopWorld]:
    shop = world.open_shop(time_zone=ZONE)
    with psycopg.connect(world.conninfo, autocommit=True) as owner:
        history = History(shop, random.Random(11), NIGHTS[ZONE], owner)
        history.begin()
        for _ in range(150):
            history.step()
        history.finish()
    counted(world, shop)
    yield shop


def counted(world: World, shop: ShopWorld) -> None:
    """Wait until all that happened is in the figures."""
    now = world.sql("SELECT clock_timestamp()")[0][0]
    shop.eventually(lambda: world.sql("SELECT as_of > %s FROM tracking.report_progress", now)[0][0])


@pytest.fixture(scope="module")
def reckoned(told: ShopWorld) -> Reckoning:
    return Reckoning(told, ZONE)


def ask(shop: ShopWorld, report: str, first: date = FIRST, last: date = LAST, **query: Any) -> Any:
    asked = {"from": first.isoformat(), "to": last.isoformat()} | query
    answer = shop.client.get(f"/api/v1/reports/{report}", params=asked, headers=shop.headers)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    if "about" in body:
        said = {name: body["about"][name] for name in ("from", "to", "time_zone", "currency")}
        assert said == {"from": asked["from"], "to": asked["to"], "time_zone": ZONE, "currency": "EUR"}
    return body


def same(answer: dict[str, Any], wanted: dict[str, int]) -> None:
    """The answer's figures are these sums, and its ratios those of the sums."""
    assert {name: answer[name] for name in (*COUNTED, "approved")} == {
        name: wanted.get(name, 0) for name in (*COUNTED, "approved")
    }
    amounts = {name: {"amount_minor": wanted.get(measure, 0), "currency": "EUR"} for name, measure in MONEY.items()}
    assert {name: answer[name] for name in amounts} == amounts
    assert answer["refunded"]["amount_minor"] == wanted.get("base_minor", 0) - wanted.get("final_base_minor", 0)
    for ratio, part, whole in (
        ("clicks_per_share", "clicks", "shares"),
        ("claims_per_click", "claims", "clicks"),
        ("orders_per_claim", "orders", "claims"),
        ("approved_per_order", "approved", "orders"),
    ):
        expected = round(answer[part] / answer[whole], 4) if answer[whole] else None
        assert answer[ratio] == expected


@pytest.mark.parametrize("by", ["channel", "campaign", "source", "country", "device", "method", "credit", "programme"])
def test_the_funnel_broken_down(told: ShopWorld, reckoned: Reckoning, by: str) -> None:
    answer = ask(told, "funnel", by=by)
    days = reckoned.tables["days"]
    if by == "programme":
        wanted = summed(days, lambda key: key[2] if key[0] == "all" else None)
        named = {to_wire("prg", key) if key != NOBODY else None: counts for key, counts in wanted.items()}
    else:
        named = {key or None: n for key, n in summed(days, lambda key: key[3] if key[0] == by else None).items()}
    named = {value: counts for value, counts in named.items() if any(counts.get(measure) for measure in SHOWN)}
    lines = {line["value"]: line["figures"] for line in answer["lines"]}
    assert set(lines) == set(named)
    for value, counts in named.items():
        same(lines[value], counts)
    same(answer["total"], summed(days, lambda key: "" if key[0] == "all" else None)[""])


def test_narrowed_to_a_programme_and_a_country(told: ShopWorld, reckoned: Reckoning) -> None:
    programme = next(key[2] for key in reckoned.tables["days"] if key[0] == "country" and key[2] != NOBODY)
    answer = ask(told, "funnel", programme_id=to_wire("prg", programme), dimension="country", value="DE")
    wanted = summed(
        reckoned.tables["days"], lambda key: "" if (key[0], key[2], key[3]) == ("country", programme, "DE") else None
    )
    same(answer["total"], wanted[""])


Combination = tuple[str | None, dict[str, str], bool]
COMBINATIONS: list[Combination] = [
    ("channel", {"country": "DE"}, False),
    ("device", {"country": "DE", "source": "google"}, False),
    ("programme", {"country": "DE", "device": "phone"}, True),
    ("source", {"source": "whatsapp", "country": ""}, False),
    ("country", {"credit": "advocate"}, True),
    ("method", {"device": "phone"}, False),
    (None, {"channel": "", "country": "DE", "device": "desktop"}, False),
]


@pytest.mark.parametrize(("by", "ways", "of_one"), COMBINATIONS)
def test_several_dimensions_at_once(
    told: ShopWorld, reckoned: Reckoning, by: str | None, ways: dict[str, str], of_one: bool
) -> None:
    programme = next(key[2] for key in reckoned.tables["days"] if key[0] == "method" and key[2] != NOBODY)
    assert combined(told, reckoned, by, ways, programme if of_one else None) > 0


def combined(shop: ShopWorld, reckoned: Reckoning, by: str | None, ways: dict[str, str], programme: UUID | None) -> int:
    """Ask for a combination, which is what its rows come to; gives how much that is."""
    asked: dict[str, Any] = {**ways, **({"by": by} if by else {})}
    asked |= {"programme_id": to_wire("prg", programme)} if programme else {}
    answer = ask(shop, "funnel", **asked)
    total: dict[str, int] = defaultdict(int)
    lines: dict[Any, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for _, of, known, counts in reckoned.things:
        if any(known.get(way) != value for way, value in ways.items()) or programme not in {None, of}:
            continue
        key = (to_wire("prg", of) if of != NOBODY else None) if by == "programme" else known.get(by or "", "") or None
        for measure, count in counts.items():
            total[measure] += count
            if by in {None, "programme"} or by in known:
                lines[key][measure] += count
    same(answer["total"], total)
    found = {line["value"]: line["figures"] for line in answer["lines"]}
    assert set(found) == set(lines)
    for value, counts in lines.items():
        same(found[value], counts)
    return sum(total.values())


def test_what_comes_and_changes_is_in_combinations(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums of new clicks stand beside the old ones until they are many; those of claims and orders are made anew."""
    monkeypatch.setattr(columns, "FRESH", timedelta(0))
    monkeypatch.setattr(columns, "MOST_FILES", 2)
    shop = world.open_shop(time_zone=ZONE)

    with psycopg.connect(world.conninfo, autocommit=True) as owner:
        history = History(shop, random.Random(3), NIGHTS[ZONE], owner)
        history.begin()
        for _ in range(3):
            for _ in range(20):
                history.step()
            history.finish()
            counted(world, shop)
            assert combined(shop, Reckoning(shop, ZONE), "device", {"country": "DE"}, None) > 0


@pytest.mark.parametrize("grain", ["hour", "day", "week"])
def test_series_of_several_dimensions(told: ShopWorld, reckoned: Reckoning, grain: str) -> None:
    ways = {"country": "DE"} if grain == "hour" else {"country": "DE", "device": "phone"}
    first, last, zone = date(2026, 10, 29), date(2026, 11, 4), ZoneInfo(ZONE)
    points = ask(told, "series", first, last, grain=grain, **ways)["points"]
    starts = [datetime.fromisoformat(point["start"]) for point in points]
    wanted: dict[datetime, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for at, _, known, counts in reckoned.things:
        if all(known.get(way) == value for way, value in ways.items()) and first <= at.astimezone(zone).date() <= last:
            for measure, count in counts.items():
                wanted[max(start for start in starts if start <= at)][measure] += count
    assert len(wanted) > 1
    for start, point in zip(starts, points, strict=True):
        same(point["figures"], wanted.get(start, {}))


@pytest.mark.parametrize("grain", ["hour", "day", "week"])
def test_series(told: ShopWorld, reckoned: Reckoning, grain: str) -> None:
    first, last = date(2026, 10, 29), date(2026, 11, 4)
    answer = ask(told, "series", first, last, grain=grain)
    zone = ZoneInfo(ZONE)
    if grain == "hour":
        wanted = {
            at.astimezone(zone).isoformat(): counts
            for at, counts in summed(reckoned.tables["hours"], lambda key: key[0]).items()
            if first <= at.astimezone(zone).date() <= last
        }
        assert len(answer["points"]) == 7 * 24 + 1
    else:
        days = summed(reckoned.tables["days"], lambda key: (key[1],) if key[0] == "all" else None)

        def back(day: date) -> date:
            return day if grain == "day" else max(first, day - timedelta(days=day.weekday()))

        inside = {key: counts for key, counts in days.items() if first <= key[0] <= last}
        wanted = {
            datetime(day.year, day.month, day.day, tzinfo=zone).isoformat(): counts
            for day, counts in summed(inside, lambda key: back(key[0])).items()
        }
        assert len(answer["points"]) == (7 if grain == "day" else 2)
    points = {point["start"]: point["figures"] for point in answer["points"]}
    assert set(wanted) <= set(points)
    for start, found in points.items():
        same(found, wanted.get(start, {}))


def test_cohorts(told: ShopWorld, reckoned: Reckoning) -> None:
    wanted = summed(reckoned.tables["cohorts"], lambda key: (f"{key[0]:%Y-%m}", f"{key[1]:%Y-%m}"))
    found = {
        (cohort["cohort"], month["month"]): month["figures"]
        for cohort in ask(told, "cohorts")["cohorts"]
        for month in cohort["months"]
    }
    assert set(found) == set(wanted)
    for key, counts in wanted.items():
        same(found[key], counts)


def test_cohorts_up_to_a_day_before_which_there_is_no_year(told: ShopWorld) -> None:
    answer = told.client.get("/api/v1/reports/cohorts", params={"to": "0001-01-01"}, headers=told.headers)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/to")


def test_virality(told: ShopWorld, reckoned: Reckoning) -> None:
    answer = ask(told, "virality")
    every = summed(reckoned.tables["days"], lambda key: "" if key[0] == "all" else None)[""]
    credited = summed(reckoned.tables["days"], lambda key: key[3] if key[0] == "credit" else None)
    advocates, new = len(reckoned.advocates), credited["advocate"]["new_orders"]
    assert (answer["advocates"], answer["shares"], answer["new_customers"]) == (advocates, every["shares"], new)
    assert answer["coefficient"] == round(new / advocates, 4)
    assert answer["click_to_order_s"] == every["click_to_order_s"] // every["clicked_orders"]
    assert answer["claim_to_order_s"] == every["claim_to_order_s"] // every["claimed_orders"]
    assert answer["cycle_s"] == every["enrol_to_order_s"] // every["enrolled_orders"]


def test_customers(told: ShopWorld, reckoned: Reckoning) -> None:
    answer = ask(told, "customers")
    groups = summed(reckoned.tables["days"], lambda key: key[3] if key[0] == "credit" else None)
    every = summed(reckoned.tables["days"], lambda key: "" if key[0] == "all" else None)[""]
    groups["others"] = {name.removeprefix("other_"): n for name, n in every.items() if name.startswith("other_")}
    for name, key in (("referred", "advocate"), ("campaigns", "campaign"), ("others", "others")):
        counts, found = groups[key], answer[name]
        kept = counts["orders"] - counts["cancelled"]
        assert (found["orders"], found["cancelled"]) == (counts["orders"], counts["cancelled"])
        assert found["new_share"] == round(counts["new_orders"] / kept, 4)
        assert found["average_order"]["amount_minor"] == int(counts["base_minor"] / counts["orders"] + 0.5)
        assert found["average_kept"]["amount_minor"] == int(counts["final_base_minor"] / kept + 0.5)


@pytest.mark.parametrize("rank", ["orders", "clicks", "final_base"])
def test_top_advocates(told: ShopWorld, reckoned: Reckoning, rank: str) -> None:
    wanted = summed(reckoned.tables["months"], lambda key: key[1])
    items = ask(told, "advocates", rank=rank)["items"]
    assert {item["advocate_id"] for item in items} == {to_wire("adv", advocate) for advocate in wanted}
    by_id: dict[str, UUID] = {to_wire("adv", advocate): advocate for advocate in wanted}
    for item in items:
        same(item["figures"], wanted[by_id[item["advocate_id"]]])
    measure = MONEY.get(rank, rank)
    order = [wanted[by_id[item["advocate_id"]]][measure] for item in items]
    assert order == sorted(order, reverse=True)


@pytest.mark.parametrize("report", ["advocates", "cohorts"])
def test_months_are_counted_whole_and_said_to_be(told: ShopWorld, report: str) -> None:
    asked = {"from": "2026-10-30", "to": "2026-11-02"}
    about = told.client.get(f"/api/v1/reports/{report}", params=asked, headers=told.headers).json()["about"]
    assert (about["from"], about["to"]) == ("2026-10-01", "2026-11-30")
    whole, part = (ask(told, report, date(2026, 10, 1), date(2026, 11, 30)), ask_any(told, report, asked))
    assert {name: n for name, n in whole.items() if name != "about"} == {
        name: n for name, n in part.items() if name != "about"
    }


def ask_any(shop: ShopWorld, report: str, asked: dict[str, str]) -> Any:
    return shop.client.get(f"/api/v1/reports/{report}", params=asked, headers=shop.headers).json()


def test_the_live_counter_counts_what_was_stored_just_now(told: ShopWorld) -> None:
    query = "SELECT count(*) FROM tracking.click WHERE shop_id = %s AND visitor = 'person'"
    [(clicks,)] = told.world.sql(query, told.shop_id)
    answer = told.client.get("/api/v1/reports/live", params={"minutes": 30}, headers=told.headers)
    minutes = answer.json()["minutes"]
    assert len(minutes) == 30
    assert sum(minute["clicks"] for minute in minutes) == clicks > 0
