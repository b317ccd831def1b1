"""The type in which clicks are handed over: their columns, without what the table adds itself.

It never changes while a version that writes it is in use: a further column comes with a further type.
"""

from alembic import op

revision = "tracking_0018"
down_revision = "tracking_0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
CREATE TYPE tracking.click_row AS (
    shop_id uuid, link_id uuid, visitor text, referrer_host text, language text, device text, agent_hash bigint,
    query bytea, utm_source text, utm_medium text, utm_campaign text, utm_term text, utm_content text, utm_id text,
    click_ids json, click_id uuid, recorded_at timestamptz, clicked_at timestamptz, address_hash bytea, country text,
    visit boolean
)"""
    )
