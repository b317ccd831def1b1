"""What this context heard of programmes, advocates and erasures, in PostgreSQL. Whole batches, one statement each."""

from collections.abc import Sequence

import msgspec

from acquisition.domain.deal import Advocate, Programme, Terms
from adapters.shared.postgres.unit import Unit
from kernel.ids import CustomerId, ProgrammeId

GET_PROGRAMME = b"""
SELECT programme_id, revision, title, state, terms::text FROM programme WHERE shop_id = %s AND programme_id = %s
"""
KEEP_PROGRAMMES = b"""
INSERT INTO programme (shop_id, programme_id, revision, title, state, terms)
SELECT DISTINCT ON (heard.programme_id) %s, heard.*
FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::json[])
    AS heard (programme_id, revision, title, state, terms)
ORDER BY heard.programme_id, heard.revision DESC
ON CONFLICT (shop_id, programme_id) DO UPDATE
SET revision = excluded.revision, title = excluded.title, state = excluded.state, terms = excluded.terms
WHERE programme.revision < excluded.revision
"""
GET_ADVOCATE = b"""
SELECT advocate_id, programme_id, customer_id, person_id, code,
    EXISTS (SELECT FROM erased_customer e WHERE e.shop_id = a.shop_id AND e.customer_id = a.customer_id)
FROM advocate a WHERE shop_id = %s AND code = %s
"""
KEEP_ADVOCATES = b"""
INSERT INTO advocate (shop_id, advocate_id, programme_id, customer_id, person_id, code)
SELECT %s, * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[]) ON CONFLICT DO NOTHING
"""
FORGET = b"INSERT INTO erased_customer (shop_id, customer_id) SELECT %s, unnest(%s::uuid[]) ON CONFLICT DO NOTHING"

_terms = msgspec.json.Decoder(Terms)


def read_terms(text: str | None) -> Terms | None:
    return None if text is None else _terms.decode(text)


class PostgresProgrammes:
    """See `acquisition.ports.Programmes`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def get(self, programme_id: ProgrammeId) -> Programme | None:
        row = await (await self._unit.raw.execute(GET_PROGRAMME, (self._unit.shop_id, programme_id))).fetchone()
        if row is None:
            return None
        found, revision, title, state, terms = row
        return Programme(programme_id=found, revision=revision, title=title, state=state, terms=read_terms(terms))

    async def keep(self, programmes: Sequence[Programme]) -> None:
        await self._unit.raw.execute(
            KEEP_PROGRAMMES,
            (
                self._unit.shop_id,
                [p.programme_id for p in programmes],
                [p.revision for p in programmes],
                [p.title for p in programmes],
                [p.state for p in programmes],
                [None if p.terms is None else msgspec.json.encode(p.terms).decode() for p in programmes],
            ),
        )


class PostgresAdvocates:
    """See `acquisition.ports.Advocates`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def by_code(self, code: str) -> Advocate | None:
        row = await (await self._unit.raw.execute(GET_ADVOCATE, (self._unit.shop_id, code))).fetchone()
        if row is None:
            return None
        advocate_id, programme_id, customer_id, person_id, found, erased = row
        return Advocate(
            advocate_id=advocate_id, programme_id=programme_id, customer_id=customer_id, person_id=person_id,
            code=found, erased=erased,
        )  # fmt: skip

    async def keep(self, advocates: Sequence[Advocate]) -> None:
        await self._unit.raw.execute(
            KEEP_ADVOCATES,
            (
                self._unit.shop_id,
                [a.advocate_id for a in advocates],
                [a.programme_id for a in advocates],
                [a.customer_id for a in advocates],
                [a.person_id for a in advocates],
                [a.code for a in advocates],
            ),
        )

    async def forget(self, customer_ids: Sequence[CustomerId]) -> None:
        await self._unit.raw.execute(FORGET, (self._unit.shop_id, list(customer_ids)))
