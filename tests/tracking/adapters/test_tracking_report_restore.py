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
PASS = "DO 'BEGIN FOR _ IN 1..1000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END'"


def test_what_another_server_wrote_is_counted_once(fresh_database: str) -> None:
    shop = new_id()
    with psycopg.connect(fresh_database, autocommit=True) as owner:
        query = "INSERT INTO tracking.known_shop VALUES (%s, 1, 'restored', 0, %s)"
        owner.execute(query, (shop, json.dumps(FACTS)))
        # Transactions are the server's, not the database's: others' go on meanwhile, but not by as many.
        far = _transaction(owner) + 2_000
        for transaction in (far, far + 1, far + 1000):
            owner.execute(CLICK, (shop, str(transaction)))
        owner.execute("UPDATE tracking.report_progress SET counted_below = %s::text::xid8", (str(far + 10**9),))
        assert asyncio.run(_counted(fresh_database, owner, shop)) == 3
        while _transaction(owner) <= far + 1000:
            owner.execute(PASS)
        for _ in range(60):
            owner.execute(CLICK, (shop, None))
        assert asyncio.run(_counted(fresh_database, owner, shop)) == 63


def _transaction(owner: psycopg.Connection) -> int:
    row = owner.execute("SELECT pg_current_xact_id()::text").fetchone()
    assert row is not None
    return int(row[0])


async def _counted(conninfo: str, owner: psycopg.Connection, shop: UUID) -> int:
    """What is counted once everything of before is: no transaction of any database of the server may run any more."""
    now = _transaction(owner)
    installation = Installation(settings(contexts="tracking"), conninfo)
    roller = Roller(installation.contexts["tracking"].relay_database)
    try:
        async with asyncio.timeout(30):
            while await roller.round() or not _reached(owner, now):
                pass
    finally:
        await roller.close()
        await installation.close()
    query = "SELECT sum(clicks)::int FROM tracking.report_hour WHERE shop_id = %s"
    row = owner.execute(query, (shop,)).fetchone()
    return int(row[0]) if row and row[0] else 0


def _reached(owner: psycopg.Connection, transaction: int) -> bool:
    row = owner.execute("SELECT counted_below > %s::text::xid8 FROM tracking.report_progress", (str(transaction),))
    return row.fetchone() == (True,)
