"""Clicks are no longer found by their link: each click paid for that index, and settling visits was its only reader."""

from alembic import op

revision = "tracking_0037"
down_revision = "tracking_0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With the table's index those of its months go; new months take the table's indexes, which this is none of.
    op.execute("DROP INDEX tracking.click_of_link")
