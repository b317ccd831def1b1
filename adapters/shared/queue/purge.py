"""Drops what the queue between contexts no longer needs: the outbox is kept 30 days, the inbox longer."""

from adapters.shared.postgres.database import Database
from adapters.shared.queue.jobs import Schedule

KEEP = (
    "DELETE FROM outbox WHERE recorded_at < now() - interval '30 days'"
    " AND (shop_id, event_id) NOT IN (SELECT shop_id, unnest(event_id || further) FROM delivery)",
    "DELETE FROM inbox WHERE received_at < now() - interval '45 days'",
    "DELETE FROM idempotency_key WHERE stored_at < now() - interval '30 days'",
)


def purge_schedule(context: str, database: Database) -> Schedule:
    """Nightly clean-up of one context's toolkit tables, as its relay role."""

    async def purge() -> None:
        async with await database.raw() as connection:
            for statement in KEEP:
                await connection.execute(statement.encode())

    return Schedule(f"{context}.purge", "17 3 * * *", purge)
