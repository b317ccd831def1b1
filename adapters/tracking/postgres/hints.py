"""What browsers said about orders, in PostgreSQL."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from adapters.shared.postgres.unit import Unit
from kernel.ids import OrderId
from tracking.domain.hint import MOST_PER_ORDER, OrderHint

# The shop's orders are locked: nobody else adds hints between the count and the insert.
NOTE = f"""
INSERT INTO order_hint (shop_id, order_ref, hint_key, source, click_id, claim_id, codes, visitor, campaign,
    address_hash, name_key, at)
SELECT %s, h.order_ref, h.hint_key, h.source, h.click_id, h.claim_id,
    ARRAY(SELECT json_array_elements_text(h.codes::json)), h.visitor, h.campaign, h.address_hash, h.name_key, h.at
FROM (
    SELECT *, row_number() OVER (PARTITION BY order_ref ORDER BY at, hint_key) AS place
    FROM unnest(
        %s::text[], %s::bytea[], %s::text[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::bytea[],
        %s::uuid[], %s::timestamptz[]
    ) AS u (order_ref, hint_key, source, click_id, claim_id, codes, visitor, campaign, address_hash, name_key, at)
    WHERE NOT EXISTS (
        SELECT FROM order_hint k WHERE k.shop_id = %s AND k.order_ref = u.order_ref AND k.hint_key = u.hint_key
    )
) AS h
WHERE h.place + (SELECT count(*) FROM order_hint k WHERE k.shop_id = %s AND k.order_ref = h.order_ref)
    <= {MOST_PER_ORDER}
ON CONFLICT DO NOTHING
RETURNING order_ref, hint_key
""".encode()

NAMED = b"""
SELECT order_id FROM orders WHERE shop_id = %(shop)s AND revision > 0 AND external_id = ANY(%(refs)s)
UNION
SELECT order_id FROM orders WHERE shop_id = %(shop)s AND revision > 0 AND number = ANY(%(refs)s || %(numbered)s)
"""


@dataclass(frozen=True, slots=True)
class PostgresHints:
    """`Hints` of the unit's shop."""

    unit: Unit

    async def note(self, hints: Sequence[OrderHint]) -> list[OrderHint]:
        named = {(hint.order_ref, hint_key(hint)): hint for hint in hints}
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
        refs = sorted({hint.order_ref for hint in hints})
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
