"""Drops what the queue between contexts no longer needs: the outbox is kept 30 days, the inbox longer.

And what PgQueuer writes down of each job, tracebacks among it: nothing reads it later, and the library drops nothing.
"""

from typing import Final

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.sweep import Old, drop_old
from adapters.shared.queue.jobs import Schedule

FACTS: Final = (
    Old(
        "outbox",
        "recorded_at < now() - interval '30 days'"
        " AND (shop_id, event_id) NOT IN (SELECT shop_id, unnest(event_id || further) FROM delivery)",
    ),
    Old("inbox", "received_at < now() - interval '45 days'"),
    Old("idempotency_key", "stored_at < now() - interval '30 days'"),
)
JOBS: Final = (
    Old("pgqueuer_log", "created < now() - interval '30 days'"),
    Old("pgqueuer_statistics", "created < now() - interval '30 days'"),
)


def purge_schedule(context: str, database: Database, relay: Database) -> Schedule:
    """Nightly clean-up of one context's toolkit tables: jobs belong to the context's own role, facts to its relay's."""

    async def purge() -> None:
        await drop_old(database, *JOBS)
        await drop_old(relay, *FACTS)

    return Schedule(f"{context}.purge", "17 3 * * *", purge)
