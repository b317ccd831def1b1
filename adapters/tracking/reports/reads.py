"""What reports read: sums of roll-ups, a statement each, within the caller's shop."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, Unavailable
from adapters.shared.postgres.unit import Unit, Units
from adapters.tracking.reports.rollups import MEASURES
from kernel.ids import ShopId
from tracking.domain.figures import Buying, Counts

SHOWN = MEASURES[: MEASURES.index("reward_minor") + 1]
"""What a funnel shows. They stand first in a row, so the others need not even be looked at."""
_SUMS, _ALL_SUMS = (", ".join(f"sum({m})::bigint" for m in measures) for measures in (SHOWN, MEASURES))
_OF_PROGRAMME = "(%(programme)s::uuid IS NULL OR programme_id = %(programme)s)"
_OF_VALUE = "(%(value)s::text IS NULL OR value = %(value)s)"
_DAYS = "shop_id = %(shop)s AND dimension = %(dimension)s AND day BETWEEN %(first)s AND %(last)s"
BROKEN_DOWN = f"SELECT {{}}, {_SUMS} FROM report_day WHERE {_DAYS} AND {_OF_PROGRAMME} AND {_OF_VALUE} GROUP BY 1"
EVERYTHING = f"SELECT '', {_ALL_SUMS} FROM report_day WHERE {_DAYS} AND {_OF_PROGRAMME} AND {_OF_VALUE} GROUP BY 1"
_BOUGHT = ("orders", "cancelled", "new_orders", "base_minor", "final_base_minor")
BUYING = f"""
SELECT CASE dimension WHEN 'all' THEN 'others' ELSE value END,
    {", ".join(f"sum(CASE dimension WHEN 'all' THEN other_{m} ELSE {m} END)::bigint" for m in _BOUGHT)}
