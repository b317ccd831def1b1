"""Programmes with their offer versions and states."""

from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, text

from adapters.shared.postgres.unit import Unit
from kernel.ids import ProgrammeId
from referral.domain.programme import Offer, Programme, ProgrammeNotFound, Span
from referral.events import OfferTerms, ProgrammeChanged, ProgrammeDrafted

INSERT = text("""
INSERT INTO programme (shop_id, programme_id, revision, title, kind, state, created_at)
VALUES (:shop_id, :programme_id, :revision, :title, :kind, :state, :created_at)
""")
UPDATE = text("""
UPDATE programme SET revision = :revision, title = :title, state = :state
WHERE shop_id = :shop_id AND programme_id = :programme_id
""")
SAVE_OFFERS = text("""
INSERT INTO offer (shop_id, programme_id, version, offer_id, terms, launched_at)
SELECT :shop_id, :programme_id, version, offer_id, terms, launched_at
FROM jsonb_populate_recordset(null::referral.offer, CAST(:offers AS jsonb))
ON CONFLICT (shop_id, programme_id, version) DO UPDATE SET terms = excluded.terms, launched_at = excluded.launched_at
WHERE offer.launched_at IS NULL
""")
SAVE_SPANS = text("""
INSERT INTO programme_state (shop_id, programme_id, revision, state, since)
SELECT :shop_id, :programme_id, revision, state, since
FROM jsonb_populate_recordset(null::referral.programme_state, CAST(:spans AS jsonb))
ON CONFLICT DO NOTHING
""")
# The lock comes first, in a statement of its own, so that what is read after it is what its last holder wrote.
LOCK = text("SELECT FROM programme WHERE shop_id = :shop_id AND programme_id = :programme_id FOR UPDATE").bindparams(
    bindparam("shop_id"), bindparam("programme_id")
)
GET = text("""
SELECT json_build_object(
    'shop_id', p.shop_id, 'programme_id', p.programme_id, 'revision', p.revision, 'title', p.title, 'kind', p.kind,
    'state', p.state, 'created_at', p.created_at,
    'offers', (
        SELECT json_agg(json_build_object('terms', o.terms, 'launched_at', o.launched_at) ORDER BY o.version)
        FROM offer o WHERE (o.shop_id, o.programme_id) = (p.shop_id, p.programme_id)
    ),
    'spans', (
        SELECT json_agg(json_build_object('revision', s.revision, 'state', s.state, 'since', s.since)
                        ORDER BY s.revision)
        FROM programme_state s WHERE (s.shop_id, s.programme_id) = (p.shop_id, p.programme_id)
    )
)::text
FROM programme p WHERE p.shop_id = :shop_id AND p.programme_id = :programme_id
""")
_decoder = msgspec.json.Decoder(Programme)


class _OfferRow(Struct):
    version: int
    offer_id: Any
    terms: OfferTerms
    launched_at: Any


class PostgresProgrammes:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def add(self, programme: Programme, event: ProgrammeDrafted) -> None:
        await self._unit.sql.execute(INSERT, self._row(programme))
        await self._save_parts(programme)
        self._unit.publish(event)

    async def get(self, programme_id: ProgrammeId) -> Programme:
        key = {"shop_id": self._unit.shop_id, "programme_id": programme_id}
        found = (await self._unit.sql.execute(GET, key)).scalar_one_or_none()
        if found is None:
            raise ProgrammeNotFound
        return _decoder.decode(found)

    async def for_update(self, programme_id: ProgrammeId) -> Programme:
        await self._unit.sql.execute(LOCK, {"shop_id": self._unit.shop_id, "programme_id": programme_id})
        return await self.get(programme_id)

    async def save(self, programme: Programme, event: ProgrammeChanged) -> None:
        await self._unit.sql.execute(UPDATE, self._row(programme))
        await self._save_parts(programme)
        if programme.state != "draft":
            self._unit.publish(event)

    async def _save_parts(self, programme: Programme) -> None:
        key = {"shop_id": self._unit.shop_id, "programme_id": programme.programme_id}
        await self._unit.sql.execute(SAVE_OFFERS, key | {"offers": _offers_json(programme.offers)})
        await self._unit.sql.execute(SAVE_SPANS, key | {"spans": _json(programme.spans)})

    def _row(self, programme: Programme) -> dict[str, Any]:
        return {
            "shop_id": self._unit.shop_id,
            "programme_id": programme.programme_id,
            "revision": programme.revision,
            "title": programme.title,
            "kind": programme.kind,
            "state": programme.state,
            "created_at": programme.created_at,
        }


def _offers_json(offers: tuple[Offer, ...]) -> str:
    return _json(
        [
            _OfferRow(
                version=offer.terms.version,
                offer_id=offer.terms.offer_id,
                terms=offer.terms,
                launched_at=offer.launched_at,
            )
            for offer in offers
        ]
    )


def _json(value: list[_OfferRow] | tuple[Span, ...]) -> str:
    return msgspec.json.encode(value).decode()
