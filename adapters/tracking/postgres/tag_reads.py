"""Is my tag working: what of a shop's tag arrived lately, and what was refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.engine import Row

from adapters.shared.postgres.unit import Units
from adapters.tracking.postgres.tag_settings import PostgresTagSettings
from adapters.tracking.sealed import SecretBox
from kernel.ids import ShopId
from tracking.domain.tag_settings import TagSettings

LATEST = text("""
SELECT event_id, name, at, happened_at, received_at, by, device, visitor, click_id, claim_id, page, referrer, title,
       consent::text AS consent, CASE WHEN name <> 'identify' THEN data::text END AS data, outcome
FROM tag_event
WHERE shop_id = :shop AND (received_at, event_id) < (:until, :before) AND (CAST(:name AS text) IS NULL OR name = :name)
ORDER BY received_at DESC, event_id DESC LIMIT :most
""").bindparams(bindparam("name", None))
# Of the last 10,000 events of a day: enough to see whether a page sends something, and always quick.
SEEN = text("""
WITH recent AS MATERIALIZED (
    SELECT name, received_at, by, outcome, substring(page FROM '^https?://([^/:?#]+)') AS host FROM tag_event
    WHERE shop_id = :shop AND received_at > now() - interval '24 hours' ORDER BY received_at DESC LIMIT 10000
)
SELECT 'name' AS kind, name AS value, count(*) AS number, max(received_at) AS last_at,
       count(*) FILTER (WHERE by <> 'person') AS others FROM recent GROUP BY name
UNION ALL
SELECT 'host', host, count(*), max(received_at), count(*) FILTER (WHERE by <> 'person') FROM recent
WHERE host IS NOT NULL GROUP BY host
UNION ALL
SELECT 'outcome', outcome, count(*), max(received_at), 0 FROM recent WHERE outcome IS NOT NULL GROUP BY outcome
ORDER BY 1, 4 DESC
""")
REFUSED = text(
    "SELECT code, count, last_at, pointer, host FROM tag_refusal WHERE shop_id = :shop ORDER BY last_at DESC"
)


@dataclass(frozen=True, slots=True)
class TagReads:
    """Each read is one transaction."""

    units: Units
    box: SecretBox

    async def settings(self, shop_id: ShopId) -> TagSettings:
        async with self.units(shop_id) as unit:
            return await PostgresTagSettings(unit, self.box).get()

    async def latest(self, shop_id: ShopId, *, until: Any, before: Any, name: str | None, most: int) -> Sequence[Any]:
        parameters = {"shop": shop_id, "until": until, "before": before, "name": name, "most": most}
        async with self.units(shop_id) as unit:
            return (await unit.sql.execute(LATEST, parameters)).all()

    async def health(self, shop_id: ShopId) -> tuple[TagSettings, Sequence[Row[Any]], Sequence[Row[Any]]]:
        """The settings, what was seen in the last day, and what was refused."""
        async with self.units(shop_id) as unit:
            settings = await PostgresTagSettings(unit).get()
            seen = (await unit.sql.execute(SEEN, {"shop": shop_id})).all()
            return settings, seen, (await unit.sql.execute(REFUSED, {"shop": shop_id})).all()
