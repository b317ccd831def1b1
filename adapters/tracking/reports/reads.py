"""What reports read: sums of roll-ups, a statement each, within the caller's shop."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, Unavailable
from adapters.shared.postgres.question import Question
from adapters.shared.postgres.unit import Unit, Units
from adapters.tracking.reports.rollups import MEASURES
from kernel.ids import ShopId
from tracking.domain.figures import Buying, Counts

SHOWN = MEASURES[: MEASURES.index("reward_minor") + 1]
"""What a funnel shows. They stand first in a row, so the others need not even be looked at."""
_SUMS, _ALL_SUMS = (", ".join(f"total({m})" for m in measures) for measures in (SHOWN, MEASURES))
_OF_PROGRAMME = "(%(programme)s IS NULL OR programme_id = %(programme)s)"
_PERIOD = {"first": "date", "last": "date", "programme": "uuid"}
_DAYS = f"""
FROM report_day
WHERE shop_id = %(shop)s AND dimension = %(dimension)s AND day BETWEEN %(first)s AND %(last)s AND {_OF_PROGRAMME}
    AND (%(value)s IS NULL OR value = %(value)s)
GROUP BY 1
"""


def _of_days(name: str, key: str, sums: str = _SUMS) -> Question:
    return Question.of(f"report_{name}", f"SELECT {key}, {sums} {_DAYS}", **_PERIOD, dimension="text", value="text")


BY_VALUE = _of_days("by_value", "value")
BY_PROGRAMME = _of_days("by_programme", "programme_id")
BY_DAY = _of_days("by_day", "day")
EVERYTHING = _of_days("everything", "''", _ALL_SUMS)
# A month has hundreds of hours: they come as one text, which is read in one go.
_HOURS = f"""
SELECT '[' || string_agg(concat('[', extract(epoch FROM hour)::bigint, ',[', concat_ws(',', {", ".join(SHOWN)}), ']]'),
    ',') || ']'
FROM {{}} WHERE shop_id = %(shop)s AND hour >= %(begins)s AND hour < %(ends)s
"""
_SPAN = {"begins": "timestamptz", "ends": "timestamptz"}
BY_HOUR = Question.of("report_by_hour", _HOURS.format("report_hour_total"), **_SPAN)
BY_HOUR_OF_ONE = Question.of(
    "report_by_hour_of_one",
    _HOURS.format("report_hour") + " AND programme_id = %(programme)s",
    **_SPAN, programme="uuid",
)  # fmt: skip
_BOUGHT = ("orders", "cancelled", "new_orders", "base_minor", "final_base_minor")
_GROUPS = {"advocate": "referred", "campaign": "campaign", "others": "other"}
# An array each: of many columns, naming them costs more than what they hold.
_BUYING_SUMS = ", ".join(
    f"ARRAY[{', '.join(f'total({group}_{measure})' for measure in _BOUGHT)}]" for group in _GROUPS.values()
)
BUYING = Question.of(
    "report_bought",
    f"SELECT {_BUYING_SUMS} FROM report_buying WHERE shop_id = %(shop)s AND day BETWEEN %(first)s AND %(last)s",
    first="date", last="date",
)  # fmt: skip
ENROLLED = Question.of(
    "report_enrolled",
    "SELECT total(enrolled) FROM report_day"
    f" WHERE shop_id = %(shop)s AND dimension = 'all' AND day <= %(last)s AND {_OF_PROGRAMME}",
    last="date", programme="uuid",
)  # fmt: skip
COHORTS = Question.of(
    "report_cohorts",
    f"SELECT cohort, month, {_SUMS} FROM report_cohort WHERE shop_id = %(shop)s"
    f" AND cohort BETWEEN %(first)s AND %(last)s AND {_OF_PROGRAMME} GROUP BY 1, 2 ORDER BY 1, 2",
    **_PERIOD,
)
ADVOCATES = {
    measure: Question.of(
        f"report_advocates_by_{measure}",
        f"""