FROM report_day
WHERE shop_id = %(shop)s AND dimension IN ('all', 'credit') AND day BETWEEN %(first)s AND %(last)s GROUP BY 1
"""
BY_VALUE = BROKEN_DOWN.format("value")
BY_PROGRAMME = BROKEN_DOWN.format("programme_id::text")
BY_DAY = BROKEN_DOWN.format("day")
BY_HOUR = f"""
SELECT hour, {_SUMS} FROM report_hour
WHERE shop_id = %(shop)s AND hour >= %(begins)s AND hour < %(ends)s AND {_OF_PROGRAMME} GROUP BY 1
"""
ENROLLED = f"""
SELECT coalesce(sum(enrolled), 0)::bigint FROM report_day
WHERE shop_id = %(shop)s AND dimension = 'all' AND day <= %(last)s AND {_OF_PROGRAMME}
"""
COHORTS = f"""
SELECT cohort, month, {_SUMS} FROM report_cohort
WHERE shop_id = %(shop)s AND cohort BETWEEN %(first)s AND %(last)s AND {_OF_PROGRAMME}
GROUP BY 1, 2 ORDER BY 1, 2
"""
ADVOCATES = f"""
SELECT m.advocate_id, a.customer_id, a.enrolled_at, m.* FROM (
    SELECT advocate_id, {", ".join(f"sum({measure})::bigint AS {measure}" for measure in SHOWN)}
    FROM report_advocate_month
    WHERE shop_id = %(shop)s AND month BETWEEN %(first)s AND %(last)s AND {_OF_PROGRAMME}
    GROUP BY advocate_id ORDER BY sum({{order}}) DESC, advocate_id LIMIT %(most)s
) m LEFT JOIN report_advocate a ON a.shop_id = %(shop)s AND a.advocate_id = m.advocate_id
ORDER BY m.{{order}} DESC, m.advocate_id
"""
LIVE = """
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
"""
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

    async def place(self, shop_id: ShopId) -> Place:
        async with self.units(shop_id) as unit:
            return await _place(unit)

    async def by_value(self, shop_id: ShopId, asked: Asked) -> dict[str, Counts]:
        return {key: counts for (key,), counts in await self._read(shop_id, BY_VALUE, _parameters(asked))}

    async def everything(self, shop_id: ShopId, asked: Asked) -> Counts:
        """All sums of the rows asked for together, with those that no funnel shows."""
        rows = await self._read(shop_id, EVERYTHING, _parameters(asked))
        return rows[0][1] if rows else Counts()

    async def buying(self, shop_id: ShopId, first: date, last: date) -> dict[str, Buying]:
        """What was bought by those whom an advocate or a campaign brought, and by others."""
        parameters = {"shop": shop_id, "first": first, "last": last}
        async with self.units(shop_id) as unit:
            rows = await (await unit.raw.execute(BUYING.encode(), parameters, binary=True)).fetchall()
        return {row[0]: Buying(**dict(zip(_BOUGHT, row[1:], strict=True))) for row in rows}

    async def by_programme(self, shop_id: ShopId, asked: Asked) -> dict[str, Counts]:
        return {key: counts for (key,), counts in await self._read(shop_id, BY_PROGRAMME, _parameters(asked))}

    async def by_day(self, shop_id: ShopId, asked: Asked) -> dict[date, Counts]:
        return {key: counts for (key,), counts in await self._read(shop_id, BY_DAY, _parameters(asked))}

    async def by_hour(
        self, shop_id: ShopId, begins: datetime, ends: datetime, programme: UUID | None
    ) -> dict[datetime, Counts]:
        parameters = {"begins": begins, "ends": ends, "programme": programme}
        return {key: counts for (key,), counts in await self._read(shop_id, BY_HOUR, parameters)}

    async def enrolled(self, shop_id: ShopId, last: date, programme: UUID | None) -> int:
        """Advocates enrolled by the end of the day."""
        async with self.units(shop_id) as unit:
            parameters = {"shop": shop_id, "last": last, "programme": programme}
            row = await (await unit.raw.execute(ENROLLED.encode(), parameters)).fetchone()
        return int(row[0]) if row else 0

    async def cohorts(self, shop_id: ShopId, asked: Asked) -> list[tuple[date, date, Counts]]:
        rows = await self._read(shop_id, COHORTS, _parameters(asked), keys=2)
        return [(key[0], key[1], counts) for key, counts in rows]

    async def top_advocates(self, shop_id: ShopId, asked: Asked, measure: str, most: int) -> list[TopAdvocate]:
        if measure not in SHOWN:
            raise ValueError(measure)
        parameters = {**_parameters(asked), "most": most}
        rows = await self._read(shop_id, ADVOCATES.format(order=measure), parameters, keys=4)
        return [
            TopAdvocate(advocate_id=key[0], customer_id=key[1], enrolled_at=key[2], counts=counts)
            for key, counts in rows
        ]

    async def live(self, shop_id: ShopId, minutes: int) -> tuple[datetime, dict[tuple[datetime, str], int]]:
        """Counts by minute and what was counted, from the rows themselves, in real time; and the moment now."""
        now = datetime.now(UTC)
        since = now.replace(second=0, microsecond=0) - timedelta(minutes=minutes - 1)
        parameters = {"shop": shop_id, "since": since, "floor": first_id(since)}
        async with self.units(shop_id) as unit:
            rows = await (await unit.raw.execute(LIVE.encode(), parameters)).fetchall()
        return now, {(row[0], row[1]): row[2] for row in rows if row[0] >= since}

    async def _read(
        self, shop_id: ShopId, statement: str, parameters: dict[str, Any], keys: int = 1
    ) -> Sequence[tuple[tuple[Any, ...], Counts]]:
        async with self.units(shop_id) as unit:
            cursor = await unit.raw.execute(statement.encode(), {**parameters, "shop": shop_id}, binary=True)
            rows = await cursor.fetchall()
        return [(row[:keys], msgspec.convert(row[keys:], Counts)) for row in rows]


def first_id(moment: datetime) -> UUID:
    """The lowest UUIDv7 of a moment: ids of later rows are above it."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


async def _place(unit: Unit) -> Place:
    row = await (
        await unit.raw.execute(b"SELECT time_zone FROM report_shop WHERE shop_id = %s", (unit.shop_id,))
    ).fetchone()
    return Place(currency=unit.shop.currency, zone=row[0] if row else unit.shop.time_zone, now=unit.now())


def _parameters(asked: Asked) -> dict[str, Any]:
    return {
        "first": asked.first,
        "last": asked.last,
        "dimension": asked.dimension,
        "value": asked.value,
        "programme": asked.programme,
    }
