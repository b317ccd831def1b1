"""What tracking knows of advocates, claims, programmes and clicks: read for a whole batch at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from adapters.shared.postgres.unit import Unit
from kernel.ids import ClaimId, ClickId, PersonId, ProgrammeId
from tracking.domain.attribution import Known, KnownAdvocate, KnownClaim, KnownClick, Window, codes_of, window_days
from tracking.domain.order import Snapshot

# Claims and, with `claim_id` NULL, advocates: one round trip for both. `%b` sends the arrays in binary.
PEOPLE = b"""
SELECT claim_id, programme_id, advocate_id, person_id, code, click_id, claimed_at, expires_at FROM known_claim
WHERE shop_id = %(shop)b
    AND (claim_id = ANY(%(claims)b::uuid[]) OR code = ANY(%(codes)b::text[]) OR person_id = ANY(%(persons)b::uuid[]))
UNION ALL
SELECT NULL, programme_id, advocate_id, NULL, code, NULL, NULL, NULL FROM known_advocate
WHERE shop_id = %(shop)b AND code = ANY(%(codes)b::text[])
"""
CLICKS = b"""
SELECT c.click_id, c.visitor, c.clicked_at, l.advocate_id, l.programme_id FROM click c
LEFT JOIN link l ON l.shop_id = c.shop_id AND l.link_id = c.link_id
WHERE c.shop_id = %s AND c.click_id = ANY(%s) AND c.recorded_at BETWEEN %s AND %s
"""
WINDOWS = b"SELECT programme_id, since, days FROM known_window WHERE shop_id = %s AND programme_id = ANY(%s)"

LEARN_ADVOCATES = b"""
INSERT INTO known_advocate (shop_id, advocate_id, programme_id, code)
SELECT %s, * FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) ON CONFLICT DO NOTHING
"""
LEARN_CLAIMS = b"""
INSERT INTO known_claim (
    shop_id, claim_id, programme_id, advocate_id, person_id, code, click_id, claimed_at, expires_at
)
SELECT %s, * FROM unnest(
    %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::uuid[], %s::timestamptz[], %s::timestamptz[]
) ON CONFLICT DO NOTHING
"""
LEARN_WINDOWS = b"""
INSERT INTO known_window (shop_id, programme_id, revision, since, days)
SELECT %s, * FROM unnest(%s::uuid[], %s::int[], %s::timestamptz[], %s::int[]) ON CONFLICT DO NOTHING
"""
_SLACK = timedelta(seconds=2)


def recorded_between(click_ids: Iterable[UUID]) -> tuple[datetime, datetime]:
    """When clicks of these ids were recorded: a UUIDv7 starts with its milliseconds, so few partitions are read."""
    stamps = [datetime.fromtimestamp((click_id.int >> 80) / 1000, UTC) for click_id in click_ids]
    return min(stamps) - _SLACK, max(stamps) + _SLACK


@dataclass(frozen=True, slots=True)
class PostgresEvidence:
    """`Evidence` of the unit's shop."""

    unit: Unit

    async def about(self, orders: Sequence[Snapshot]) -> Known:
        codes = sorted({code for order in orders for code in codes_of(order)})
        claims, advocates = await self._people(orders, codes) if orders else ([], {})
        clicks = await self._clicks({order.click_id for order in orders if order.click_id is not None})
        programmes = {click.programme_id for click in clicks.values() if click.programme_id is not None}
        by_person: dict[PersonId, list[KnownClaim]] = defaultdict(list)
        for claim in claims:
            by_person[claim.person_id].append(claim)
        return Known(
            claims={claim.claim_id: claim for claim in claims},
            claims_by_code={claim.code: claim for claim in claims},
            claims_by_person=by_person,
            advocates_by_code=advocates,
            clicks=clicks,
            windows=await self._windows(programmes),
        )

    async def learn_advocates(self, advocates: Sequence[KnownAdvocate]) -> None:
        rows = [(known.advocate_id, known.programme_id, known.code) for known in advocates]
        self._learn(LEARN_ADVOCATES, rows)

    async def learn_claims(self, claims: Sequence[KnownClaim]) -> None:
        rows = [
            (c.claim_id, c.programme_id, c.advocate_id, c.person_id, c.code, c.click_id, c.claimed_at, c.expires_at)
            for c in claims
        ]
        self._learn(LEARN_CLAIMS, rows)

    async def learn_windows(self, windows: Sequence[tuple[ProgrammeId, int, Window]]) -> set[ProgrammeId]:
        programmes = {programme_id for programme_id, _, _ in windows}
        before = await self._windows(programmes)
        rows = [(programme_id, revision, window.since, window.days) for programme_id, revision, window in windows]
        self._learn(LEARN_WINDOWS, rows)
        after = await self._windows(programmes)
        return {programme for programme in programmes if _differ(before.get(programme, []), after.get(programme, []))}

    def _learn(self, statement: bytes, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            self.unit.later(statement, (self.unit.shop_id, *columns))

    async def _people(
        self, orders: Sequence[Snapshot], codes: list[str]
    ) -> tuple[list[KnownClaim], Mapping[str, list[KnownAdvocate]]]:
        parameters = {
            "shop": self.unit.shop_id,
            "claims": list({order.claim_id for order in orders if order.claim_id is not None}),
            "codes": codes,
            "persons": list({order.person_id for order in orders}),
        }
        claims: list[KnownClaim] = []
        advocates: dict[str, list[KnownAdvocate]] = defaultdict(list)
        for row in sorted(await self.unit.read(PEOPLE, parameters), key=lambda row: row[2]):
            if row[0] is not None:
                claims.append(_claim(row))
            else:
                advocates[row[4]].append(KnownAdvocate(advocate_id=row[2], programme_id=row[1], code=row[4]))
        return claims, advocates

    async def _clicks(self, click_ids: set[ClickId]) -> dict[ClickId, KnownClick]:
        if not click_ids:
            return {}
        parameters = (self.unit.shop_id, list(click_ids), *recorded_between(click_ids))
        return {
            row[0]: KnownClick(
                click_id=row[0], visitor=row[1], clicked_at=row[2], advocate_id=row[3], programme_id=row[4]
            )
            for row in await self.unit.read(CLICKS, parameters)
        }

    async def _windows(self, programmes: Iterable[ProgrammeId]) -> dict[ProgrammeId, list[Window]]:
        wanted = list(programmes)
        found: dict[ProgrammeId, list[Window]] = defaultdict(list)
        if wanted:
            for programme_id, since, days in await self.unit.read(WINDOWS, (self.unit.shop_id, wanted)):
                found[programme_id].append(Window(since=since, days=days))
        return {programme: sorted(windows, key=lambda w: (w.since, w.days)) for programme, windows in found.items()}


def _claim(row: tuple[Any, ...]) -> KnownClaim:
    return KnownClaim(
        claim_id=ClaimId(row[0]),
        programme_id=row[1],
        advocate_id=row[2],
        person_id=row[3],
        code=row[4],
        click_id=row[5],
        claimed_at=row[6],
        expires_at=row[7],
    )


def _differ(before: Sequence[Window], after: Sequence[Window]) -> bool:
    """True when the windows give other days at some moment."""
    if not before or not after:
        return bool(before) != bool(after)
    moments = [window.since for window in (*before, *after)]
    return any(window_days(before, moment) != window_days(after, moment) for moment in moments)