SELECT m.advocate_id, a.customer_id, a.enrolled_at, {", ".join(f"m.{shown}" for shown in SHOWN)} FROM (
    SELECT advocate_id, {", ".join(f"total({shown}) AS {shown}" for shown in SHOWN)}
    FROM report_advocate_month
    WHERE shop_id = %(shop)s AND month BETWEEN %(first)s AND %(last)s AND {_OF_PROGRAMME}
    GROUP BY advocate_id ORDER BY total({measure}) DESC, advocate_id LIMIT %(most)s
) m LEFT JOIN report_advocate a ON a.shop_id = %(shop)s AND a.advocate_id = m.advocate_id
ORDER BY m.{measure} DESC, m.advocate_id
""",
        **_PERIOD,
        most="int",
    )
    for measure in SHOWN
}
LIVE = Question.of(
    "report_live",
    """
SELECT date_trunc('minute', recorded_at) AS minute, 'clicks' AS what, count(*) FROM click
WHERE shop_id = %(shop)s AND click_id >= %(floor)s AND recorded_at >= %(since)s AND visitor = 'person' GROUP BY 1
UNION ALL
SELECT date_trunc('minute', recorded_at), 'bots', count(*) FROM click
WHERE shop_id = %(shop)s AND click_id >= %(floor)s AND recorded_at >= %(since)s AND visitor <> 'person' GROUP BY 1
UNION ALL
SELECT to_timestamp(('x' || left(replace(claim_id::text, '-', ''), 12))::bit(48)::bigint / 60000 * 60), 'claims',
    count(*) FROM known_claim WHERE shop_id = %(shop)s AND claim_id >= %(floor)s GROUP BY 1
