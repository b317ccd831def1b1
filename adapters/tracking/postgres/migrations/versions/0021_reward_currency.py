"""Rewards keep their currency; what was heard before is in the shop's."""

from alembic import op

revision = "tracking_0021"
down_revision = "tracking_0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE tracking.known_reward ADD COLUMN currency text")
