"""After a restore into another server, whose transactions start anew, clicks are counted once all the same."""

import asyncio
import json
from uuid import UUID

import psycopg

from adapters.host.composition import Installation
from adapters.shared.ids import new_id
from adapters.tracking.reports.roller import Roller
from tests.support.database import test_settings as settings

FACTS = {
    "revision": 1, "slug": "restored", "title": "R", "country": "DE", "currency": "EUR", "locales": ["de"],
    "default_locale": "de", "time_zone": "Europe/Berlin", "test_mode": False, "clock_offset_s": 0,
    "storefront_url": "https://nordlicht.example", "brand": {},
}  # fmt: skip
CLICK = """
INSERT INTO tracking.click (shop_id, click_id, recorded_at, clicked_at, link_id, visitor, query, referrer_host,
    language, address_hash, visit, tx)
VALUES (%s, gen_random_uuid(), now(), now(), gen_random_uuid(), 'person', '', '', '', '', true,
    coalesce(%s::text::xid8, pg_current_xact_id()))
"""


def test_what_another_server_wrote_is_counted_once(fresh_database: str) -> None:
    shop = new_id()
    with psycopg.connect(fresh_database, autocommit=True) as owner:
        query = "INSERT INTO tracking.known_shop VALUES (%s, 1, 'restored', 0, %s)"
        owner.execute(query, (shop, json.dumps(FACTS)))
        far = int(owner.execute("SELECT pg_current_xact_id()::text").fetchone()[0]) + 40  # type: ignore[index]
        for transaction in (far, far + 1, far + 1000):
            owner.execute(CLICK, (shop, str(transaction)))
        owner.execute("UPDATE tracking.report_progress SET counted_below = %s::text::xid8", (str(far + 900),))
        assert asyncio.run(_counted(fresh_database, owner, shop)) == 3
        for _ in range(60):
            owner.execute(CLICK, (shop, None))
        assert asyncio.run(_counted(fresh_database, owner, shop)) == 63


async def _counted(conninfo: str, owner: psycopg.Connection, shop: UUID) -> int:
    installation = Installation(settings(contexts="tracking"), conninfo)
    roller = Roller(installation.contexts["tracking"].relay_database)
    try:
        while await roller.round():
            pass
    finally:
        await roller.close()
        await installation.close()
    query = "SELECT sum(clicks)::int FROM tracking.report_hour WHERE shop_id = %s"
    row = owner.execute(query, (shop,)).fetchone()
    return int(row[0]) if row and row[0] else 0
