"""Tag events are found by their id first: ids begin with their time, so that new ones stand together in the index.

By shop first each new event went to another page of it, and left half of each page empty.
"""

from alembic import op

revision = "tracking_0036"
down_revision = "tracking_0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE tracking.tag_event DROP CONSTRAINT tag_event_pkey")
    op.execute("ALTER TABLE tracking.tag_event ADD PRIMARY KEY (event_id, shop_id, at)")
