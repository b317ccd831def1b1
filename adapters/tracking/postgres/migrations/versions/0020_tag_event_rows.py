"""The type in which tag events are handed over. It never changes while a version that writes it is in use."""

from alembic import op

revision = "tracking_0020"
down_revision = "tracking_0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
CREATE TYPE tracking.tag_event_row AS (
    shop_id uuid, event_id uuid, at timestamptz, happened_at timestamptz, received_at timestamptz, name text, by text,
    device text, address_hash bytea, visitor text, click_id uuid, claim_id uuid, page text, referrer text, title text,
    consent json, data json
)"""
    )
