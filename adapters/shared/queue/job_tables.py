"""How PgQueuer's objects of one context are called."""

from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import Channel


def job_settings(context: str) -> DBSettings:
    """PgQueuer's names for one context: its tables stand in the context's schema, its channel is the context's own."""
    return DBSettings(db_schema=context, channel=Channel(f"grapevine_{context}_jobs"))
