"""Consent history and the suppression list."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

import msgspec
from sqlalchemy import text

from adapters.shared.postgres.unit import Unit
from engagement.domain.consent import Consent, NotSuppressed, Scope, Suppression
from engagement.domain.message import Standing
from kernel.ids import CustomerId

ADD_CONSENT: Final = text("""
INSERT INTO consent (
    shop_id, consent_id, customer_id, purpose, channel, decision, text_version, country, proof, decided_at
) VALUES (
    :shop_id, :consent_id, :customer_id, :purpose, :channel, :decision, :text_version, :country, :proof, :decided_at
)
""")
HISTORY: Final = text("""
SELECT consent_id, customer_id, purpose, channel, decision, text_version, country, proof, decided_at FROM consent
WHERE shop_id = :shop_id AND customer_id = :customer_id ORDER BY decided_at DESC, consent_id DESC LIMIT 1000
""")
STANDINGS: Final = b"""
WITH asked (customer_id, address_hash) AS (SELECT * FROM unnest(%(customers)s::uuid[], %(hashes)s::text[]))
SELECT asked.customer_id, 'suppressed', s.scope
FROM asked JOIN suppression s ON s.shop_id = %(shop_id)s AND s.address_hash = asked.address_hash
UNION ALL
SELECT customer_id, 'withdrawn', purpose
FROM (
    SELECT DISTINCT ON (customer_id, purpose) customer_id, purpose, decision FROM consent
    WHERE shop_id = %(shop_id)s AND customer_id = ANY (%(customers)s) AND channel = 'email'
    ORDER BY customer_id, purpose, decided_at DESC, consent_id DESC
) latest WHERE decision = 'withdrawn'
"""
SUPPRESS: Final = text("""
INSERT INTO suppression (shop_id, address_hash, scope, why, since)
VALUES (:shop_id, :address_hash, :scope, :why, :since) ON CONFLICT DO NOTHING
""")
LIFT: Final = text("""
DELETE FROM suppression
WHERE shop_id = :shop_id AND address_hash = :address_hash AND scope = coalesce(CAST(:scope AS text), scope)
""")
OF_ADDRESS: Final = text("""
SELECT address_hash, scope, why, since FROM suppression
WHERE shop_id = :shop_id AND address_hash = :address_hash ORDER BY scope
""")
PAGE: Final = text("""
SELECT address_hash, scope, why, since FROM suppression
WHERE shop_id = :shop_id AND (address_hash, scope) > (:address_hash, :scope)
ORDER BY address_hash, scope LIMIT :limit
""")


class PostgresConsents:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def add(self, consent: Consent) -> None:
        await self._unit.sql.execute(ADD_CONSENT, {"shop_id": self._unit.shop_id, **msgspec.structs.asdict(consent)})

    async def history(self, customer_id: CustomerId) -> list[Consent]:
        rows = await self._unit.sql.execute(HISTORY, {"shop_id": self._unit.shop_id, "customer_id": customer_id})
        return [Consent(**row) for row in rows.mappings()]

    async def standings(self, hashes: Mapping[CustomerId, str]) -> dict[CustomerId, Standing]:
        parameters = {"shop_id": self._unit.shop_id, "customers": list(hashes), "hashes": list(hashes.values())}
        found: dict[CustomerId, dict[str, set[str]]] = defaultdict(lambda: {"suppressed": set(), "withdrawn": set()})
        for customer_id, ruling, purpose in await self._unit.read(STANDINGS, parameters):
            found[customer_id][ruling].add(purpose)
        return {
            customer_id: Standing(
                suppressed=frozenset(rulings["suppressed"]), withdrawn=frozenset(rulings["withdrawn"])
            )
            for customer_id, rulings in found.items()
        }


class PostgresSuppressions:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def add(self, suppression: Suppression) -> bool:
        row = {"shop_id": self._unit.shop_id, **msgspec.structs.asdict(suppression)}
        return bool((await self._unit.sql.execute(SUPPRESS, row)).rowcount)

    async def remove(self, address_hash: str, scope: Scope | None) -> None:
        key = {"shop_id": self._unit.shop_id, "address_hash": address_hash, "scope": scope}
        if not (await self._unit.sql.execute(LIFT, key)).rowcount:
            raise NotSuppressed

    async def of_address(self, address_hash: str) -> list[Suppression]:
        key = {"shop_id": self._unit.shop_id, "address_hash": address_hash}
        return [Suppression(**row) for row in (await self._unit.sql.execute(OF_ADDRESS, key)).mappings()]

    async def page(self, limit: int, after: tuple[str, str] | None) -> list[Suppression]:
        address_hash, scope = after or ("", "")
        position = {"shop_id": self._unit.shop_id, "address_hash": address_hash, "scope": scope, "limit": limit}
        return [Suppression(**row) for row in (await self._unit.sql.execute(PAGE, position)).mappings()]
