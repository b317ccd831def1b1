"""An order says whether its money was charged back: its reasons do. False for orders that were heard of before."""

from alembic import op

revision = "referral_0007"
down_revision = "referral_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE referral.settled_order ADD COLUMN charged_back boolean NOT NULL DEFAULT false")
