"""What browsers said about orders, in PostgreSQL."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from adapters.shared.postgres.unit import Unit
from adapters.tracking.postgres.evidence import recorded_between
from kernel.ids import ClickId, OrderId
from tracking.domain.attribution.people import SAME_ADDRESS
from tracking.domain.hint import MOST_PER_ORDER, OrderHint

# The shop's orders are locked: nobody else adds hints between the count and the insert. What is said again counts from
# when it was said first, though that may arrive last.
NOTE = f"""
INSERT INTO order_hint (shop_id, order_ref, hint_key, source, click_id, claim_id, codes, visitor, campaign,
    address_hash, name_key, at)
SELECT %s, h.order_ref, h.hint_key, h.source, h.click_id, h.claim_id,
    ARRAY(SELECT json_array_elements_text(h.codes::json)), h.visitor, h.campaign, h.address_hash, h.name_key, h.at
FROM (
    SELECT u.*, k.at AS known_at,
        row_number() OVER (PARTITION BY u.order_ref, k.at IS NULL ORDER BY u.at, u.hint_key) AS place
    FROM unnest(
        %s::text[], %s::bytea[], %s::text[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::bytea[],
        %s::uuid[], %s::timestamptz[]
    ) AS u (order_ref, hint_key, source, click_id, claim_id, codes, visitor, campaign, address_hash, name_key, at)
    LEFT JOIN order_hint k ON k.shop_id = %s AND k.order_ref = u.order_ref AND k.hint_key = u.hint_key
) AS h
WHERE h.at < h.known_at OR (h.known_at IS NULL AND h.place + (
    SELECT count(*) FROM order_hint k WHERE k.shop_id = %s AND k.order_ref = h.order_ref
) <= {MOST_PER_ORDER})
ON CONFLICT (shop_id, order_ref, hint_key) DO UPDATE SET at = excluded.at WHERE excluded.at < order_hint.at
RETURNING order_ref, hint_key
""".encode()

NAMED = b"""
SELECT order_id FROM orders WHERE shop_id = %(shop)s AND revision > 0 AND external_id = ANY(%(refs)s)
UNION
SELECT order_id FROM orders WHERE shop_id = %(shop)s AND revision > 0 AND number = ANY(%(refs)s || %(numbered)s)
"""

ADDRESSES = b"""
SELECT address_hash, clicked_at FROM click WHERE shop_id = %s AND click_id = ANY(%s) AND recorded_at BETWEEN %s AND %s
    AND visitor = 'person'
"""
NEAR = b"""
SELECT DISTINCT h.order_ref FROM unnest(%(hashes)s::bytea[], %(moments)s::timestamptz[]) AS c (address_hash, clicked_at)
JOIN order_hint h ON h.shop_id = %(shop)s AND h.address_hash = c.address_hash
    AND h.at BETWEEN c.clicked_at AND c.clicked_at + %(within)s::interval
"""


@dataclass(frozen=True, slots=True)
class PostgresHints:
    """`Hints` of the unit's shop."""

    unit: Unit

    async def note(self, hints: Sequence[OrderHint]) -> list[OrderHint]:
        latest_first = sorted(hints, key=lambda hint: hint.at, reverse=True)
        named = {(hint.order_ref, hint_key(hint)): hint for hint in latest_first}
        rows = [
            (
                hint.order_ref,
                key,
                hint.source,
                hint.click_id,
                hint.claim_id,
                msgspec.json.encode(hint.codes).decode(),
                hint.visitor,
                hint.campaign,
                hint.address_hash,
                hint.name_key,
                hint.at,
            )
            for (_, key), hint in named.items()
        ]
        columns = [list(column) for column in zip(*rows, strict=True)]
        shop_id: UUID = self.unit.shop_id
        rows_noted = await self.unit.read(NOTE, (shop_id, *columns, shop_id, shop_id))
        return [named[row[0], bytes(row[1])] for row in rows_noted]

    async def named(self, hints: Sequence[OrderHint]) -> list[OrderId]:
        return await self._named({hint.order_ref for hint in hints})

    async def near(self, clicks: Sequence[ClickId]) -> list[OrderId]:
        shop_id = self.unit.shop_id
        rows = await self.unit.read(ADDRESSES, (shop_id, list(clicks), *recorded_between(clicks))) if clicks else []
        if not rows:
            return []
        hashes, moments = [bytes(row[0]) for row in rows], [row[1] for row in rows]
        asked = {"shop": shop_id, "hashes": hashes, "moments": moments, "within": SAME_ADDRESS}
        refs = {row[0] for row in await self.unit.read(NEAR, asked)}
        return await self._named(refs) if refs else []

    async def _named(self, names: Collection[str]) -> list[OrderId]:
        refs = sorted(names)
        parameters = {"shop": self.unit.shop_id, "refs": refs, "numbered": [f"#{ref}" for ref in refs]}
        return [row[0] for row in await self.unit.read(NAMED, parameters)]


def hint_key(hint: OrderHint) -> bytes:
    """Names a hint by what it says, whenever it was said: the same said again is one hint."""
    said: list[object] = [
        hint.click_id,
        hint.claim_id,
        sorted(hint.codes),
        hint.visitor,
        hint.campaign,
        hint.address_hash,
    ]
    if hint.name_key is not None:  # last, so that hints of before keep their key
        said.append(hint.name_key)
    return hashlib.sha256(msgspec.json.encode(said)).digest()[:16]
