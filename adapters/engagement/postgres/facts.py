"""Programmes and advocates as heard, and shares."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import text

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.errors import AWAY, Unavailable
from adapters.shared.postgres.unit import Unit
from engagement.domain.deal import Advocate, Deal, Programme, UnknownAdvocate
from engagement.domain.sharing import Share
from kernel.ids import AdvocateId, ProgrammeId

KEEP_PROGRAMMES: Final = b"""
INSERT INTO programme (shop_id, programme_id, revision, title, state, deal)
SELECT %s, * FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::json[])
ON CONFLICT (shop_id, programme_id) DO UPDATE
SET revision = excluded.revision, title = excluded.title, state = excluded.state, deal = excluded.deal
WHERE programme.revision < excluded.revision
"""
KEEP_ADVOCATES: Final = b"""
INSERT INTO advocate (shop_id, advocate_id, programme_id, customer_id, code, link_code)
SELECT %s, * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[])
ON CONFLICT DO NOTHING
"""
PROGRAMME: Final = text("""
SELECT programme_id, revision, title, state, deal::text FROM programme
WHERE shop_id = :shop_id AND programme_id = :programme_id
""")
ADVOCATE: Final = text("""
SELECT advocate_id, programme_id, customer_id, code, link_code FROM advocate
WHERE shop_id = :shop_id AND advocate_id = :advocate_id
""")
ADD_SHARE: Final = text("""
INSERT INTO share (shop_id, share_id, advocate_id, channel, locale, shared_at)
VALUES (:shop_id, :share_id, :advocate_id, :channel, :locale, :shared_at)
""")
LINK: Final = text("""
SELECT a.link_code, p.title FROM advocate a
LEFT JOIN programme p ON p.shop_id = a.shop_id AND p.programme_id = a.programme_id
WHERE a.link_code IN (:typed, :lower, :upper) LIMIT 1
""")


class PostgresProgrammes:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def get(self, programme_id: ProgrammeId) -> Programme | None:
        key = {"shop_id": self._unit.shop_id, "programme_id": programme_id}
        row = (await self._unit.sql.execute(PROGRAMME, key)).one_or_none()
        if row is None:
            return None
        return Programme(
            programme_id=row.programme_id,
            revision=row.revision,
            title=row.title,
            state=row.state,
            deal=msgspec.json.decode(row.deal, type=Deal) if row.deal else None,
        )

    async def keep(self, programmes: Sequence[Programme]) -> None:
        newest = {p.programme_id: p for p in sorted(programmes, key=lambda p: p.revision)}
        kept = sorted(newest.values(), key=lambda p: p.programme_id)
        self._unit.later(
            KEEP_PROGRAMMES,
            (
                self._unit.shop_id,
                [p.programme_id for p in kept],
                [p.revision for p in kept],
                [p.title for p in kept],
                [p.state for p in kept],
                [msgspec.json.encode(p.deal).decode() if p.deal else None for p in kept],
            ),
        )


class PostgresAdvocates:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def get(self, advocate_id: AdvocateId) -> Advocate:
        key = {"shop_id": self._unit.shop_id, "advocate_id": advocate_id}
        row = (await self._unit.sql.execute(ADVOCATE, key)).mappings().one_or_none()
        if row is None:
            raise UnknownAdvocate
        return Advocate(**row)

    async def keep(self, advocates: Sequence[Advocate]) -> None:
        kept = sorted(advocates, key=lambda a: a.advocate_id)
        self._unit.later(
            KEEP_ADVOCATES,
            (
                self._unit.shop_id,
                [a.advocate_id for a in kept],
                [a.programme_id for a in kept],
                [a.customer_id for a in kept],
                [a.code for a in kept],
                [a.link_code for a in kept],
            ),
        )


class PostgresShares:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def add(self, share: Share) -> None:
        await self._unit.sql.execute(ADD_SHARE, {"shop_id": self._unit.shop_id, **msgspec.structs.asdict(share)})
        self._unit.publish(share.event())


class KnownLink(NamedTuple):
    """A link code as stored, and the title of its programme, empty while that is not known here."""

    link_code: str
    campaign: str


class LinkCodes:
    """Which link codes there are, of all shops."""

    def __init__(self, relay: Database) -> None:
        self._relay = relay

    async def find(self, typed: str) -> KnownLink | None:
        """The link of a code, upper and lower case forgiven; None when there is no such code."""
        asked = {"typed": typed, "lower": typed.lower(), "upper": typed.upper()}
        try:
            async with self._relay.engine.connect() as connection:
                row = (await connection.execute(LINK, asked)).one_or_none()
        except AWAY as error:
            raise Unavailable from error
        return None if row is None else KnownLink(row.link_code, row.title or "")
