"""Reckons every roll-up of a shop from its raw rows, row by row in Python: what the reports must equal, to the cent."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from adapters.tracking.reports.reads import SHOWN
from adapters.tracking.reports.rollups import MEASURES
from tests.support.world import ShopWorld

NOBODY = UUID(int=0)
BOUGHT = ("orders", "cancelled", "new_orders", "base_minor", "final_base_minor")
CHANNELS = {"native", "email", "sms", "whatsapp", "facebook", "messenger", "x", "copy", "qr"}
UNKNOWN = dict.fromkeys(("channel", "campaign", "source", "country", "device"), "")
Counts = dict[str, int]
Rolled = dict[tuple[Any, ...], Counts]


class Reckoning:
    """`hours`, `days`, `months` and `cohorts` by the keys of the tables, without rows that are nothing but zeros."""

    def __init__(self, shop: ShopWorld, zone: str) -> None:
        self.shop = shop
        self.zone = ZoneInfo(zone)
        self.things: list[tuple[datetime, UUID, dict[str, str], Counts]] = []
        self.tables: dict[str, Rolled] = {
            name: defaultdict(lambda: defaultdict(int)) for name in ("hours", "days", "months", "cohorts")
        }
        self.links = {row[0]: row for row in self._rows("link_id, advocate_id, programme_id", "link")}
        columns = "advocate_id, enrolled_at, programme_id"
        self.advocates = {row[0]: row for row in self._rows(columns, "report_advocate")}
        self._clicks()
        self._facts()
        self._orders()

    def _rows(self, columns: str, table: str) -> list[tuple[Any, ...]]:
        return self.shop.world.sql(f"SELECT {columns} FROM tracking.{table} WHERE shop_id = %s", self.shop.shop_id)

    def _hour(self, at: datetime) -> datetime:
        """The last moment at which the local clock, without being set, showed a full hour."""
        local = at.astimezone(self.zone)
        return (at - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)).astimezone(
            UTC
        )

    def _month(self, at: datetime) -> date:
        return at.astimezone(self.zone).date().replace(day=1)

    def add(
        self, at: datetime, programme: UUID | None, advocate: UUID | None, ways: dict[str, str], **counts: int
    ) -> None:
        programme = programme or NOBODY
        self.things.append((at, programme, ways, counts))
        day = at.astimezone(self.zone).date()
        keys: list[tuple[str, tuple[Any, ...]]] = [("hours", (self._hour(at), programme))]
        keys += [("days", (name, day, programme, value)) for name, value in {"all": "", **ways}.items()]
        if advocate is not None:
            keys.append(("months", (self._month(at), advocate, programme)))
            if advocate in self.advocates:
                keys.append(("cohorts", (self._month(self.advocates[advocate][1]), self._month(at), programme)))
        for table, key in keys:
            for measure, count in counts.items():
                self.tables[table][key][measure] += count

    def _clicks(self) -> None:
        columns = "click_id, clicked_at, link_id, visitor, visit, utm_source, utm_medium, utm_campaign, referrer_host"
        self.clicks: dict[UUID, tuple[datetime, dict[str, str]]] = {}
        for row in self._rows(f"{columns}, device, country", "click"):
            click_id, at, link_id, visitor, visit, source, medium, campaign, referrer, device, country = row
            _, advocate, programme = self.links[link_id]
            own = advocate is not None and (source or "").lower() in CHANNELS
            ways = {
                "channel": source.lower() if own else (medium or "")[:100].lower(),
                "campaign": (campaign or "")[:100],
                "source": (source or referrer)[:100],
                "country": country or "",
                "device": device,
            }
            self.clicks[click_id] = (at, ways)
            if visit is not None:
                name = {"person": "clicks", "bot": "bots", "preview": "previews"}[visitor]
                counts = {name: 1} | ({"visits": 1} if visit and visitor == "person" else {})
                self.add(at, programme, advocate, ways, **counts)

    def _facts(self) -> None:
        for advocate, at, programme in self.advocates.values():
            self.add(at, programme, advocate, {}, enrolled=1)
        for advocate, at, through in self._rows("advocate_id, shared_at, through", "known_share"):
            programme = self.advocates[advocate][2] if advocate in self.advocates else None
            self.add(at, programme, advocate, UNKNOWN | {"channel": through, "source": through}, shares=1)
        self.claims = {}
        columns = "claim_id, claimed_at, programme_id, advocate_id, click_id"
        for claim_id, at, programme, advocate, click in self._rows(columns, "known_claim"):
            self.claims[claim_id] = (at, click)
            ways = self.clicks[click][1] if click in self.clicks else UNKNOWN
            self.add(at, programme, advocate, ways, claims=1)

    def _orders(self) -> None:
        rewarded: dict[UUID, list[int]] = defaultdict(list)
        for order, state, amount in self._rows("order_id, state, amount_minor", "known_reward"):
            if state in {"approved", "issued"}:
                rewarded[order].append(amount)
        columns = "order_id, placed_at, decided, method, advocate_id, click_id, cancelled_at, payment, first_order"
        for test, *row in self._rows(f"test, {columns}, base_minor, final_base_minor", "orders"):
            if not test:
                self._order(tuple(row), rewarded[row[0]])

    def _order(self, row: tuple[Any, ...], rewards: list[int]) -> None:
        _, at, decided, method, advocate, own_click, cancelled_at, payment, first, base, final = row
        cancelled = cancelled_at is not None or payment == "voided"
        if method is None:
            self.add(
                at, None, None, {}, other_orders=1, other_cancelled=int(cancelled), other_base_minor=base,
                other_final_base_minor=final, other_new_orders=int(first and not cancelled),
            )  # fmt: skip
            return
        winner = decided["winner"]
        claimed_at, claim_click = self.claims.get(UUID(winner.get("claim_id", NOBODY.hex)), (None, None))
        named = UUID(winner["click_id"]) if "click_id" in winner else claim_click or own_click
        clicked_at, ways = self.clicks.get(named, (None, UNKNOWN))
        counts = {"orders": 1, "cancelled": int(cancelled), "base_minor": base, "final_base_minor": final}
        counts |= {"approved": int(any(amount > 0 for amount in rewards)), "reward_minor": sum(rewards)}
        if not cancelled:
            counts["new_orders"] = int(first)
            enrolled_at = self.advocates[advocate][1] if first and advocate in self.advocates else None
            touches = (("click_to", "clicked", clicked_at), ("claim_to", "claimed", claimed_at))
            for spent, counted, since in (*touches, ("enrol_to", "enrolled", enrolled_at)):
                if since is not None:
                    counts[f"{spent}_order_s"] = max(0, round((at - since).total_seconds()))
                    counts[f"{counted}_orders"] = 1
        if advocate is None and "campaign" in winner:
            ways = {**ways, "campaign": winner["campaign"]}
        ways = {**ways, "method": method, "credit": "advocate" if advocate else "campaign"}
        self.add(at, UUID(winner["programme_id"]), advocate, ways, **counts)

    def hours(self) -> dict[Any, Counts]:
        """Hours of all programmes together."""
        found: dict[Any, Counts] = defaultdict(lambda: defaultdict(int))
        for (hour, _), counts in self.tables["hours"].items():
            for measure in SHOWN:
                found[hour][measure] += counts.get(measure, 0)
        return _without_zeros(found)

    def buying(self) -> dict[Any, Counts]:
        """By day, what was bought by whom."""
        found: dict[Any, Counts] = defaultdict(lambda: defaultdict(int))
        groups = {"advocate": "referred", "campaign": "campaign"}
        for (dimension, day, _, value), counts in self.tables["days"].items():
            for measure in BOUGHT:
                if dimension == "credit":
                    found[day][f"{groups[value]}_{measure}"] += counts.get(measure, 0)
                elif dimension == "all":
                    found[day][f"other_{measure}"] += counts.get(f"other_{measure}", 0)
        return _without_zeros(found)

    def wanted(self, table: str) -> dict[tuple[Any, ...], Counts]:
        return _without_zeros(self.tables[table])


def _without_zeros(table: Mapping[Any, Counts]) -> dict[Any, Counts]:
    cleaned = {key: {m: n for m, n in counts.items() if n} for key, counts in table.items()}
    return {key: counts for key, counts in cleaned.items() if counts}


KEYS = {
    "hours": ("report_hour", "hour, programme_id"),
    "days": ("report_day", "dimension, day, programme_id, value"),
    "months": ("report_advocate_month", "month, advocate_id, programme_id"),
    "cohorts": ("report_cohort", "cohort, month, programme_id"),
}


def rolled(shop: ShopWorld, table: str) -> dict[tuple[Any, ...], Counts]:
    """What the roll-up holds, without zeros."""
    name, key = KEYS[table]
    width = key.count(",") + 1
    query = f"SELECT {key}, {', '.join(MEASURES)} FROM tracking.{name} WHERE shop_id = %s"
    found = {
        row[:width]: {m: n for m, n in zip(MEASURES, row[width:], strict=True) if n}
        for row in shop.world.sql(query, shop.shop_id)
    }
    return {key: counts for key, counts in found.items() if counts}


def totals(shop: ShopWorld) -> tuple[dict[Any, Counts], dict[Any, Counts]]:
    """What is kept of hours of all programmes together, and of who bought by day; without zeros."""
    bought = [f"{group}_{measure}" for group in ("referred", "campaign", "other") for measure in BOUGHT]
    found = []
    for table, key, measures in (("report_hour_total", "hour", SHOWN), ("report_buying", "day", bought)):
        query = f"SELECT {key}, {', '.join(measures)} FROM tracking.{table} WHERE shop_id = %s"
        rows = shop.world.sql(query, shop.shop_id)
        found.append(_without_zeros({row[0]: dict(zip(measures, row[1:], strict=True)) for row in rows}))
    return found[0], found[1]


def summed(rows: Rolled, by: Callable[[tuple[Any, ...]], Any]) -> dict[Any, Counts]:
    """Sums by what `by` makes of a key; None leaves it out."""
    found: dict[Any, Counts] = defaultdict(lambda: defaultdict(int))
    for key, counts in rows.items():
        place = by(key)
        if place is not None:
            for measure, count in counts.items():
                found[place][measure] += count
    return found
