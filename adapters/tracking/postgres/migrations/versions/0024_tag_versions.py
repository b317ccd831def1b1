"""A tag's settings count their versions, so that a change on what is no longer so can be refused."""

from alembic import op

revision = "tracking_0024"
down_revision = "tracking_0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE tracking.tag_settings ADD COLUMN version int NOT NULL DEFAULT 1")