UNION ALL
SELECT date_trunc('minute', recorded_at), CASE WHEN method IS NULL THEN 'other_orders' ELSE 'orders' END, count(*)
FROM orders WHERE shop_id = %(shop)s AND order_id >= %(floor)s AND revision > 0 AND NOT test GROUP BY 1, 2
""",
    since="timestamptz",
    floor="uuid",
)
NO_LONGER_KEPT = b"SELECT max(until) FROM no_longer_kept WHERE shop_id = %s AND what = ANY(%s) AND until >= %s"
PROGRESS = b"SELECT counted_below::text, greatest(as_of, to_timestamp(0)) FROM report_progress"


class Asked(Struct, frozen=True, kw_only=True):
    """Which rows a figure is made of. `value` narrows it to one value of `dimension`."""

    first: date
    last: date
    dimension: str = "all"
    value: str | None = None
    programme: UUID | None = None


class TopAdvocate(Struct, frozen=True, kw_only=True):
    advocate_id: UUID
    customer_id: UUID | None
    enrolled_at: datetime | None
    counts: Counts


class Place(Struct, frozen=True, kw_only=True):
    """What of the shop every report says; `zone` is the one by which its days were counted."""

    currency: str
    zone: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ReportReads:
    """Figures of one shop. All but the live counter come from roll-ups, however many rows are behind them."""

    units: Units
    relay: Database

    async def as_of(self) -> datetime:
        """Everything committed before this moment is in the figures that are read after it."""
        return (await self.progress())[1]

    async def progress(self) -> tuple[int, datetime]:
        """Below which transaction clicks are counted, and as of when everything is."""
        try:
            async with self.relay.engine.connect() as connection:
                raw: Any = (await connection.get_raw_connection()).driver_connection
                row = await (await raw.execute(PROGRESS)).fetchone()
        except AWAY as error:
            raise Unavailable from error
        return (int(row[0]), row[1]) if row else (0, datetime.fromtimestamp(0, UTC))

    async def rows_since(self, shop_id: ShopId, begins: datetime, *what: str) -> datetime | None:
        """Up to when clicks or events of a period that begins then are no longer kept; None while all are."""
        async with self.units(shop_id) as unit:
            row = await (await unit.raw.execute(NO_LONGER_KEPT, (unit.shop_id, list(what), begins))).fetchone()
        return row[0] if row else None

    async def place(self, shop_id: ShopId) -> Place:
        async with self.units(shop_id) as unit:
            return await _place(unit)

    async def by_value(self, shop_id: ShopId, asked: Asked) -> dict[str, Counts]:
        return {row[0]: counts for row, counts in await self._read(shop_id, BY_VALUE, asdict(asked))}

    async def everything(self, shop_id: ShopId, asked: Asked) -> Counts:
        """All sums of the rows asked for together, with those that no funnel shows."""
        rows = await self._read(shop_id, EVERYTHING, asdict(asked))
        return rows[0][1] if rows else Counts()

    async def buying(self, shop_id: ShopId, first: date, last: date) -> dict[str, Buying]:
        """What was bought by those whom an advocate or a campaign brought, and by others."""
        [groups] = await self.units.ask(shop_id, BUYING, {"first": first, "last": last})
        return {
            name: Buying(orders=orders, cancelled=cancelled, new_orders=new, base_minor=base, final_base_minor=final)
            for name, (orders, cancelled, new, base, final) in zip(_GROUPS, groups, strict=True)
        }

    async def by_programme(self, shop_id: ShopId, asked: Asked) -> dict[str, Counts]:
        return {str(row[0]): counts for row, counts in await self._read(shop_id, BY_PROGRAMME, asdict(asked))}

    async def by_day(self, shop_id: ShopId, asked: Asked) -> dict[date, Counts]:
        return {row[0]: counts for row, counts in await self._read(shop_id, BY_DAY, asdict(asked))}

    async def by_hour(
        self, shop_id: ShopId, begins: datetime, ends: datetime, programme: UUID | None
    ) -> dict[datetime, Counts]:
        question = BY_HOUR if programme is None else BY_HOUR_OF_ONE
        values = {"begins": begins, "ends": ends, "programme": programme}
        [(hours,)] = await self.units.ask(shop_id, question, values)
        return {datetime.fromtimestamp(at, UTC): counts for at, counts in _TIMES.decode(hours or "[]")}

    async def enrolled(self, shop_id: ShopId, last: date, programme: UUID | None) -> int:
        """Advocates enrolled by the end of the day."""
        [(enrolled,)] = await self.units.ask(shop_id, ENROLLED, {"last": last, "programme": programme})
        return int(enrolled)

    async def cohorts(self, shop_id: ShopId, asked: Asked) -> list[tuple[date, date, Counts]]:
        rows = await self._read(shop_id, COHORTS, asdict(asked), keys=2)
        return [(row[0], row[1], counts) for row, counts in rows]

    async def top_advocates(self, shop_id: ShopId, asked: Asked, measure: str, most: int) -> list[TopAdvocate]:
        rows = await self._read(shop_id, ADVOCATES[measure], {**asdict(asked), "most": most}, keys=3)
        return [
            TopAdvocate(advocate_id=row[0], customer_id=row[1], enrolled_at=row[2], counts=counts)
            for row, counts in rows
        ]

    async def live(self, shop_id: ShopId, minutes: int) -> tuple[datetime, dict[tuple[datetime, str], int]]:
        """Counts by minute and what was counted, from the rows themselves, in real time; and the moment now."""
        now = datetime.now(UTC)
        since = now.replace(second=0, microsecond=0) - timedelta(minutes=minutes - 1)
        rows = await self.units.ask(shop_id, LIVE, {"since": since, "floor": first_id(since)})
        return now, {(row[0], row[1]): row[2] for row in rows if row[0] >= since}

    async def _read(
        self, shop_id: ShopId, question: Question, values: dict[str, Any], keys: int = 1
    ) -> list[tuple[tuple[Any, ...], Counts]]:
        """Rows, and the counts that stand in each after its keys."""
        rows = await self.units.ask(shop_id, question, values)
        return list(zip(rows, msgspec.convert([row[keys:] for row in rows], list[Counts]), strict=True))


_TIMES = msgspec.json.Decoder(list[tuple[int, Counts]])


def first_id(moment: datetime) -> UUID:
    """The lowest UUIDv7 of a moment: ids of later rows are above it."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


async def _place(unit: Unit) -> Place:
    row = await (
        await unit.raw.execute(b"SELECT time_zone FROM report_shop WHERE shop_id = %s", (unit.shop_id,))
    ).fetchone()
    return Place(currency=unit.shop.currency, zone=row[0] if row else unit.shop.time_zone, now=unit.now())
