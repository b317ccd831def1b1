"""Retention takes an order out of what replays found about it."""

from alembic import op

revision = "tracking_0014"
down_revision = "tracking_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("GRANT DELETE ON tracking.replay_difference TO grapevine_tracking")
